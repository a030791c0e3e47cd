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
    found = {source.path: share for source in sources if (share := _share_of(source)) is not None}
    if not found:
        return tuple(sources)
    first, (its, run) = next(iter(found.items()))
    there: dict[int, LedgerSource] = {}
    for source in sources:
        if source.path not in found:
            raise UsageError(f"{first} is part {its} of a run, and {source.path} is not.")
        part, whole = found[source.path]
        told = f"part {part}, not {its}" if part.count != its.count else difference(whole, run)
        if told:
            raise UsageError(f"{source.path} is not of the same run as {first}: {told}.")
        same = there.setdefault(part.number, source)
        if same is not source:
            raise UsageError(f"{same.path} and {source.path} are both part {part}: its signals would count twice.")
    missing = [str(Part(number, its.count)) for number in range(1, its.count + 1) if number not in there]
    if missing and not some:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise UsageError(
            f"{'part' if len(missing) == 1 else 'parts'} {', '.join(missing[:_NAMED])}{more} of the run of "
            f"{first} {'is' if len(missing) == 1 else 'are'} missing: all must be given."
        )
    return tuple(source for _, source in sorted(there.items()))


def _share_of(source: LedgerSource) -> tuple[Part, Identity] | None:
    """Which part a file is, and the identity of the run that it is a part of; None where it is none."""
    record = source.record or {}
    try:
        part = part_of(identity_of(record))
        return None if part is None else (part, record_of_whole(record)["identity"])
    except (AframeDataError, LookupError, TypeError, AttributeError) as error:
        raise _damaged(source.path) from error


def _damaged(path: Path) -> DataQualityError:
    return DataQualityError(f"{path} has a damaged record: it does not say which part of which run it is.")


def whole_of(source: LedgerSource) -> Identity | None:
    """The identity of the run that a file is a part of; None where it is none."""
    share = _share_of(source)
    return None if share is None else share[1]


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
