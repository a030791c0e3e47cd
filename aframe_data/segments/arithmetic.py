"""Arithmetic of half-open segments; igwn-segments does it, this module speaks in `Segment`.

Every function of segments takes them in any order, overlapping or not, and returns sorted, disjoint segments that do
not touch. Times are GPS seconds.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from igwn_segments import segment as _segment
from igwn_segments import segmentlist as _segmentlist

from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aframe_data.formats.strain_part import Origin
    from aframe_data.types import Flaw, Piece

    #: What else lasts from a start to a stop.
    Spanning = TypeVar("Spanning", Flaw, Piece, Origin)

Segments = tuple[Segment, ...]


def coalesce(segments: Iterable[Segment]) -> Segments:
    """Join what overlaps or touches."""
    return _segments(_list(segments))


def intersect(first: Iterable[Segment], second: Iterable[Segment]) -> Segments:
    """Where both are: nothing for segments that only touch."""
    return _segments(_list(first) & _list(second))


def subtract(first: Iterable[Segment], second: Iterable[Segment]) -> Segments:
    """Where the first is and the second is not."""
    return _segments(_list(first) - _list(second))


def between(edges: Iterable[tuple[float, float]]) -> Segments:
    """Segments between pairs of edges; where the second does not lie behind the first, there is none."""
    return tuple(Segment(start, stop) for start, stop in edges if start < stop)


def covers(segments: Sequence[Segment], span: Segment) -> bool:
    """Whether a span lies within one of some segments, sorted and disjoint."""
    before = bisect_right(segments, span.start, key=lambda segment: segment.start)
    return before > 0 and span.stop <= segments[before - 1].stop


def contract(segments: Iterable[Segment], seconds: float) -> Segments:
    """Take `seconds` off both ends of each segment; what is too short vanishes."""
    return between((segment.start + seconds, segment.stop - seconds) for segment in coalesce(segments))


def whole_seconds(segments: Iterable[Segment]) -> Segments:
    """Shrink each segment to whole GPS seconds; what holds none vanishes."""
    return between((math.ceil(segment.start), math.floor(segment.stop)) for segment in coalesce(segments))


def outward(spans: Iterable[Segment] | Iterable[Flaw]) -> Segments:
    """The whole GPS seconds that spans touch."""
    return coalesce([Segment(math.floor(span.start), math.ceil(span.stop)) for span in spans])


def clip(items: Iterable[Spanning], segments: Sequence[Segment]) -> list[Spanning]:
    """What of items with a start and a stop (flaws, pieces) lies in segments, which are disjoint and do not touch."""
    return [
        replace(item, start=start, stop=stop)
        for item in items
        for segment in segments
        if (start := max(item.start, segment.start)) < (stop := min(item.stop, segment.stop))
    ]


def livetime(segments: Iterable[Segment]) -> float:
    """Seconds covered, each counted once."""
    return math.fsum(segment.duration for segment in coalesce(segments))


def split_evenly(segment: Segment, *, min_duration: float = 0, max_duration: float | None = None) -> Segments:
    """Split a segment into pieces that touch, of whole seconds and of lengths that differ by a second at most.

    Parameters
    ----------
    segment
        Start and stop are whole seconds.
    min_duration, max_duration
        Bounds on each piece, in seconds. Where even pieces would be shorter than `min_duration`, pieces of
        `max_duration` are cut from the start instead, and the short remainder is dropped. A segment shorter
        than `min_duration` gives nothing, nor do bounds with no whole second between them.
    """
    duration = round(segment.duration)
    if duration < min_duration:
        return ()
    if max_duration is None or duration <= max_duration:
        return (segment,)
    longest = math.floor(max_duration)
    if longest < max(1, min_duration):
        return ()
    count = math.ceil(duration / longest)
    edges = [segment.start + duration * number // count for number in range(count + 1)]
    if duration // count < min_duration:
        edges = [segment.start + longest * number for number in range(duration // longest + 1)]
    return between(itertools.pairwise(edges))


def cut(segment: Segment, times: Iterable[float]) -> Segments:
    """Cut a segment at those of some times, in order, that lie inside it; the pieces touch."""
    inside = (time for time in times if segment.start < time < segment.stop)
    return between(itertools.pairwise([segment.start, *inside, segment.stop]))


def split_in_steps(segment: Segment, *, min_duration: float = 0, max_duration: float | None = None) -> Segments:
    """Split a segment into pieces of just `max_duration`, in whole seconds, and a remainder behind them.

    Parameters
    ----------
    segment
        Start and stop are whole seconds.
    min_duration, max_duration
        Bounds on each piece, in seconds. A remainder shorter than `min_duration` is dropped, and so is a segment.
    """
    longest = math.floor(segment.duration if max_duration is None else max_duration)
    if longest < max(1, min_duration):
        return ()
    edges = [*range(int(segment.start), int(segment.stop), longest), int(segment.stop)]
    pieces = (Segment(start, stop) for start, stop in itertools.pairwise(edges))
    return tuple(piece for piece in pieces if piece.duration >= min_duration)


def _list(segments: Iterable[Segment]) -> _segmentlist:
    return _segmentlist([_segment(segment.start, segment.stop) for segment in segments]).coalesce()


def _segments(segments: _segmentlist) -> Segments:
    return tuple(Segment(start, stop) for start, stop in segments.coalesce())
