"""Under which name a provider is found: no name can be stolen, and what is near is told.

A name that several distributions claim belongs to aframe-data if it is among them, else to nobody; the others are
found as ``distribution:name``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from aframe_data.errors import MissingDependencyError, PluginError, UsageError, unknown_name
from aframe_data.plugin.code import Code, module_file
from aframe_data.plugin.records import PriorProvider
from aframe_data.registry.discovery import KINDS, Plugin, Status, discover, normal_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.plugin.records import Provider


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
    """The providers of one kind (a key of `KINDS`), the built-in ones first."""
    claims: dict[str, list[tuple[Provider, Plugin]]] = defaultdict(list)
    for plugin in discover():
        for provider in plugin.providers:
            if provider.kind == kind:
                claims[provider.name].append((provider, plugin))
    found = [entry for name, claimed in claims.items() for entry in _settle(name, claimed)]
    return tuple(sorted(found, key=lambda entry: (not entry.plugin.built_in, entry.key)))


def everything_registered() -> list[Registered]:
    """The providers of all kinds."""
    return [entry for kind in KINDS for entry in registered(kind)]


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


def find(kind: str, name: str) -> Registered:
    """The provider that `name` means: a key, an alias, or ``distribution:name``.

    Raises
    ------
    UsageError
        There is none (with the nearest names), or two distributions claim the name.
    """
    entries = registered(kind)
    distribution, colon, bare = name.partition(":")
    qualified = f"{normal_form(distribution)}:{bare}" if colon else ""
    for entry in entries:
        if name == entry.key or qualified == f"{entry.plugin.distribution}:{entry.provider.name}":
            return entry
    matching = [entry for entry in entries if name == entry.provider.name or name in entry.provider.aliases]
    # As with names: no package can take a built-in alias away from everyone.
    matching = [entry for entry in matching if entry.plugin.built_in] or matching
    if len(matching) == 1:
        return matching[0]
    if matching:
        keys = " or ".join(repr(entry.key) for entry in matching)
        raise UsageError(f"{name!r} is the name of several {KINDS[kind].title}s: use {keys}.")
    _raise_if_broken(kind, name)
    unknown = unknown_name(KINDS[kind].title, name, [entry.key for entry in entries])
    raise UsageError(f"{unknown}{unusable_plugins()}")


def unusable_plugins() -> str:
    """The plugins that failed or are switched off, with the reason, as the end of an error; empty without any."""
    broken = [plugin for plugin in discover() if plugin.status in ("failed", "disabled")]
    told = "; ".join(f"{plugin.name} of {plugin.distribution} ({plugin.status}: {plugin.reason})" for plugin in broken)
    return f" Plugins that cannot be used: {told}." if told else ""


def _raise_if_broken(kind: str, name: str) -> None:
    """A plugin of that name that failed or is switched off deserves to be named."""
    for plugin in discover():
        if plugin.status != "ok" and name in (plugin.name, plugin.qualified_name):
            how = "failed" if plugin.status == "failed" else f"is {plugin.status}"
            raise PluginError(f"{KINDS[kind].title} {name!r} cannot be used: its plugin {how}: {plugin.reason}")


def match(kind: str, name: str) -> tuple[Registered, str | None]:
    """The provider that `name` means, and the text that goes to its pattern option (None for a plain name).

    A dotted path whose module there is means the function there; a provider's alias of that form is for where there
    is no such module.
    """
    taking = next((entry for entry in registered(kind) if _takes(entry, name)), None)
    if taking is not None and _takes_code(taking) and module_file(name.rpartition(".")[0]) is not None:
        return taking, name
    try:
        return find(kind, name), None
    except UsageError:
        if taking is None:
            raise
        return taking, name


def _takes(entry: Registered, name: str) -> bool:
    pattern = getattr(entry.provider, "pattern", None)
    return pattern is not None and re.fullmatch(pattern, name) is not None


def _takes_code(entry: Registered) -> bool:
    provider = entry.provider
    return isinstance(provider, PriorProvider) and any(
        spec.name == provider.pattern_option and spec.type is Code for spec in provider.option_specs
    )
