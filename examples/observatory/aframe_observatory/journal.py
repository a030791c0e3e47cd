"""Segments from files of two columns, start and stop, in order and named by their flag: O1_SCIENCE.txt."""

import numpy as np

from aframe_data.plugin import Segment, SegmentQuery, SegmentResult, unknown_name
from aframe_observatory import ArchiveOptions


class Journal:
    def __init__(self, options: ArchiveOptions) -> None:
        self.folder = options.folder

    def query(self, query: SegmentQuery) -> SegmentResult:
        path = self.folder / f"{query.flag}.txt"
        if not path.exists():
            known = sorted(path.stem for path in self.folder.glob("O1_*.txt"))
            raise unknown_name("flag of the observatory", query.flag, known)
        inside = np.loadtxt(path, ndmin=2).clip(query.start, query.stop)
        active = tuple(Segment(start, stop) for start, stop in inside.tolist() if start < stop)
        return SegmentResult(active, origin=str(path))
