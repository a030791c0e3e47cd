"""Which providers to try, and in what order: the ones that were named, or, with ``auto``, all that are fit.

Flags and channels say by their form whose they are: each goes to the providers that accept it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, MissingDependencyError, UsageError
from aframe_data.plugin.records import AUTO, SegmentSourceProvider, StrainFetcherProvider
from aframe_data.registry.choice import Choice, assign_options
from aframe_data.registry.discovery import KINDS, discover
from aframe_data.registry.loading import load_class
from aframe_data.registry.names import Registered, match, registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


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


def candidates(kind: str, names: Sequence[str], wanted: Sequence[str] = ()) -> tuple[Registered, ...]:
    """The providers to try, in order.

    Parameters
    ----------
    kind
        A key of `aframe_data.registry.discovery.KINDS`.
    names
        Names in the order in which they are tried; ``("auto",)`` means every provider that may be chosen
        automatically, is fit for use and accepts all of `wanted`, the built-in ones first. One that must be
        told something (an option without a default) has to be named.
    wanted
        Flags or channels. Empty for kinds that have none.

    Raises
    ------
    UsageError
        A name is unknown, or does not accept one of `wanted`; or nothing accepts them all.
    MissingDependencyError, PluginError
        ``auto`` finds only providers that cannot be used; the first one's reason.
    """
    if tuple(names) == (AUTO,):
        able = _able(kind, wanted)
        unfit = _unfit(able)
        fit = _without(unfit, able)
        _tell(unfit)
        return fit
    if not names:
        raise UsageError(f"no {KINDS[kind].title} was named: name at least one, or {AUTO!r}.")
    entries = _named(kind, names)
    for entry in entries:
        for item in wanted:
            if not accepts(entry, item):
                raise UsageError(_refusal(entry, item))
    return entries


def candidates_of_each(kind: str, names: Sequence[str], wanted: Sequence[str]) -> dict[str, tuple[Registered, ...]]:
    """The providers to try, in order, for each flag or channel by itself: of different archives, in one request.

    Parameters
    ----------
    kind, names
        As for `candidates`. An item goes to those of the named providers that accept it, in the order of the
        names; or, with ``auto``, to those that `candidates` gives for it.
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
        able = {item: _able(kind, [item]) for item in wanted}
        unfit = _unfit(entry for entries in able.values() for entry in entries)
        fit = {item: _without(unfit, entries) for item, entries in able.items()}
        _tell(unfit)
        return fit
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


def _able(kind: str, wanted: Sequence[str]) -> list[Registered]:
    """Those that ``auto`` may choose and that accept all of `wanted`."""
    able = [*_automatic(kind)]
    for item in wanted:
        able = [entry for entry in able if accepts(entry, item)]
        if not able:
            raise UsageError(_nobody_accepts(kind, item))
    if not able:
        raise UsageError(f"there is no {KINDS[kind].title} that can be chosen automatically; name one.")
    return able


def _named(kind: str, names: Sequence[str]) -> tuple[Registered, ...]:
    """The providers of some names, each once."""
    return tuple({(entry := match(kind, name)[0]).key: entry for name in names}.values())


def _automatic(kind: str) -> tuple[Registered, ...]:
    """Those that ``auto`` may choose: not what only a user can ask for, nor what must be told something."""
    return tuple(entry for entry in registered(kind) if entry.provider.automatic and not _must_be_told(entry))


def _must_be_told(entry: Registered) -> bool:
    specs = entry.provider.option_specs
    return any(spec.required and not (spec.env and os.environ.get(spec.env)) for spec in specs)


def _unfit(entries: Iterable[Registered]) -> dict[Registered, AframeDataError]:
    """Why some cannot be imported: what is broken and was not asked for by name must not stop what works."""
    unfit: dict[Registered, AframeDataError] = {}
    for entry in {entry.key: entry for entry in entries}.values():
        try:
            entry.require_installed()
            if not entry.plugin.built_in:  # ours are tested, and importing them here costs memory that workers need
                load_class(entry)
        except AframeDataError as error:
            unfit[entry] = error
    return unfit


def _without(unfit: Mapping[Registered, AframeDataError], entries: Sequence[Registered]) -> tuple[Registered, ...]:
    """Those that are fit for use; or, where there is none, the reason of the first."""
    fit = tuple(entry for entry in entries if entry not in unfit)
    if not fit:
        raise unfit[entries[0]]
    return fit


def _tell(unfit: Mapping[Registered, AframeDataError]) -> None:
    import logging  # a help page does without

    logger = logging.getLogger(__name__)
    for entry, error in unfit.items():
        # A client of ours that nobody installed is no news where other sources serve.
        expected = entry.plugin.built_in and isinstance(error, MissingDependencyError)
        logger.log(logging.INFO if expected else logging.WARNING, "%s is left out: %s", entry.key, error)


def accepts(entry: Registered, item: str) -> bool:
    """Whether a provider can be asked for a flag or a channel; any provider of other kinds can."""
    provider = entry.provider
    if isinstance(provider, (SegmentSourceProvider, StrainFetcherProvider)):
        return provider.accepts(item)
    return True


def _accepted(entry: Registered) -> str:
    provider = entry.provider
    patterns = provider.flags if isinstance(provider, SegmentSourceProvider) else getattr(provider, "channels", ())
    return " or ".join(patterns)


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
    broken = [f"{plugin.name} ({plugin.status})" for plugin in discover() if plugin.status in ("failed", "disabled")]
    if broken:
        hint += f" Plugins that cannot be used: {', '.join(broken)}."
    return f"no {KINDS[kind].title} accepts {item!r}.{hint} They accept (as regular expressions) {known or 'nothing'}."
