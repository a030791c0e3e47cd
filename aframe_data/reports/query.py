"""What a query found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.types import CatalogEvent, Segment


@dataclass(frozen=True)
class FlagReport:
    """What one flag gave.

    Attributes
    ----------
    flag, source, origin
        The flag, the source that answered, and where the answer came from.
    active, known
        Seconds; `known` is None where the source cannot tell. What a veto definer's row makes active is padded.
    excluded
        Whether the flag was subtracted.
    category
        That of a veto definer's row.
    """

    flag: str
    source: str
    origin: str
    active: float
    known: float | None
    excluded: bool = False
    category: int | None = None


@dataclass(frozen=True)
class QueryResult(Report):
    """The segments, and how they came about; the forecast of a query is what it finds.

    Attributes
    ----------
    segments
        Sorted and disjoint, whole seconds where the sources give whole seconds. Pieces made by
        ``max_duration`` may touch.
    flags
        One report for each flag, and for each row of the veto definer.
    events
        The catalogued events around which time was removed.
    record
        The provenance.
    path
        The file that holds them, or None where none was asked for.
    present
        True if the same query was written to the output file before, and nothing was asked.
    """

    segments: tuple[Segment, ...]
    flags: tuple[FlagReport, ...]
    events: tuple[CatalogEvent, ...]
    record: Mapping[str, Any]
    path: Path | None = None
    present: bool = False

    @property
    def livetime(self) -> float:
        """Seconds in all segments."""
        return math.fsum(segment.duration for segment in self.segments)

    def describe(self) -> dict[str, Any]:
        """The result as JSON has it."""
        told = {name: value for name, value in super().describe().items() if name != "record"}
        return {**told, "segments": [[one.start, one.stop] for one in self.segments], "livetime": self.livetime}
