"""Regions of a population, in each of which an estimate of the SNR is trusted or not.

Where a model's spectrum and its time series disagree, they do so for binaries of a kind: of exactly equal
masses, or of very different ones with the heavier spin against the orbit. So the regions are bands of mass
ratio, halved by the direction of the primary's spin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

#: mass_1 / mass_2 where a region begins; the last one has no end.
_MASS_RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0)

#: The region of masses that are equal to the last digit. Frequency-sequence and time-domain calls of LAL's
#: models differ there, by up to 1.6 in SNR, so it is never estimated.
EQUAL_MASSES = 0

COUNT = 1 + 2 * len(_MASS_RATIOS)


def regions_of(parameters: Mapping[str, FloatArray]) -> NDArray[np.intp]:
    """Number of the region, (n,), of each of n signals."""
    ratio = parameters["mass_1"] / parameters["mass_2"]
    band = np.searchsorted(_MASS_RATIOS, ratio, side="right") - 1
    against = parameters["a_1"] * np.cos(parameters["tilt_1"]) < 0
    equal = parameters["mass_1"] == parameters["mass_2"]
    regions: NDArray[np.intp] = np.where(equal, EQUAL_MASSES, 1 + 2 * band + against)
    return regions


def describe(region: int) -> str:
    """``mass ratio 4 to 6, primary spin against the orbit``."""
    if region == EQUAL_MASSES:
        return "equal masses"
    band, against = divmod(region - 1, 2)
    start = _MASS_RATIOS[band]
    stop = f" to {_MASS_RATIOS[band + 1]:g}" if band + 1 < len(_MASS_RATIOS) else " and more"
    return f"mass ratio {start:g}{stop}, primary spin {'against' if against else 'along'} the orbit"
