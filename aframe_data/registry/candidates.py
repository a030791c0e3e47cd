"""Which providers to try, and in what order: the ones that were named, or, with ``auto``, all that are fit.

Flags and channels say by their form whose they are: each goes to the providers that accept it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, MissingDependencyError, UsageError
from aframe_data.plugin.records import AUTO, ArchiveProvider
from aframe_data.registry.choice import Choice, assign_options
from aframe_data.registry.discovery import KINDS
from aframe_data.registry.loading import load_class
from aframe_data.registry.names import Registered, match, registered, unusable_plugins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def with_options(
    kind: str, names: Sequence[str], *, wanted: Sequence[str] | None, automatic: bool = True
) -> tuple[Registered, ...]:
    """The providers whose options a command line must know: all that `candidates` and others here may choose.

    None of them is asked whether it is fit for use.

    Parameters
    ----------
    kind, names
        As for `candidates`; no name is ``auto``.
    wanted
        Flags or channels, of different archives perhaps: ``auto`` means the providers that accept one of them, or,
        where nobody does, all that may be chosen automatically. None where nobody knows yet what all is wanted.
    automatic
        Whether ``auto`` may be said.

    Raises
    ------
    UsageError
        A name is unknown.
    """
    if names and tuple(names) != (AUTO,):
        return _named(kind, names)
    able = _automatic(kind) if automatic else ()
    # Of what nobody accepts `candidates` tells more, and then all options may as well be known.
    return tuple(entry for entry in able if any(accepts(entry, item) for item in wanted or ())) or able


def candidates(kind: str, names: Sequence[str]) -> tuple[Registered, ...]:
    """The providers to try, in order, for what any of them can be asked for.

    Parameters
    ----------
    kind
        A key of `aframe_data.registry.discovery.KINDS`.
    names
        Names in the order in which they are tried; ``("auto",)`` means every provider that may be chosen
        automatically and is fit for use, the built-in ones first. One that must be told something (an option without
        a default) has to be named.

    Raises
    ------
    UsageError
        A name is unknown, or there is none.
    MissingDependencyError, PluginError
        ``auto`` finds only providers that cannot be used; the first one's reason.
    """
    if tuple(names) == (AUTO,):
        able = _automatic(kind)
        if not able:
            raise UsageError(f"there is no {KINDS[kind].title} that can be chosen automatically; name one.")
        return _fit({"": able})[""]
    if not names:
        raise UsageError(f"no {KINDS[kind].title} was named: name at least one, or {AUTO!r}.")
    return _named(kind, names)


def candidates_of_each(kind: str, names: Sequence[str], wanted: Sequence[str]) -> dict[str, tuple[Registered, ...]]:
    """The providers to try, in order, for each flag or channel by itself: of different archives, in one request.

    Parameters
    ----------
    kind, names
        As for `candidates`. An item goes to those of the providers that accept it, in their order.
    wanted
        Flags or channels.

    Raises
    ------
    UsageError
        A name is unknown, no provider accepts one of `wanted`, or a named provider accepts none of them.
    MissingDependencyError, PluginError
        As `candidates`, for one of `wanted`.
    """
    if tuple(names) == (AUTO,):
        return _fit({item: _able(kind, item) for item in wanted})
    entries = candidates(kind, names)
    for entry in entries:
        if wanted and not any(accepts(entry, item) for item in wanted):
            raise UsageError(_refusal(entry, wanted[0]))
    chosen = {item: tuple(entry for entry in entries if accepts(entry, item)) for item in wanted}
    for item, accepting in chosen.items():
        if not accepting and len(entries) == 1:
            raise UsageError(_refusal(entries[0], item))
        if not accepting:
            known = "; ".join(f"{entry.key}: {_accepted(entry)}" for entry in entries)
            raise UsageError(f"none of the named {KINDS[kind].title}s accepts {item!r}. They accept {known}.")
    return chosen


def choose_each(
    kind: str, names: Sequence[str], wanted: Sequence[str], options: Mapping[str, Any]
) -> dict[str, tuple[Choice, ...]]:
    """As `candidates_of_each`, with each option given to the provider that has it; errors as `assign_options` too."""
    entries = candidates_of_each(kind, names, wanted)
    chosen = {entry.key: entry for accepting in entries.values() for entry in accepting}
    choices = dict(zip(chosen, assign_options(tuple(chosen.values()), options), strict=True))
    return {item: tuple(choices[entry.key] for entry in accepting) for item, accepting in entries.items()}


def each_once(chosen: Mapping[str, Sequence[Choice]]) -> tuple[Choice, ...]:
    """All choices of `choose_each`, in the order in which flags or channels come to them."""
    return tuple({choice.key: choice for choices in chosen.values() for choice in choices}.values())


def _able(kind: str, item: str) -> Sequence[Registered]:
    """Those that ``auto`` may choose for a flag or a channel."""
    able = [entry for entry in _automatic(kind) if accepts(entry, item)]
    if not able:
        raise UsageError(_nobody_accepts(kind, item))
    return able


def _named(kind: str, names: Sequence[str]) -> tuple[Registered, ...]:
    """The providers of some names, in their order."""
    if AUTO in names:
        raise UsageError(f"{AUTO!r} already means all suitable {KINDS[kind].title}s: give no other names with it.")
    return tuple({(entry := match(kind, name)[0]).key: entry for name in names}.values())


def _automatic(kind: str) -> tuple[Registered, ...]:
    """Those that ``auto`` may choose: not what only a user can ask for, nor what must be told something."""
    return tuple(entry for entry in registered(kind) if entry.provider.automatic and not _must_be_told(entry))


def _must_be_told(entry: Registered) -> bool:
    specs = entry.provider.option_specs
    return any(spec.required and not (spec.env and os.environ.get(spec.env)) for spec in specs)


def _fit(able: Mapping[str, Sequence[Registered]]) -> dict[str, tuple[Registered, ...]]:
    """Those that can be imported: what is broken and was not asked for by name must not stop what works.

    Where none can, the error of the first is raised; else those that are left out are told, each once.
    """
    import logging  # a help page does without

    unfit: dict[Registered, AframeDataError] = {}
    for entry in {entry.key: entry for entries in able.values() for entry in entries}.values():
        try:
            entry.require_installed()
            if not entry.plugin.built_in:  # ours are tested, and importing them here costs memory that workers need
                load_class(entry)
        except AframeDataError as error:
            unfit[entry] = error
    fit = {item: tuple(entry for entry in entries if entry not in unfit) for item, entries in able.items()}
    for item, entries in fit.items():
        if not entries:
            raise unfit[able[item][0]]
    for entry, reason in unfit.items():
        # A client of ours that nobody installed is no news where other sources serve.
        expected = entry.plugin.built_in and isinstance(reason, MissingDependencyError)
        level = logging.INFO if expected else logging.WARNING
        logging.getLogger(__name__).log(level, "%s is left out: %s", entry.key, reason)
    return fit


def accepts(entry: Registered, item: str) -> bool:
    """Whether a provider can be asked for a flag or a channel; any provider of other kinds can."""
    return not isinstance(entry.provider, ArchiveProvider) or entry.provider.accepts(item)


def _accepted(entry: Registered) -> str:
    """What an archive accepts: an example says more to people than a regular expression."""
    if not isinstance(entry.provider, ArchiveProvider):
        return ""
    example = entry.provider.example
    patterns = f"{' or '.join(entry.provider.patterns)} (regular expressions)"
    return f"names such as {example[0]!r}" if example else patterns


def _refusal(entry: Registered, item: str) -> str:
    return f"{entry.provider.title} {entry.key!r} does not accept {item!r}, only {_accepted(entry)}."


def _nobody_accepts(kind: str, item: str) -> str:
    automatic = _automatic(kind)
    known = "; ".join(f"{entry.key}: {_accepted(entry)}" for entry in automatic)
    upper = item.upper()
    hint = f" Did you mean {upper!r}?" if any(accepts(entry, upper) for entry in automatic) else ""
    others = [entry.key for entry in registered(kind) if entry not in automatic and accepts(entry, item)]
    if others:
        hint += f" Accepted if you name the source: {' or '.join(others)}."
    hint += unusable_plugins()
    return f"no {KINDS[kind].title} accepts {item!r}.{hint} They accept {known or 'nothing'}."
