"""Finding plugins: one broken plugin never takes another one with it, and no name can be stolen.

pluggy does the hooks; the loading of entry points is here, because pluggy's own loader stops at the first
plugin that fails and skips, in silence, a second distribution that uses the same entry-point name.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from aframe_data.errors import MissingDependencyError, PluginError, did_you_mean
from aframe_data.providers import (
    PriorProvider,
    Provider,
    SegmentSourceProvider,
    StrainFetcherProvider,
    WaveformGeneratorProvider,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pluggy
    from importlib_metadata import EntryPoint

ENTRY_POINT_GROUP = "aframe_data"
DISABLE_VARIABLE = "AFRAME_DATA_DISABLE_PLUGINS"
BUILT_IN = "aframe-data"

Status = Literal["ok", "missing dependency", "failed", "disabled"]

#: Each hook and the record that it yields.
HOOKS: dict[str, type[Provider]] = {
    "register_segment_sources": SegmentSourceProvider,
    "register_strain_fetchers": StrainFetcherProvider,
    "register_priors": PriorProvider,
    "register_waveform_generators": WaveformGeneratorProvider,
}

#: The kinds of provider, by the short name that the command line uses.
KINDS: dict[str, type[Provider]] = {record.kind: record for record in HOOKS.values()}


@dataclass(frozen=True)
class Plugin:
    """One entry point, and what became of it.

    Attributes
    ----------
    name, distribution, version, module
        As the distribution's metadata says.
    status
        ``"ok"``, ``"failed"`` or ``"disabled"``.
    reason
        Why it is not ok, in one line.
    providers
        What it gives; empty unless it is ok.
    """

    name: str
    distribution: str
    version: str
    module: str
    status: Status = "ok"
    reason: str = ""
    providers: tuple[Provider, ...] = field(default=(), repr=False)

    @property
    def qualified_name(self) -> str:
        """``distribution:name``, unique among all that is installed."""
        return f"{self.distribution}:{self.name}"

    @property
    def built_in(self) -> bool:
        """Whether aframe-data itself brings this plugin."""
        return self.distribution == BUILT_IN


@cache
def discover() -> tuple[Plugin, ...]:
    """Every installed plugin, the built-in ones first; nothing that fails in one of them is raised."""
    import pluggy
    from importlib_metadata import entry_points

    from aframe_data import hookspecs

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    plugins = [_load(manager, entry_point) for entry_point in _unique(entry_points(group=ENTRY_POINT_GROUP))]
    return tuple(sorted(plugins, key=lambda plugin: (not plugin.built_in, plugin.qualified_name)))


def _unique(found: Iterable[EntryPoint]) -> Iterator[EntryPoint]:
    # An editable install beside its build folder lists one distribution twice.
    seen = set()
    for entry_point in found:
        key = (_distribution(entry_point), entry_point.name, entry_point.value)
        if key not in seen:
            seen.add(key)
            yield entry_point


def _distribution(entry_point: EntryPoint) -> str:
    # The normal form of PEP 503, so that "Aframe_Data" is aframe-data.
    name = entry_point.dist.name if entry_point.dist else "unknown"
    return name.lower().replace("_", "-").replace(".", "-")


def _load(manager: pluggy.PluginManager, entry_point: EntryPoint) -> Plugin:
    plugin = Plugin(
        name=entry_point.name,
        distribution=_distribution(entry_point),
        version=entry_point.dist.version if entry_point.dist else "unknown",
        module=entry_point.value,
    )
    disabled = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")}
    if disabled & {plugin.name, plugin.qualified_name}:
        return replace(plugin, status="disabled", reason=f"switched off by {DISABLE_VARIABLE}")
    try:
        module = entry_point.load()
        manager.register(module, name=plugin.qualified_name)
        providers = tuple(_collect(manager, module))
    # A stranger's module may raise anything, even SystemExit; the error is kept for `plugins list`.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return replace(plugin, status="failed", reason=_one_line(error))
    return replace(plugin, providers=providers)


def _collect(manager: pluggy.PluginManager, module: Any) -> Iterator[Provider]:
    """Ask one plugin for its providers, and check them."""
    others = {other for other in manager.get_plugins() if other is not module}
    callers = manager.get_hookcallers(module) or []
    if not callers:
        raise PluginError(f"{getattr(module, '__name__', module)!s} has no function marked with hookimpl")
    for caller in callers:
        record = HOOKS.get(caller.name)
        if record is None:
            hint = did_you_mean(caller.name, HOOKS)
            raise PluginError(f"there is no hook {caller.name!r}.{hint} Hooks: {', '.join(HOOKS)}")
        for given in manager.subset_hook_caller(caller.name, remove_plugins=others)():
            for provider in given:
                if not isinstance(provider, record):
                    raise PluginError(f"{caller.name} must give {record.__name__}, not {provider!r}")
                yield provider


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, PluginError) and text else f"{type(error).__name__}: {text}".rstrip(": ")


# --- names ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Registered:
    """A provider under the name by which it can be asked for.

    Attributes
    ----------
    key
        The provider's bare name, or ``distribution:name`` where another distribution keeps the bare one.
    provider, plugin
        The record, and the plugin that gave it.
    warning
        Why the bare name does not find it, or who else claims the name; else empty.
    """

    key: str
    provider: Provider
    plugin: Plugin
    warning: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Import names that the provider requires and that are not installed."""
        from importlib.util import find_spec

        return tuple(name for name in self.provider.requires if find_spec(name.partition(".")[0]) is None)

    def require_installed(self) -> None:
        """Raise a `MissingDependencyError` with the command to run, if a required package is missing."""
        if self.missing:
            raise MissingDependencyError(
                f"{self.provider.title} {self.key!r} needs {', '.join(self.missing)}, which is not installed: "
                f"{self.provider.install}"
            )

    @property
    def status(self) -> Status:
        """``"ok"`` or ``"missing dependency"``."""
        return "missing dependency" if self.missing else "ok"


@cache
def registered(kind: str) -> tuple[Registered, ...]:
    """The providers of one kind (a key of `KINDS`), the built-in ones first.

    A name that several distributions claim belongs to aframe-data if it is among them, else to nobody; the
    others are found as ``distribution:name``.
    """
    claims: dict[str, list[tuple[Provider, Plugin]]] = defaultdict(list)
    for plugin in discover():
        for provider in plugin.providers:
            if provider.kind == kind:
                claims[provider.name].append((provider, plugin))
    found = [entry for name, claimed in claims.items() for entry in _settle(name, claimed)]
    return tuple(sorted(found, key=lambda entry: (not entry.plugin.built_in, entry.key)))


def _settle(name: str, claimed: list[tuple[Provider, Plugin]]) -> Iterator[Registered]:
    distributions = sorted({plugin.distribution for _, plugin in claimed})
    for provider, plugin in claimed:
        others = ", ".join(distribution for distribution in distributions if distribution != plugin.distribution)
        if not others:
            yield Registered(name, provider, plugin)
        elif plugin.built_in:
            yield Registered(name, provider, plugin, f"{others} gives a {name!r} too")
        else:
            qualified = f"{plugin.distribution}:{name}"
            yield Registered(qualified, provider, plugin, f"{others} gives {name!r} too; ask for {qualified!r}")
