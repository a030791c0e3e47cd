"""Injection times and shifts: chosen examples, how many there can be, and what must end."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from exact_windows import RULE, T0, all_there_is, brute_force, segments_of

from aframe_data.errors import UsageError
from aframe_data.timeslides.slots import plan_slots
from aframe_data.types import Segment

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
