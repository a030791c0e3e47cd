"""What a row of a campaign counts for, where each segment has noise of its own: its segment's signals and draws.

Places lie evenly in time, and a noisy segment takes more draws to fill them. So signals stand for time, and all draws
together weigh segments by their noise.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.formats.ledger_source import SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS
from aframe_data.injections.unit import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aframe_data.injections.unit import Tally
    from aframe_data.timeslides.slots import SlotPlan
    from aframe_data.types import FloatArray

#: The parameters that a row has besides.
SEGMENT_COLUMNS = (SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS)


def segment_columns(slots: SlotPlan, tallies: Iterable[Tally]) -> Mapping[str, FloatArray]:
    """The number of signals, and of draws, of each row's segment in all slides: (n,) float64 each.

    Parameters
    ----------
    tallies
        What each unit gave, in the order of the rows.
    """
    of_units = iter(tallies)
    lengths = [len(segment) for segment in slots.segments]
    drawn = [sum(tally.drawn for tally in islice(of_units, -(-length // PLACES))) for length in lengths]
    return {
        SEGMENT_LENGTH: np.repeat(np.asarray(lengths, dtype=np.float64), lengths),
        SEGMENT_NUM_INJECTIONS: np.repeat(np.asarray(drawn, dtype=np.float64), lengths),
    }
