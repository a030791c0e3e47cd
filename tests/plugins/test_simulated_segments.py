"""The simulated duty cycle: reproducible for any query, whole seconds, and of the asked statistics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.types import Segment, SegmentQuery
from aframe_data_plugins.simulated.options import SegmentOptions
from aframe_data_plugins.simulated.segments import SimulatedSegments

GPS = 1_240_579_783
# Epochs of 64 * 400 = 25 600 s, so that short queries cross their borders.
QUICK = SegmentOptions(duty_cycle=0.75, mean_segment=300, min_segment=40)


def seconds_on(start, stop, flag="H1_DATA", options=QUICK):
    """Whether each second of the span is on, asked in one query."""
    on = np.zeros(stop - start, dtype=bool)
    for segment in SimulatedSegments(options).query(SegmentQuery(flag, start, stop)).active:
        on[int(segment.start) - start : int(segment.stop) - start] = True
    return on


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60_000), st.integers(1, 30_000), st.integers(0, 60_000), st.integers(1, 30_000))
def test_overlapping_queries_agree_where_they_overlap(start, length, other_start, other_length):
    low, high = max(start, other_start), min(start + length, other_start + other_length)
    first = seconds_on(GPS + start, GPS + start + length)
    second = seconds_on(GPS + other_start, GPS + other_start + other_length)
    if low < high:
        assert np.array_equal(first[low - start : high - start], second[low - other_start : high - other_start])


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0, 60_000),
    st.floats(0.5, 30_000),
    st.sampled_from(["H1_DATA", "L1:DMT-ANALYSIS_READY:1"]),
)
def test_segments_are_sorted_disjoint_inside_the_query_and_of_whole_seconds(start, length, flag):
    query = SegmentQuery(flag, GPS + start, GPS + start + length)
    result = SimulatedSegments(QUICK).query(query)
    edges = [edge for segment in result.active for edge in (segment.start, segment.stop)]
    assert edges == sorted(set(edges))
    assert all(query.start <= edge <= query.stop for edge in edges)
    assert all(edge == int(edge) for edge in edges if edge not in (query.start, query.stop))
    assert result.known == (Segment(query.start, query.stop),)


def test_the_statistics_are_the_asked_ones():
    span = 4_000_000
    result = SimulatedSegments(QUICK).query(SegmentQuery("H1_DATA", GPS, GPS + span))
    lengths = np.array([segment.duration for segment in result.active])
    # 10 000 cycles of exponential lengths: 1 % in the mean; the epochs' ends cut another 1 %.
    assert lengths.sum() / span == pytest.approx(0.75, abs=0.02)
    assert lengths.mean() == pytest.approx(300, rel=0.06)
    assert lengths[1:-1].min() >= 40


def test_interferometers_and_seeds_differ_and_flags_of_one_do_not():
    span = (GPS, GPS + 20_000)
    reference = seconds_on(*span)
    assert np.array_equal(reference, seconds_on(*span, flag="H1:OTHER_FLAG"))
    assert not np.array_equal(reference, seconds_on(*span, flag="L1_DATA"))
    assert not np.array_equal(reference, seconds_on(*span, options=SegmentOptions(1, 0.75, 300, 40)))


def test_a_duty_cycle_of_one_is_always_on():
    query = SegmentQuery("H1_DATA", GPS, GPS + 10_000_000)
    assert SimulatedSegments(SegmentOptions(duty_cycle=1.0)).query(query).active == (Segment(query.start, query.stop),)


def test_a_least_length_above_the_mean_is_refused():
    with pytest.raises(UsageError, match="--simulated-min-segment: 600 s is above the mean length, 500 s"):
        SimulatedSegments(SegmentOptions(mean_segment=500))
