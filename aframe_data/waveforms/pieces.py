"""Whether ledger files belong together: pieces of one kind, made alike, and none of them twice."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.store.identity import difference, identity_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.formats.ledger_source import LedgerSource
    from aframe_data.store.identity import Identity

_logger = logging.getLogger(__name__)

#: Of an identity, that in which pieces of one population agree.
_POPULATION = ("prior", "generator", "minimum_frequency", "reference_frequency", "acceptance")


def require_distinct(sources: Sequence[LedgerSource]) -> None:
    """Check that no signals are given twice, by whatever name.

    Raises
    ------
    UsageError
        They are.
    """
    seen: dict[Any, Path] = {}
    for source in sources:
        status = source.path.stat()
        same = seen.setdefault((status.st_dev, status.st_ino), source.path)
        if same is not source.path:
            raise UsageError(f"{str(source.path)!r} is given twice: its signals would count twice.")
        if not source.layout.length or source.written_hash is None:
            continue
        same = seen.setdefault(source.written_hash, source.path)
        if same is not source.path:
            raise UsageError(f"{same} and {source.path} hold the same signals, which would count twice.")


def require_alike(first: LedgerSource, second: LedgerSource) -> None:
    """Check that two files have the same attributes, and fields of the same shapes and types.

    Raises
    ------
    UsageError
        They have not.
    """
    ours, theirs = first.traits(), second.traits()
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in ours or name not in theirs:
            there, missing = (first, second) if name in ours else (second, first)
            told = f"{name} is in {there.path} and not in {missing.path}"
        elif not _equal(ours[name], theirs[name]):
            told = f"{name} is {ours[name]} in {first.path} and {theirs[name]} in {second.path}"
        else:
            continue
        raise UsageError(f"{told}: only files of the same kind and settings can be joined.")


def _equal(first: Any, second: Any) -> bool:
    not_a_number = first != first and second != second  # noqa: PLR0124 - NaN equals NaN here
    return not_a_number or bool(first == second)


def warn_of_differences(sources: Sequence[LedgerSource]) -> None:
    """Tell of what no attribute says and the provenance does."""
    seeds: dict[tuple[Any, ...], LedgerSource] = {}
    first = _population(_identity(sources[0]))
    for source in sources:
        if source.unknown:
            _logger.warning("%s also holds %s, which is left out.", source.path, ", ".join(source.unknown))
        identity = _identity(source)
        population, seed = _population(identity), identity.get("seed")
        told = difference(first, population) if first and population else ""
        if told:
            _logger.warning(
                "%s and %s were made with different arguments (%s): are they of one population?",
                sources[0].path,
                source.path,
                told.replace(" there, ", " and ").replace(" now", ""),
            )
        if seed is None:
            continue
        drawn = seeds.setdefault((seed, identity.get("stream")), source)
        if drawn is not source:
            _logger.warning(
                "%s and %s were made with the same seed %s: they may hold the same draws. Give each piece its own.",
                drawn.path,
                source.path,
                seed,
            )


def _identity(source: LedgerSource) -> Identity:
    """What a file is a function of, as far as its record says so; nothing for one of another program."""
    record = source.record or {}
    return identity_of(record) if isinstance(record.get("arguments", {}), Mapping) else {}


def _population(identity: Identity) -> dict[str, Any]:
    return {name: _by_content(value) for name, value in identity.items() if name in _POPULATION}


def _by_content(value: Any) -> Any:
    """A provider as identities have it; files of version 0.1.0 tell its version too, and the paths of its files."""
    if not isinstance(value, Mapping) or "options" not in value:
        return value
    files = value.get("sha256", {})
    options = {name: given for name, given in value["options"].items() if name not in files}
    return {**{name: item for name, item in value.items() if name != "version"}, "options": options}
