"""Injection times and shifts of any background and rule, against exact arithmetic."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from exact_windows import all_there_is, exact, rows, segments_of
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.timeslides.rule import AframeRule, SlideRule
from aframe_data.timeslides.slots import SlotPlan, plan_slots

if TYPE_CHECKING:
    from aframe_data.types import Segment

#: Of a GPS time of our days in float64: half of the distance to the next one; and what is added up before it.
GPS_ROUNDING = Fraction(1, 2**23) + Fraction(1, 10**8)


def rules_of(kind: type[SlideRule], fraction: int) -> st.SearchStrategy[SlideRule]:
    """Rules of which all but the jitter and the pad are multiples of a fraction of a second."""
    times = st.integers(0, 20 * fraction).map(lambda number: number / fraction)
    return st.builds(
        kind,
        ifos=st.just(("H1", "L1", "V1")),
        shifts=st.tuples(times, times, times).filter(lambda shifts: len(set(shifts)) > 1 and max(shifts) >= 2),
        spacing=times,
        buffer=times,
        jitter=st.sampled_from([0.0, 0.1, 0.3, 1.0]),
        psd_length=times,
        duration=st.sampled_from([1.0, 2.0, 8.0, 12.5]),
        right_pad=st.sampled_from([0.1, 0.5, 0.75]),
    )


rules = rules_of(SlideRule, 10)
#: Aframe rounds nothing, so it may find another time or not where sums are not exact: here they are.
aframes_rules = rules_of(AframeRule, 4)
backgrounds = st.lists(st.integers(1, 1000).map(lambda number: number / 4), min_size=1, max_size=3).map(
    lambda lengths: segments_of(*lengths)
)


@given(backgrounds, rules, st.integers(0, 2**48), st.data())
def test_a_plan_is_the_first_windows_of_exact_arithmetic_each_moved_by_its_jitter(
    segments: tuple[Segment, ...], rule: SlideRule, seed: int, data: st.DataObject
) -> None:
    windows = all_there_is(segments, rule)
    if not windows:
        with pytest.raises(UsageError, match="no segment is long enough"):
            plan_slots(segments, rule, seed=seed, num_signals=1)
        return
    wanted = data.draw(st.integers(1, len(windows)))
    plan = plan_slots(segments, rule, seed=seed, num_signals=wanted)
    lead = exact(rule.duration) - exact(rule.right_pad)
    nominal = sorted((number, slide, start + lead) for slide, number, start in windows[:wanted])
    found = rows(plan)
    assert len(plan) == len(found) == wanted
    assert [row[:2] for row in found] == [row[:2] for row in nominal]
    if rule.jitter < rule.step / 2:  # else neighbours may change places
        for (_, _, time), (_, _, where) in zip(found, nominal, strict=True):
            assert abs(Fraction(time) - where) <= exact(rule.jitter) + GPS_ROUNDING
    with pytest.raises(UsageError, match=rf"at most {len(windows)} injections"):
        plan_slots(segments, rule, seed=seed, num_signals=len(windows) + 1)


@given(backgrounds, aframes_rules, st.integers(0, 2**48), st.floats(0.01, 1))
def test_aframes_grid_is_its_own_times_in_whole_slides(
    segments: tuple[Segment, ...], rule: SlideRule, seed: int, share: float
) -> None:
    margin = exact(rule.buffer) + int(exact(rule.duration) // 2)
    there: list[tuple[int, int, Fraction]] = []
    for slide in itertools.count(1):
        before = len(there)
        for number, segment in enumerate(segments):
            time = exact(segment.start) + exact(rule.psd_length) + margin
            while time < exact(segment.stop) - slide * exact(max(rule.shifts)) - margin:
                there.append((number, slide, time))
                time += exact(rule.duration) + exact(rule.spacing)
        if len(there) == before:
            break
    if not there:
        return
    wanted = max(1, round(share * len(there)))
    plan = plan_slots(segments, rule, seed=seed, num_signals=wanted)
    last = there[wanted - 1][1]
    assert [row[:2] for row in rows(plan)] == sorted(row[:2] for row in there if row[1] <= last)
    if rule.jitter < rule.step / 2:
        nominal = sorted(row for row in there if row[1] <= last)
        for (_, _, time), (_, _, where) in zip(rows(plan), nominal, strict=True):
            assert abs(Fraction(time) - where) <= exact(rule.jitter) + GPS_ROUNDING


@given(backgrounds, rules, st.integers(0, 2**48))
def test_every_window_lies_inside_with_its_buffer_and_jitter(
    segments: tuple[Segment, ...], rule: SlideRule, seed: int
) -> None:
    windows = all_there_is(segments, rule)
    if not windows:
        return
    for number, slide, time in rows(plan_slots(segments, rule, seed=seed, num_signals=len(windows))):
        stop = Fraction(time) + Fraction(rule.right_pad)
        start = stop - Fraction(rule.duration)
        segment = segments[number]
        buffer, largest = Fraction(rule.buffer), slide * exact(max(rule.shifts))
        assert start - buffer >= Fraction(segment.start) + Fraction(rule.psd_length) - GPS_ROUNDING
        assert stop + buffer <= Fraction(segment.stop) - largest + GPS_ROUNDING


@given(backgrounds, rules, st.integers(0, 2**48))
def test_rows_are_in_order_of_time_and_apart_by_the_spacing_less_their_jitters(
    segments: tuple[Segment, ...], rule: SlideRule, seed: int
) -> None:
    windows = all_there_is(segments, rule)
    if not windows:
        return
    found = rows(plan_slots(segments, rule, seed=seed, num_signals=len(windows)))
    assert found == sorted(found)
    apart = exact(rule.step) - 2 * exact(rule.jitter) - 2 * GPS_ROUNDING
    for first, second in itertools.pairwise(found):
        if first[:2] == second[:2]:
            assert Fraction(second[2]) - Fraction(first[2]) >= apart


@given(backgrounds, rules, st.permutations(range(3)))
def test_shifts_are_exactly_multiples_and_go_with_their_detectors(
    segments: tuple[Segment, ...], rule: SlideRule, order: list[int]
) -> None:
    windows = all_there_is(segments, rule)
    if not windows:
        return
    turned = replace(rule, ifos=tuple(rule.ifos[i] for i in order), shifts=tuple(rule.shifts[i] for i in order))
    plan, other = (plan_slots(segments, each, seed=3, num_signals=len(windows)) for each in (rule, turned))
    for slots, twin in zip(plan.segments, other.segments, strict=True):
        for position, shift in enumerate(rule.shifts):
            assert [float(value) for value in slots.shifts[:, position]] == [int(k) * shift for k in slots.slides]
        assert np.array_equal(twin.shifts, slots.shifts[:, order])
        assert np.array_equal(twin.times, slots.times)


@given(backgrounds, rules, st.integers(1, 50_000).map(float))
def test_a_livetime_is_the_fewest_whole_pieces_that_reach_it(
    segments: tuple[Segment, ...], rule: SlideRule, livetime: float
) -> None:
    windows = all_there_is(segments, rule)
    if not windows:
        return
    pieces = list(dict.fromkeys((slide, number) for slide, number, _ in windows))
    spans = [
        exact(segments[number].duration) - exact(rule.psd_length) - slide * exact(max(rule.shifts))
        for slide, number in pieces
    ]
    totals = list(itertools.accumulate(spans))
    if totals[-1] < livetime:
        with pytest.raises(UsageError, match=re.escape(f"livetime of {float(totals[-1]):.10g} s")):
            plan_slots(segments, rule, seed=0, livetime=livetime)
        return
    count = next(position for position, total in enumerate(totals, 1) if total >= livetime)
    plan = plan_slots(segments, rule, seed=0, livetime=livetime)
    taken = [row for row in windows if row[:2] in set(pieces[:count])]
    assert [row[:2] for row in rows(plan)] == sorted((number, slide) for slide, number, _ in taken)
    assert plan.livetime == pytest.approx(float(totals[count - 1]), abs=1e-6)
    assert plan.num_slides == pieces[count - 1][0]


@given(backgrounds, rules, st.floats(0, 1), st.floats(0, 1))
def test_a_smaller_campaign_is_part_of_a_larger_one(
    segments: tuple[Segment, ...], rule: SlideRule, first: float, second: float
) -> None:
    there = len(all_there_is(segments, rule))
    if not there:
        return
    small, large = (
        pieces_of(plan_slots(segments, rule, seed=5, num_signals=max(1, round(there * share))))
        for share in sorted((first, second))
    )
    for piece, times in small.items():
        assert large[piece][: len(times)] == times


def pieces_of(plan: SlotPlan) -> dict[tuple[int, int], list[float]]:
    """The times of each segment and slide."""
    groups = itertools.groupby(rows(plan), key=lambda row: row[:2])
    return {piece: [row[2] for row in group] for piece, group in groups}
