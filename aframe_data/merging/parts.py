"""Parts that many machines made of one run: whether they are all there, in which order, and the record of the whole."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import AframeDataError, DataQualityError, UsageError
from aframe_data.formats.ledger_source import SEGMENT_NUM_INJECTIONS
from aframe_data.reports.tally import Tally
from aframe_data.store.identity import difference, identity_of
from aframe_data.work.part import SEGMENTS, Part, part_of, record_of_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.formats.ledger_arrays import Array
    from aframe_data.formats.ledger_source import LedgerSource
    from aframe_data.store.identity import Identity

#: Missing parts that an error names.
_NAMED = 10


def in_order(sources: Sequence[LedgerSource], *, some: bool) -> tuple[LedgerSource, ...]:
    """The files in the order of their rows: parts by their numbers, and others as they are given.

    Parameters
    ----------
    some
        Whether parts may be missing, since they were removed.

    Raises
    ------
    UsageError
        Some are parts and some are not, or not of the same run; a part is missing, or there twice.
    """
    found = {source.path: _part_of(source) for source in sources}
    parts = {path: part for path, part in found.items() if part is not None}
    if not parts:
        return tuple(sources)
    first, *_ = [source for source in sources if source.path in parts]
    whole, count = whole_of(first) or {}, parts[first.path].count
    there: dict[int, LedgerSource] = {}
    for source in sources:
        part = found[source.path]
        if part is None:
            raise UsageError(f"{first.path} is part {parts[first.path]} of a run, and {source.path} is not.")
        told = (
            f"part {part}, not {parts[first.path]}"
            if part.count != count
            else difference(whole_of(source) or {}, whole)
        )
        if told:
            raise UsageError(f"{source.path} is not of the same run as {first.path}: {told}.")
        same = there.setdefault(part.number, source)
        if same is not source:
            raise UsageError(f"{same.path} and {source.path} are both part {part}: its signals would count twice.")
    missing = [str(Part(number, count)) for number in range(1, count + 1) if number not in there]
    if missing and not some:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise UsageError(
            f"{'part' if len(missing) == 1 else 'parts'} {', '.join(missing[:_NAMED])}{more} of the run of "
            f"{first.path} {'is' if len(missing) == 1 else 'are'} missing: all must be given."
        )
    return tuple(source for _, source in sorted(there.items()))


def _part_of(source: LedgerSource) -> Part | None:
    try:
        return None if source.record is None else part_of(identity_of(source.record))
    except (AframeDataError, AttributeError) as error:
        raise _damaged(source.path) from error


def _damaged(path: Path) -> DataQualityError:
    return DataQualityError(f"{path} has a damaged record: it does not say which part of which run it is.")


def whole_of(source: LedgerSource) -> Identity | None:
    """The identity of the run that a file is a part of; None where it is none."""
    try:
        return None if _part_of(source) is None else record_of_whole(source.record or {})["identity"]
    except (LookupError, TypeError, AttributeError) as error:
        raise _damaged(source.path) from error


def whole_record(parts: Sequence[LedgerSource]) -> dict[str, Any]:
    """The record that the run would have written on one machine: that of the first part, with the counts of all."""
    records = [_record(part) for part in parts]
    counts: dict[str, Any] = {}
    try:
        if "report" in records[0]:
            counts["report"] = sum((Tally.read(record["report"]) for record in records), Tally()).kept()
        else:
            counts["drawn"] = sum(int(record["drawn"]) for record in records)
            counts["failures"] = [failure for record in records for failure in record["failures"]]
    except (LookupError, TypeError, ValueError) as error:
        raise DataQualityError(
            f"the record of {parts[0].path}, or of another part, is damaged: it does not say what was drawn."
        ) from error
    return {**record_of_whole(records[0]), **counts}


def whole_draws(parts: Sequence[LedgerSource]) -> list[Mapping[str, Array]]:
    """What is other in the rows of each part than in the whole: the draws of their segment, which others may share."""
    if not all(SEGMENT_NUM_INJECTIONS in part.layout.parameters for part in parts):
        return [{} for _ in parts]
    drawn: Counter[int] = Counter()
    for part in parts:
        for number, _, here in _segments(part):
            drawn[number] += here
    return [
        {
            SEGMENT_NUM_INJECTIONS: np.repeat(
                np.array([drawn[number] for number, *_ in _segments(part)], dtype=np.float64),
                [rows for _, rows, _ in _segments(part)],
            )
        }
        for part in parts
    ]


def _segments(part: LedgerSource) -> list[tuple[int, int, int]]:
    """Of each segment with rows in a part: its number, and the rows and draws that are in the part."""
    try:
        found = [(int(number), int(rows), int(drawn)) for number, rows, drawn in _record(part)[SEGMENTS]]
    except (LookupError, TypeError, ValueError) as error:
        raise _damaged(part.path) from error
    if any(rows < 0 for _, rows, _ in found) or sum(rows for _, rows, _ in found) != part.layout.length:
        raise _damaged(part.path)
    return found


def _record(part: LedgerSource) -> Mapping[str, Any]:
    return part.record or {}
