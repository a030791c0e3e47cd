"""Injection times and shifts, against exact arithmetic of the decimal numbers that a user writes."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.timeslides.rule import AframeRule, SlideRule
from aframe_data.timeslides.slots import SlotPlan, plan_slots
from aframe_data.types import Segment

T0 = 1240579783
#: Of a GPS time of our days in float64: half of the distance to the next one; and what is added up before it.
GPS_ROUNDING = Fraction(1, 2**23) + Fraction(1, 10**8)

RULE = SlideRule(("H1", "L1"), (0.0, 1.0), spacing=16, buffer=16, jitter=0.1, psd_length=64, duration=8, right_pad=2)


def segments_of(*lengths: float, gap: float = 10) -> tuple[Segment, ...]:
    """Segments one after the other, `gap` seconds between them."""
    starts = itertools.accumulate((length + gap for length in lengths), initial=T0)
    return tuple(Segment(start, start + length) for start, length in zip(starts, lengths, strict=False))


def exact(number: float) -> Fraction:
    """The decimal number that was written, of which the float is the nearest."""
    return Fraction(repr(number))


def brute_force(segments: tuple[Segment, ...], rule: SlideRule, slide: int) -> list[tuple[int, Fraction]]:
    """Segment and start of each window of one slide before jitter, one by one, in exact arithmetic."""
    found = []
    edge = exact(rule.buffer) + exact(rule.jitter)
    for number, segment in enumerate(segments):
        start = exact(segment.start) + exact(rule.psd_length) + edge
        stop = exact(segment.stop) - slide * exact(max(rule.shifts))
        while start + exact(rule.duration) + edge <= stop:
            found.append((number, start))
            start += exact(rule.duration) + exact(rule.spacing)
    return found


def rows(plan: SlotPlan) -> list[tuple[int, int, float]]:
    """Segment, slide and time of every injection."""
    return [
        (slots.number, int(slide), float(time))
        for slots in plan.segments
        for slide, time in zip(slots.slides, slots.times, strict=True)
    ]


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


def all_there_is(segments: tuple[Segment, ...], rule: SlideRule) -> list[tuple[int, int, Fraction]]:
    """Slide, segment and start of every window of every slide, in the order in which a plan takes them."""
    found: list[tuple[int, int, Fraction]] = []
    for slide in itertools.count(1):
        windows = brute_force(segments, rule, slide)
        if not windows:
            return found
        found += [(slide, number, start) for number, start in windows]
    raise AssertionError


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


# --- examples -----------------------------------------------------------------------------------------


def test_without_jitter_the_times_are_those_of_the_rule() -> None:
    (slots,) = plan_slots(segments_of(200), replace(RULE, jitter=0), seed=1).segments
    # 64 + 16 of burn-in and buffer, the reference 6 s into each window, 24 s from window to window
    assert slots.times.tolist() == [T0 + 86, T0 + 110, T0 + 134, T0 + 158]
    assert slots.slides.tolist() == [1, 1, 1, 1]
    assert slots.shifts.tolist() == [[0, 1]] * 4
    assert (slots.times.dtype, slots.shifts.dtype, slots.slides.dtype) == (np.float64, np.float64, np.int64)


@pytest.mark.parametrize(("length", "fits"), [(105.1, False), (105.1999, False), (105.2, True)])
def test_a_window_that_fits_to_the_last_digit_is_made(length: float, fits: bool) -> None:
    # Burn-in, two buffers and jitters, a window, the shift: 105.2 s.
    if fits:
        assert len(plan_slots(segments_of(length), RULE, seed=1)) == 1
    else:
        with pytest.raises(UsageError, match=r"needs 104\.2 s"):
            plan_slots(segments_of(length), RULE, seed=1)


@pytest.mark.slow
def test_the_example_in_which_the_reference_makes_too_few_is_complete() -> None:
    segments = segments_of(*[300] * 120)
    plan = plan_slots(segments, RULE, seed=1, num_signals=50_000)
    per_slide = [len(brute_force(segments, RULE, slide)) for slide in range(1, plan.num_slides + 1)]
    assert len(plan) == 50_000
    assert sum(per_slide[:-1]) < 50_000 <= sum(per_slide)
    assert plan.livetime == sum(120 * (300 - 64 - slide) for slide in range(1, plan.num_slides)) + sum(
        slots.segment.duration - 64 - plan.num_slides for slots in plan.segments if plan.num_slides in slots.slides
    )


def test_of_the_last_slide_the_first_segments_are_filled() -> None:
    plan = plan_slots(segments_of(300, 300, 300), RULE, seed=1, num_signals=9 + 9 + 9 + 9 + 4)
    last = [int((slots.slides == 2).sum()) for slots in plan.segments]
    assert last == [9, 4, 0]


def test_what_is_reached_first_ends_the_plan() -> None:
    segments = segments_of(300, 300)
    assert len(plan_slots(segments, RULE, seed=1, num_signals=5, livetime=400)) == 5
    assert plan_slots(segments, RULE, seed=1, num_signals=10**6, livetime=400).livetime == 2 * (300 - 64 - 1)


def test_without_a_number_or_livetime_a_plan_is_the_first_slide() -> None:
    plan = plan_slots(segments_of(300, 50, 400), RULE, seed=1)
    assert plan.num_slides == 1
    assert [slots.number for slots in plan.segments] == [0, 2]
    assert len(plan) == len(brute_force(segments_of(300, 50, 400), RULE, 1))
    assert plan.livetime == 300 + 400 - 2 * 65


def test_the_seed_moves_the_times_and_nothing_else_does() -> None:
    first, again, other = (plan_slots(segments_of(900, 900), RULE, seed=seed, num_signals=99) for seed in (1, 1, 2))
    for slots, same, moved in zip(first.segments, again.segments, other.segments, strict=True):
        assert np.array_equal(slots.times, same.times)
        assert not np.intersect1d(slots.times, moved.times).size
        assert np.array_equal(slots.slides, moved.slides)


def test_jitter_is_uniform_and_of_its_own_in_every_piece() -> None:
    rule = replace(RULE, jitter=3.0)
    plan = plan_slots(segments_of(4096, 4096), rule, seed=1, num_signals=6000)
    nominal = plan_slots(segments_of(4096, 4096), replace(rule, jitter=0, buffer=19), seed=1, num_signals=6000)
    moved = np.concatenate([slots.times for slots in plan.segments])
    jitter = (moved - np.concatenate([slots.times for slots in nominal.segments])) / 3
    # Some of so many are equal to the rounding of GPS times; pieces of the same draws would all be.
    assert len(np.unique(jitter)) > 5900
    assert np.abs(jitter).max() <= 1 + 1e-6
    # Of 6000 uniform draws: the mean is 0 and the mean square 1/3, each within five standard errors.
    assert abs(jitter.mean()) < 5 * math.sqrt(1 / 3 / 6000)
    assert abs((jitter**2).mean() - 1 / 3) < 5 * math.sqrt(4 / 45 / 6000)


def test_background_that_touches_is_two_segments() -> None:
    plan = plan_slots(segments_of(300, 300, gap=0), RULE, seed=1)
    assert [len(slots) for slots in plan.segments] == [9, 9]


# --- awkward input, which must end ----------------------------------------------------------------------


def test_where_no_segment_is_long_enough_it_says_what_is_needed() -> None:
    with pytest.raises(UsageError, match=r"no segment is long enough.*longest of 40 segments has 100 s"):
        plan_slots(segments_of(*[100] * 40), RULE, seed=1, livetime=3600)


def test_what_cannot_be_reached_says_how_much_can() -> None:
    segments = segments_of(300, 200)
    windows = all_there_is(segments, RULE)
    with pytest.raises(UsageError) as caught:
        plan_slots(segments, RULE, seed=1, num_signals=5000)
    assert f"at most {len(windows)} injections" in str(caught.value)
    assert f"all {windows[-1][0]} slides" in str(caught.value)
    assert len(plan_slots(segments, RULE, seed=1, num_signals=len(windows))) == len(windows)


def test_tiny_shifts_need_many_slides_and_are_counted_all_the_same() -> None:
    plan = plan_slots(segments_of(200), replace(RULE, shifts=(0, 1e-3)), seed=1, num_signals=20_000)
    assert len(plan) == 20_000
    assert plan.num_slides == 5000


@pytest.mark.parametrize("asked", [{"num_signals": 10**12}, {"livetime": 1e12}])
def test_an_absurd_number_of_slides_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="more than 1000000 pieces"):
        plan_slots(segments_of(200), replace(RULE, shifts=(0, 1e-7)), seed=1, **asked)


def test_an_absurd_number_of_injections_is_refused() -> None:
    with pytest.raises(UsageError, match="more than 10000000 are refused"):
        plan_slots(segments_of(10**6), replace(RULE, shifts=(0, 1e-3)), seed=1, num_signals=10**9)


def test_one_detector_without_a_shift_has_one_slide() -> None:
    rule = replace(RULE, ifos=("H1",), shifts=(0.0,))
    assert len(plan_slots(segments_of(300), rule, seed=1, num_signals=9)) == 9
    with pytest.raises(UsageError, match=r"at most 9 injections.*in 1 slide: the shift is 0"):
        plan_slots(segments_of(300), rule, seed=1, num_signals=10)


# --- what is refused, and what is told ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shifts": (0.0, -1.0)}, "shifts = 0, -1: only numbers of at least 0"),
        ({"shifts": (0.0, math.nan)}, "only numbers of at least 0"),
        ({"shifts": (1.0,)}, "shifts = 1 must be 2 numbers, one for each of H1, L1"),
        ({"shifts": ()}, "shifts = none must be 2 numbers"),
        ({"shifts": (0.0, 0.0)}, "zero-lag"),
        ({"shifts": (2.0, 2.0)}, "zero-lag"),
        ({"shifts": (0.0, 1 / 5000)}, "differ by less than a sample"),
    ],
)
def test_shifts_that_are_none_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        replace(RULE, **change).check(2048)


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([], "no segment of background"),
        ([(0, 300), (200, 500)], "overlap or are not in order"),
        ([(400, 700), (0, 300)], "overlap or are not in order"),
    ],
)
def test_wrong_segments_are_refused(spans: list[tuple[float, float]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_slots([Segment(T0 + start, T0 + stop) for start, stop in spans], RULE, seed=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"right_pad": 4.5}, "right_pad = 4.5 is above half"),
        ({"spacing": 0.2}, "jitter = 0.1 is not below half of spacing"),
        ({"ifos": ("H1", "L1", "V1"), "shifts": (0.0, 1.0, 1.0)}, "the same shift"),
    ],
)
def test_what_is_probably_not_meant_is_told(change: dict[str, Any], message: str) -> None:
    assert RULE.warnings(2048) == ()
    (told,) = replace(RULE, **change).warnings(2048)
    assert message in told
