"""Arithmetic of segments against sets of whole seconds; splitting against its promises."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aframe_data.segments import arithmetic
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

T0 = 1240579783
LAST = 40

segments = st.lists(
    st.tuples(st.integers(0, LAST - 1), st.integers(1, 12)).map(lambda pair: Segment(T0 + pair[0], T0 + sum(pair))),
    max_size=8,
)


def seconds(spans: Iterable[Segment]) -> set[int]:
    """Every second that the spans cover, one by one."""
    return {second for span in spans for second in range(int(span.start), int(span.stop))}


def require_canonical(spans: tuple[Segment, ...]) -> None:
    """Sorted, disjoint, not touching."""
    assert all(first.stop < second.start for first, second in itertools.pairwise(spans))


@given(segments)
def test_coalescing_keeps_every_second_once(spans: list[Segment]) -> None:
    joined = arithmetic.coalesce(spans)
    require_canonical(joined)
    assert seconds(joined) == seconds(spans)
    assert arithmetic.livetime(spans) == len(seconds(spans))


@given(segments, segments)
def test_intersection_and_difference_are_those_of_the_seconds(first: list[Segment], second: list[Segment]) -> None:
    both, rest = arithmetic.intersect(first, second), arithmetic.subtract(first, second)
    require_canonical(both)
    require_canonical(rest)
    assert seconds(both) == seconds(first) & seconds(second)
    assert seconds(rest) == seconds(first) - seconds(second)


@given(segments, st.integers(0, 8))
def test_contracting_keeps_the_seconds_that_are_far_from_every_edge(spans: list[Segment], distance: int) -> None:
    covered = seconds(spans)
    far = {s for s in covered if set(range(s - distance, s + distance + 1)) <= covered}
    contracted = arithmetic.contract(spans, distance)
    require_canonical(contracted)
    assert seconds(contracted) == far


@given(st.lists(st.tuples(st.floats(0, LAST), st.floats(0.01, 12)), max_size=6))
def test_whole_seconds_are_those_that_are_covered_wholly(pairs: list[tuple[float, float]]) -> None:
    spans = [Segment(start, start + duration) for start, duration in pairs]
    joined = arithmetic.coalesce(spans)
    whole = {s for s in range(LAST + 14) if any(span.start <= s and s + 1 <= span.stop for span in joined)}
    shrunk = arithmetic.whole_seconds(spans)
    assert seconds(shrunk) == whole
    assert all(isinstance(edge, int) for span in shrunk for edge in (span.start, span.stop))


bounds = st.tuples(st.integers(1, 5000), st.integers(0, 5000), st.integers(1, 5000))


@given(bounds)
def test_pieces_lie_in_the_segment_touch_and_keep_the_bounds(numbers: tuple[int, int, int]) -> None:
    duration, shortest, longest = numbers
    assume(shortest <= longest)
    segment = Segment(T0, T0 + duration)
    pieces = arithmetic.split_evenly(segment, min_duration=shortest, max_duration=longest)
    assert all(shortest <= piece.duration <= longest for piece in pieces)
    assert all(float(edge).is_integer() for piece in pieces for edge in (piece.start, piece.stop))
    assert all(first.stop == second.start for first, second in itertools.pairwise(pieces))
    if pieces:
        assert pieces[0].start == segment.start
        # what is lost is less than a piece
        assert 0 <= segment.stop - pieces[-1].stop < max(shortest, 1)
    else:
        assert duration < shortest


@given(bounds)
def test_where_even_pieces_are_long_enough_nothing_is_lost_and_they_differ_by_a_second(
    numbers: tuple[int, int, int],
) -> None:
    duration, shortest, longest = numbers
    count = math.ceil(duration / longest)
    assume(duration // count >= shortest)
    pieces = arithmetic.split_evenly(Segment(T0, T0 + duration), min_duration=shortest, max_duration=longest)
    assert len(pieces) == count
    assert sum(piece.duration for piece in pieces) == duration
    assert max(piece.duration for piece in pieces) - min(piece.duration for piece in pieces) <= 1


@given(st.integers(1, 500), st.floats(0, 100), st.floats(1, 100))
def test_bounds_that_are_no_whole_seconds_hold_too(duration: int, shortest: float, longest: float) -> None:
    assume(shortest <= longest)
    pieces = arithmetic.split_evenly(Segment(T0, T0 + duration), min_duration=shortest, max_duration=longest)
    assert all(shortest <= piece.duration <= longest for piece in pieces)


@pytest.mark.parametrize(
    ("duration", "shortest", "longest", "pieces"),
    [
        (20_001, 1, 20_000, [10_000, 10_001]),  # the reference leaves a file of one second
        (20_000, 1, 20_000, [20_000]),
        (20_001, 15_000, 20_000, [20_000]),  # even pieces would be too short: one is cut, a second dropped
        (50_000, 18_000, 20_000, [20_000, 20_000]),
        (100, 101, None, []),
        (100, 100, None, [100]),
        (100, 0, None, [100]),
        (10, 0, 3, [2, 3, 2, 3]),
        (30, 10.5, 10.9, []),
    ],
)
def test_a_segment_is_split_as_documented(
    duration: int, shortest: float, longest: float | None, pieces: list[int]
) -> None:
    found = arithmetic.split_evenly(Segment(T0, T0 + duration), min_duration=shortest, max_duration=longest)
    assert [piece.duration for piece in found] == pieces


@pytest.mark.parametrize(
    ("duration", "shortest", "longest", "pieces"),
    [
        (20_001, 1, 20_000, [20_000, 1]),  # as the reference does
        (20_001, 2, 20_000, [20_000]),
        (20_000, 1, 20_000, [20_000]),
        (19_999, 1, 20_000, [19_999]),
        (100, 101, None, []),
        (100, 100, None, [100]),
        (10, 0, 3.7, [3, 3, 3, 1]),
        (30, 10.5, 10.9, []),
        (30, 0, 0.5, []),
    ],
)
def test_a_segment_is_split_in_steps_as_documented(
    duration: int, shortest: float, longest: float | None, pieces: list[int]
) -> None:
    found = arithmetic.split_in_steps(Segment(T0, T0 + duration), min_duration=shortest, max_duration=longest)
    assert [piece.duration for piece in found] == pieces


def test_a_segment_must_not_be_empty() -> None:
    for start, stop in ((5, 5), (6, 5), (float("nan"), 5)):
        with pytest.raises(ValueError, match="must start before it stops"):
            Segment(start, stop)
