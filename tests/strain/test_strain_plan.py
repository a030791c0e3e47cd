"""The plan of a fetch: pieces, blocks and names, for any segments."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.formats.background_names import parse_file_name
from aframe_data.segments import arithmetic
from aframe_data.strain import plan
from aframe_data.strain.units import Wanted
from aframe_data.types import Segment

GPS = 1_240_000_000


@st.composite
def disjoint_segments(draw: st.DrawFn) -> list[Segment]:
    """Segments in order, some of which touch, with edges on eighths of seconds."""
    edges = draw(st.lists(st.integers(0, 8 * 3000), min_size=2, max_size=14, unique=True).map(sorted))
    pairs = list(itertools.pairwise(edges))
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    return [Segment(GPS + a / 8, GPS + b / 8) for a, b in sorted(chosen)]


@given(
    disjoint_segments(),
    st.floats(0, 300),
    st.one_of(st.none(), st.floats(0, 500)),
)
def test_pieces_cover_the_whole_seconds_but_for_what_is_dropped(
    segments: list[Segment], min_duration: float, more: float | None
) -> None:
    max_duration = None if more is None else max(1.0, min_duration + more)
    kept, dropped = plan.pieces(segments, min_duration=min_duration, max_duration=max_duration)
    whole = [second for segment in segments for second in arithmetic.whole_seconds([segment])]
    assert arithmetic.coalesce([*kept, *dropped]) == arithmetic.coalesce(whole)
    assert sum(s.duration for s in (*kept, *dropped)) == sum(s.duration for s in whole)  # nothing twice
    for piece in kept:
        assert float(piece.start).is_integer()
        assert float(piece.stop).is_integer()
        assert min_duration <= piece.duration <= (max_duration or piece.duration)
        assert any(segment.start <= piece.start and piece.stop <= segment.stop for segment in segments)
    if max_duration is None:
        assert all(piece.duration < min_duration for piece in whole if piece not in kept)


def chunks_of_aframe(segments: list[Segment], max_duration: int) -> list[tuple[int, int]]:
    """Start and duration of each file of Aframe's pipeline: steps from each start, the remainder last."""
    chunks = []
    for segment in segments:
        start, left = int(segment.start), int(segment.stop) - int(segment.start)
        while left > 0:
            chunks.append((start, min(max_duration, left)))
            start, left = start + max_duration, left - max_duration
    return chunks


@given(disjoint_segments(), st.integers(1, 500), st.integers(0, 300))
def test_fixed_pieces_are_aframes_but_for_those_that_are_too_short(
    segments: list[Segment], max_duration: int, less: int
) -> None:
    whole = [second for segment in segments for second in arithmetic.whole_seconds([segment])]
    for min_duration in (0, 1, max(1, max_duration - less)):
        kept, dropped = plan.pieces(segments, min_duration=min_duration, max_duration=max_duration, split="fixed")
        theirs = chunks_of_aframe(whole, max_duration)
        assert [(piece.start, piece.duration) for piece in kept] == [
            chunk for chunk in theirs if chunk[1] >= min_duration
        ]
        left = [Segment(start, start + duration) for start, duration in theirs if duration < min_duration]
        assert dropped == arithmetic.coalesce(left)


@given(st.integers(GPS, GPS + 20_000), st.integers(1, 20_000), st.integers(1, 5000))
def test_blocks_are_complete_disjoint_and_end_where_the_archives_files_end(
    start: int, duration: int, alignment: int
) -> None:
    span = Segment(start, start + duration)
    blocks = plan.blocks(span, alignment)
    assert (blocks[0].start, blocks[-1].stop) == (span.start, span.stop)
    for left, right in itertools.pairwise(blocks):
        assert left.stop == right.start
        assert left.stop % alignment == 0
    assert all(block.duration <= plan.block_length(alignment) < 1024 + alignment for block in blocks)


@given(st.integers(GPS, GPS + 20_000), st.integers(1, 20_000))
def test_reads_are_complete_disjoint_and_short(start: int, duration: int) -> None:
    span = Segment(start, start + duration)
    reads = plan.reads(span)
    assert (reads[0].start, reads[-1].stop) == (span.start, span.stop)
    assert all(left.stop == right.start for left, right in itertools.pairwise(reads))
    assert max(read.duration for read in reads) <= 256


@given(st.integers(GPS, 9_999_000_000), st.integers(1, 10**8 - 1), st.sampled_from(["background", "a-b_1.x"]))
def test_names_say_what_is_inside(start: int, duration: int, prefix: str) -> None:
    span = Segment(start, start + duration)
    (path,) = plan.file_paths(Path("folder"), prefix, [span])
    assert path.name == f"{prefix}-{start}-{duration}.hdf5"
    assert parse_file_name(path) == span


@pytest.mark.parametrize("duration", [0.5, 10**8])
def test_a_span_that_no_name_can_say_is_refused(duration: int) -> None:
    with pytest.raises(UsageError, match="room for 1 s to 1e8 s"):
        plan.file_paths(Path(), "background", [Segment(GPS, GPS + duration)])


class TestDisjoint:
    def test_segments_that_touch_are_fine_in_any_order(self) -> None:
        plan.require_disjoint([Segment(GPS + 10, GPS + 20), Segment(GPS, GPS + 10)])

    def test_an_overlap_is_refused_and_named(self) -> None:
        with pytest.raises(UsageError, match=rf"\[{GPS + 9}, {GPS + 20}\) overlap"):
            plan.require_disjoint([Segment(GPS + 9, GPS + 20), Segment(GPS, GPS + 10)])

    def test_what_is_no_gps_time_is_refused(self) -> None:
        with pytest.raises(UsageError, match="start = 5 is not a plausible GPS time"):
            plan.require_disjoint([Segment(5, 100)])


def test_bytes_of_strain() -> None:
    assert Wanted("H1", (), 2048, "float32").nbytes(Segment(GPS, GPS + 100)) == 100 * 2048 * 4
