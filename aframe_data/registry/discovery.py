"""Finding plugins: one broken plugin never takes another one with it.

pluggy does the hooks; the loading of entry points is here, because pluggy's own loader stops at the first
plugin that fails and skips, in silence, a second distribution that uses the same entry-point name.
"""

from __future__ import annotations

import dataclasses
import os
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from aframe_data import __version__
from aframe_data.errors import PluginError, did_you_mean
from aframe_data.plugin.records import (
    API_VERSION,
    ExportProvider,
    PriorProvider,
    Provider,
    SegmentSourceProvider,
    SourceKindProvider,
    StrainFetcherProvider,
    WaveformGeneratorProvider,
)
from aframe_data.streams import printed_aside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importlib_metadata import Distribution, EntryPoint

ENTRY_POINT_GROUP = "aframe_data"
DISABLE_VARIABLE = "AFRAME_DATA_DISABLE_PLUGINS"
BUILT_IN = "aframe-data"
_UNKNOWN = "unknown"

Status = Literal["ok", "missing dependency", "failed", "disabled"]

#: Each hook and the record that it yields.
HOOKS: dict[str, type[Provider]] = {
    "register_segment_sources": SegmentSourceProvider,
    "register_strain_fetchers": StrainFetcherProvider,
    "register_priors": PriorProvider,
    "register_waveform_generators": WaveformGeneratorProvider,
    "register_source_kinds": SourceKindProvider,
    "register_exports": ExportProvider,
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
    announced = [(_switched_off(plugin), entry_point) for plugin, entry_point in _announced()]
    strange = {
        plugin.qualified_name: entry_point
        for plugin, entry_point in announced
        if entry_point is not None and plugin.status == "ok" and not plugin.built_in
    }
    reasons: dict[str, str] = {}
    if strange:
        from aframe_data.registry import trial  # a command without strangers does without

        reasons = trial.unfit(strange)
    plugins = []
    for plugin, entry_point in announced:
        if plugin.qualified_name in reasons and plugin.status == "ok":
            plugins.append(replace(plugin, status="failed", reason=reasons[plugin.qualified_name]))
        else:
            plugins.append(plugin if entry_point is None or plugin.status != "ok" else _load(plugin, entry_point))
    plugins.sort(key=lambda plugin: (not plugin.built_in, plugin.qualified_name))
    return tuple(_without_repeated_names(plugins))


def _announced() -> Iterator[tuple[Plugin, EntryPoint | None]]:
    """Every entry point, and the plugin that it announces; None in its place if it cannot be read.

    `importlib_metadata.entry_points` would raise for all where one distribution's files are damaged.
    """
    from importlib_metadata import Distribution

    seen = set()
    for found in Distribution.discover():
        entry_points, reason = _entry_points(found)
        if not entry_points and not reason:
            continue
        name, version = _identity(found)
        # An editable install beside its build folder lists one distribution twice; the first is the one in use.
        if name in seen:
            continue
        if name != _UNKNOWN:
            seen.add(name)
        if reason:
            yield Plugin(name, name, version, module="", status="failed", reason=reason), None
        for entry_point in entry_points:
            yield Plugin(entry_point.name, name, version, module=entry_point.value), entry_point


def _entry_points(found: Distribution) -> tuple[tuple[EntryPoint, ...], str]:
    """A distribution's entry points in our group, or why they cannot be read."""
    try:
        if f"[{ENTRY_POINT_GROUP}]" not in (found.read_text("entry_points.txt") or ""):
            return (), ""  # as nearly all: there is no need to take theirs apart
    except UnicodeDecodeError:
        return (), ""
    try:
        return tuple(found.entry_points.select(group=ENTRY_POINT_GROUP)), ""
    # A damaged file gives whatever its parser stumbles over.
    except Exception as error:  # noqa: BLE001
        return (), f"its entry_points.txt cannot be read: {_one_line(error)}"


def _identity(found: Distribution) -> tuple[str, str]:
    """Name, in the normal form, and version."""
    try:
        metadata = found.metadata  # read and parsed each time
        return normal_form(metadata["Name"] or _UNKNOWN), metadata["Version"] or _UNKNOWN
    # Without METADATA, or without a field of it; the error depends on the version of importlib_metadata.
    except (LookupError, OSError):
        return _UNKNOWN, _UNKNOWN


def normal_form(distribution: str) -> str:
    """A distribution's name as PEP 503 compares it, so that "Aframe_Data" is aframe-data."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _switched_off(plugin: Plugin) -> Plugin:
    disabled = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")}
    if not disabled & {plugin.name, plugin.qualified_name}:
        return plugin
    return replace(plugin, status="disabled", reason=f"switched off by {DISABLE_VARIABLE}")


def _load(plugin: Plugin, entry_point: EntryPoint) -> Plugin:
    providers, reason = read_providers(entry_point)
    return replace(plugin, status="failed", reason=reason) if reason else replace(plugin, providers=providers)


def read_providers(entry_point: EntryPoint) -> tuple[tuple[Provider, ...], str]:
    """Import a plugin and ask it for its providers; none and the reason, in one line, where that fails."""
    try:
        # Results go to stdout, and what a plugin prints at import is none.
        with printed_aside():
            return tuple(_collect(entry_point.load())), ""
    # A stranger's module may raise anything, even SystemExit; the error is kept for `plugins list`.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return (), _one_line(error)


def _collect(module: Any) -> Iterator[Provider]:
    """Ask one plugin for its providers, and check them."""
    import pluggy

    from aframe_data.plugin import hooks as hookspecs

    # One manager each: two distributions may name one module.
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(module)
    callers = manager.get_hookcallers(module) or []
    if not callers:
        raise PluginError(f"{getattr(module, '__name__', module)!s} has no function marked with hookimpl")
    for caller in callers:
        record = HOOKS.get(caller.name)
        if record is None:
            hint = did_you_mean(caller.name, HOOKS)
            raise PluginError(f"there is no hook {caller.name!r}.{hint} Hooks: {', '.join(HOOKS)}")
        names = set()
        answers = caller()
        if len(answers) < len(caller.get_hookimpls()):  # pluggy leaves None out
            raise PluginError(f"{caller.name} gives None: it must yield {record.__name__}s, or return a list of them")
        for given in answers:
            if isinstance(given, Provider):
                raise PluginError(f"{caller.name} returns one {record.__name__}: yield it, or return a list")
            for provider in given:
                if not isinstance(provider, record):
                    raise PluginError(f"{caller.name} must give {record.__name__}, not {provider!r}")
                if provider.name in names:
                    raise PluginError(f"{caller.name} gives {provider.name!r} twice")
                names.add(provider.name)
                yield provider


def _without_repeated_names(plugins: Iterable[Plugin]) -> Iterator[Plugin]:
    """Refuse the second plugin of one distribution that gives the same name: ``distribution:name`` is unique."""
    givers: dict[tuple[str, str, str], str] = {}
    for plugin in plugins:
        keys = [(plugin.distribution, provider.title, provider.name) for provider in plugin.providers]
        repeated = next((key for key in keys if key in givers), None)
        if repeated is None:
            givers.update(dict.fromkeys(keys, plugin.qualified_name))
            yield plugin
        else:
            reason = f"{givers[repeated]} gives a {repeated[1]} {repeated[2]!r} too"
            yield replace(plugin, status="failed", reason=reason, providers=())


#: How Python says that a class was given what it does not take.
_UNREAD = re.compile(r"(?P<record>\w+)\.__init__\(\) got an unexpected keyword argument '(?P<field>\w+)'")


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    found = _UNREAD.search(text)
    record = found and next((kind for kind in KINDS.values() if kind.__name__ == found["record"]), None)
    if found and record:
        hint = did_you_mean(found["field"], [field.name for field in dataclasses.fields(record)])
        return (
            f"{found['record']} has no {found['field']!r} in aframe-data {__version__}, whose plugin API has version "
            f"{API_VERSION}: the plugin may be for another one.{hint}"
        )
    return text if isinstance(error, PluginError) and text else f"{type(error).__name__}: {text}".rstrip(": ")
