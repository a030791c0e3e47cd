"""How far estimates of the SNR are off for a population and a model: found before the work, on draws of its own.

Draws are chosen so that every region of the population has some (`aframe_data.detection.regions`). Each is
estimated with both numbers of nodes and made in full. What most of them show becomes the margins; a region
where one of them lies outside, or which has too few to tell, is not trusted, and its draws are made in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection import regions
from aframe_data.detection.estimate import estimated_snr
from aframe_data.detection.margins import COARSE_NODES, FINE_NODES, Margins, RatioRange
from aframe_data.detection.rejection import Parameters, evaluator, has_estimates, take
from aframe_data.detection.snr import network_snr
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.recipe import Recipe

#: Draws among which those of rare regions are looked for, and how many are taken of each region.
_POOL, _OF_EACH_REGION = 8192, 16
#: A region with fewer in the pool is left uncharted: less than a thousandth of the draws fall into it.
_FEWEST = 8
#: Units of work of a calibration.
TASKS = 12
#: Margins: so many times as far from the median as the tenth and the ninetieth percentile, and so much more.
_SPREADS = 2.5
_LEAST_COARSE, _LEAST_FINE = 0.05, 0.02
#: Signals made in full at a time.
_STEP = 8


@dataclass(frozen=True)
class CalibrationTask:
    """A share of a calibration's draws, in the noise of a file."""

    recipe: Recipe
    acceptance: Acceptance
    noise: Path
    number: int

    def __str__(self) -> str:
        return f"part {self.number} of the calibration of {self.recipe}"


@dataclass(frozen=True, eq=False)
class Shown:
    """What some draws showed, each (n,); NaN for a full waveform that failed.

    Attributes
    ----------
    region
        Numbers of `aframe_data.detection.regions`.
    coarse, fine, full
        SNR of the network, by both estimates and in full.
    """

    region: NDArray[np.intp]
    coarse: FloatArray
    fine: FloatArray
    full: FloatArray


def calibrate(task: CalibrationTask) -> Shown | None:
    """Estimate a share of the draws and make them in full; None for a generator without spectra."""
    if not has_estimates(task.recipe):
        return None
    draws = chosen_draws(task.recipe)
    draws = take(draws, np.arange(task.number, len(draws["mass_1"]), TASKS))
    return compare(task, draws)


@lru_cache(maxsize=1)  # for all tasks that a worker gets
def chosen_draws(recipe: Recipe) -> Parameters:
    """The calibration's draws: of each region that is charted, as many as of any other, where there are."""
    pool = recipes.draw(recipe, Stream.CALIBRATION, (0,), _POOL)
    region = regions.regions_of(pool)
    found = [np.flatnonzero(region == number)[:_OF_EACH_REGION] for number in range(1, regions.COUNT)]
    return take(pool, np.concatenate([index for index in found if len(index) >= _FEWEST] or [np.arange(0)]))


def compare(task: CalibrationTask, draws: Parameters) -> Shown:
    """The SNRs of some draws in all three ways."""
    evaluating = evaluator(task.recipe, task.acceptance, task.noise)
    antenna = evaluating.antenna(draws, 0.0)
    coarse, fine = (
        network_snr(estimated_snr(evaluating.quadratics(draws, nodes), antenna)) for nodes in (COARSE_NODES, FINE_NODES)
    )
    full = np.full(len(coarse), np.nan)
    for start in range(0, len(full), _STEP):
        some = take(draws, slice(start, start + _STEP))
        made, failures = evaluating.polarizations(some)
        full[start : start + _STEP] = network_snr(evaluating.full(made, some, 0.0)[1])
        full[[start + index for index in failures]] = np.nan
    return Shown(regions.regions_of(draws), coarse, fine, full)


def fit(shares: Sequence[Shown]) -> Margins:
    """The margins that a calibration shows; with no draw in a trusted region, none is trusted."""
    region = np.concatenate([shown.region for shown in shares])
    coarse, fine, full = (
        np.concatenate([getattr(shown, name) for shown in shares]) for name in ("coarse", "fine", "full")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        steps, ratios = fine / coarse, full / fine
    coarse_band, fine_band = _band(steps, _LEAST_COARSE), _band(ratios, _LEAST_FINE)
    # A waveform that failed tells nothing of the estimate; it is failed where it matters.
    outside = ~coarse_band.holds(steps) | (~fine_band.holds(ratios) & np.isfinite(full))
    uncharted = np.setdiff1d(np.arange(regions.COUNT), region)
    untrusted = np.unique([regions.EQUAL_MASSES, *uncharted, *region[outside]]).tolist()
    return Margins(coarse_band, fine_band, tuple(untrusted), len(region))


def _band(ratios: FloatArray, least: float) -> RatioRange:
    ratios = ratios[np.isfinite(ratios)]
    if not len(ratios):
        return RatioRange(1.0, 1.0)
    low, middle, high = (float(value) for value in np.quantile(ratios, [0.1, 0.5, 0.9]))
    # A window cuts the SNR of long signals, and not that of a shorter or heavier one of the same region: what most of
    # them lose is no reason to expect it of all, so no ratio up to one is ever outside.
    highest = max(1.0, middle + _SPREADS * (high - middle))
    return RatioRange(middle - _SPREADS * (middle - low) - least, highest + least)
