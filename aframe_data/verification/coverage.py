"""Which seconds of some segments files cover, and what becomes of the others: arithmetic, no files."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.segments import arithmetic
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aframe_data.segments.arithmetic import Segments


@dataclass(frozen=True)
class Gap:
    """A span that no file covers, and the segment in whose whole seconds it lies."""

    span: Segment
    segment: Segment


@dataclass(frozen=True)
class Coverage:
    """Where segments are not covered; with the covered ones, cut, missing and remainders make up their whole seconds.

    Attributes
    ----------
    cut
        Where none is, and it was said that the span was cut out.
    missing
        Where none is, for long enough to be one.
    remainders
        Where none is, and which are too short for a file.
    surplus
        Where files are, outside of all segments.
    """

    cut: Segments
    missing: tuple[Gap, ...]
    remainders: tuple[Gap, ...]
    surplus: Segments


def compare(
    segments: Iterable[Segment], spans: Iterable[Segment], *, min_duration: float, cut: Iterable[Segment] = ()
) -> Coverage:
    """Compare the spans of files with segments.

    Parameters
    ----------
    segments
        Disjoint; as for a fetch, parts of seconds at their ends do not count.
    spans
        Of files, in any order, overlapping or not.
    min_duration
        Seconds from which on a span without a file is missing.
    cut
        Spans that were cut out on purpose; the whole seconds that they touch are meant.
    """
    spans = arithmetic.coalesce(spans)
    segments = sorted(segments)
    pieces = [whole for segment in segments for whole in arithmetic.whole_seconds([segment])]
    gaps = arithmetic.subtract(pieces, spans)
    declared = arithmetic.intersect(gaps, arithmetic.outward(cut))
    rest = list(_by_piece(arithmetic.subtract(gaps, declared), pieces))
    return Coverage(
        cut=declared,
        missing=tuple(gap for gap in rest if gap.span.duration >= min_duration),
        remainders=tuple(gap for gap in rest if gap.span.duration < min_duration),
        surplus=arithmetic.subtract(spans, segments),
    )


def _by_piece(gaps: Iterable[Segment], pieces: Sequence[Segment]) -> Iterator[Gap]:
    """Cut gaps at the borders of pieces that touch: each piece is fetched for itself."""
    starts = [piece.start for piece in pieces]
    for gap in gaps:
        number = bisect_right(starts, gap.start) - 1
        while number < len(pieces) and pieces[number].start < gap.stop:
            piece = pieces[number]
            yield Gap(Segment(max(gap.start, piece.start), min(gap.stop, piece.stop)), piece)
            number += 1
