"""What a row of a campaign counts for, where each segment has noise of its own: its segment's signals and draws.

Places lie evenly in time, and a noisy segment takes more draws to fill them. So signals stand for time, and all draws
together weigh segments by their noise.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from aframe_data.formats.ledger_source import SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aframe_data.injections.shares import Places
    from aframe_data.reports.tally import Tally
    from aframe_data.timeslides.slots import SlotPlan
    from aframe_data.types import FloatArray

#: The parameters that a row has besides.
SEGMENT_COLUMNS = (SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS)

#: Of each segment, in the order of the rows: its number, and the rows and draws that are here.
SegmentDraws: TypeAlias = list[tuple[int, int, int]]


def draws_of_segments(places: Iterable[Places], tallies: Iterable[Tally]) -> SegmentDraws:
    """The rows and draws of each segment, by what each unit fills and gave, in the order of the rows."""
    units = [(each.segment, each.length, tally.drawn) for each, tally in zip(places, tallies, strict=True)]
    groups = ((number, list(group)) for number, group in groupby(units, key=lambda unit: unit[0]))
    return [(number, sum(unit[1] for unit in group), sum(unit[2] for unit in group)) for number, group in groups]


def segment_columns(slots: SlotPlan, draws: SegmentDraws) -> Mapping[str, FloatArray]:
    """The number of signals, and of the draws that are here, of each row's segment in all slides: (n,) float64 each."""
    lengths = {segment.number: len(segment) for segment in slots.segments}
    rows = [count for _, count, _ in draws]
    return {
        SEGMENT_LENGTH: np.repeat(np.array([lengths[number] for number, *_ in draws], dtype=np.float64), rows),
        SEGMENT_NUM_INJECTIONS: np.repeat(np.array([drawn for *_, drawn in draws], dtype=np.float64), rows),
    }
