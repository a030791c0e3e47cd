"""Files of segments, and what the plugin `file` answers from them."""

from __future__ import annotations

from aframe_data.plugin.values import resolve
from aframe_data.types import Segment, SegmentQuery
from aframe_data_plugins.file.options import FileOptions
from aframe_data_plugins.file.source import FileSegments

T0 = 1_240_579_783
ACTIVE = (Segment(T0, T0 + 100), Segment(T0 + 200, T0 + 350))
SPAN = (T0 - 1000, T0 + 1000)
PAIRS = [[int(segment.start), int(segment.stop)] for segment in ACTIVE]


def source(*paths, form="auto"):
    return FileSegments(resolve(FileOptions, {"path": [str(path) for path in paths], "format": form}, owner="file"))


def ask(paths, flag="H1_DATA", span=SPAN, form="auto"):
    paths = paths if isinstance(paths, tuple) else (paths,)
    return source(*paths, form=form).query(SegmentQuery(flag, *span))


def write(folder, text, name="segments.txt"):
    path = folder / name
    path.write_text(text)
    return path


def flags_of_gwpy():
    from gwpy.segments import DataQualityDict, DataQualityFlag, SegmentList
    from gwpy.segments import Segment as GwpySegment

    known = SegmentList([GwpySegment(T0 - 500, T0 + 500)])
    return DataQualityDict(
        {
            "H1:SCIENCE:1": DataQualityFlag("H1:SCIENCE:1", active=[tuple(pair) for pair in PAIRS], known=known),
            "L1:SCIENCE:1": DataQualityFlag("L1:SCIENCE:1", active=[(T0 + 50, T0 + 250)], known=known),
        }
    )
