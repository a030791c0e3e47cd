"""Every window that a rule of slides allows, in exact arithmetic of the decimal numbers that a user writes."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

from aframe_data.timeslides.rule import SlideRule
from aframe_data.types import Segment

if TYPE_CHECKING:
    from aframe_data.timeslides.slots import SlotPlan

T0 = 1240579783
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


def all_there_is(segments: tuple[Segment, ...], rule: SlideRule) -> list[tuple[int, int, Fraction]]:
    """Slide, segment and start of every window of every slide, in the order in which a plan takes them."""
    found: list[tuple[int, int, Fraction]] = []
    for slide in itertools.count(1):
        windows = brute_force(segments, rule, slide)
        if not windows:
            return found
        found += [(slide, number, start) for number, start in windows]
    raise AssertionError
