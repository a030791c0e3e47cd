"""Segments in files of two columns, start and stop, in order and named by their flag: O1_SCIENCE.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.plugin import CatalogEvent, Segment, SegmentQuery, SegmentResult, unknown_name

if TYPE_CHECKING:
    from sound import ArchiveOptions

EVENTS = {"O100A": 1_000_000_012.5, "O100B": 1_000_000_040.0, "O100C": 1_000_000_063.75}


class Journal:
    def __init__(self, options: ArchiveOptions) -> None:
        self.folder = options.folder

    def query(self, query: SegmentQuery) -> SegmentResult:
        path = self.folder / f"{query.flag}.txt"
        if not path.exists():
            known = sorted(path.stem for path in self.folder.glob("O?_*.txt"))
            raise unknown_name("flag of the journal", query.flag, known)
        kept = np.loadtxt(self.folder / "known.txt", ndmin=2)
        return SegmentResult(
            self._inside(np.loadtxt(path, ndmin=2), query), self._inside(kept, query), origin=str(path)
        )

    def _inside(self, spans: np.ndarray, query: SegmentQuery) -> tuple[Segment, ...]:
        inside = spans.clip(query.start, query.stop)
        return tuple(Segment(start, stop) for start, stop in inside.tolist() if start < stop)

    def events(self, start: float, stop: float) -> list[CatalogEvent]:
        return [CatalogEvent(name, gps) for name, gps in EVENTS.items() if start <= gps < stop]
