"""How many signals may be drawn before a run is given up as hopeless."""

from __future__ import annotations

import math

from aframe_data.checks import require_count
from aframe_data.injections.unit import PLACES

#: A unit may take so many times its share of the draws that the run may take.
_SHARES = 6
#: What may be drawn for each signal that is wanted, where nothing is said.
_DRAWS_PER_SIGNAL = 10_000


def most_draws(asked: int | None, num_signals: int) -> int:
    """The most draws of a run: what the user says, or plenty for each signal."""
    if asked is None:
        return _DRAWS_PER_SIGNAL * num_signals
    require_count("max_draws", asked, num_signals)
    return asked


def most_of_unit(most: int, num_signals: int) -> int:
    """The most draws of one unit of a run that may take so many for its signals."""
    return min(most, math.ceil(_SHARES * most * PLACES / num_signals))
