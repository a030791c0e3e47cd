"""Which of the units of a run are made: all, or those of a part."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from aframe_data.injections.unit import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aframe_data.timeslides.slots import SlotPlan
    from aframe_data.types import FloatArray
    from aframe_data.work.part import Part


class Places(NamedTuple):
    """What a unit fills: the number of its segment, the columns of its places, and how many there are."""

    segment: int
    columns: Mapping[str, FloatArray]
    length: int


@dataclass(frozen=True, eq=False)
class Share:
    """Units that are made.

    Attributes
    ----------
    first_unit, first_row
        Numbers of the first unit, and of its first row, among all that there are.
    places
        What each of them fills, in the order of their rows.
    segments
        Numbers of the segments whose noise is needed. The first of the whole leads: estimates are calibrated by it.
    """

    first_unit: int
    first_row: int
    places: Sequence[Places]
    segments: Sequence[int]

    @property
    def length(self) -> int:
        """How many signals it has."""
        return sum(places.length for places in self.places)


def share_of(slots: SlotPlan | None, num_signals: int, part: Part | None, *, whole_segments: bool) -> Share:
    """The share of a part; without one, all.

    Parameters
    ----------
    slots
        The places of a campaign; None for signals without a time, of which there are `num_signals`.
    whole_segments
        Whether no segment may be in two parts. Units end with their segment, though not with a slide.

    Raises
    ------
    UsageError
        There is not work for so many parts.
    """
    places = list(_places(slots, num_signals))
    if part is None:
        units = range(len(places))
    elif slots is None or not whole_segments:
        units = part.share([each.length for each in places], f"each {PLACES} signals")
    else:
        lengths = list(map(len, slots.segments))
        share = part.share(lengths, "each background file with injections")
        ends = [0, *accumulate(-(-length // PLACES) for length in lengths)]
        units = range(ends[share.start], ends[share.stop])
    own = places[units.start : units.stop]
    segments = dict.fromkeys(each.segment for each in (places[0], *own))
    return Share(units.start, sum(each.length for each in places[: units.start]), own, tuple(segments))


def _places(slots: SlotPlan | None, num_signals: int) -> Iterator[Places]:
    if slots is None:
        for start in range(0, num_signals, PLACES):
            yield Places(0, {}, min(PLACES, num_signals - start))
        return
    for segment in slots.segments:
        for start in range(0, len(segment), PLACES):
            some = slice(start, start + PLACES)
            columns = {"injection_time": segment.times[some], "shift": segment.shifts[some]}
            yield Places(segment.number, columns, len(columns["injection_time"]))
