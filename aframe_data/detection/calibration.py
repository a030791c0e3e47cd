"""How far estimates of the SNR are off for a population and a model: found before the work, on draws of its own.

Draws are chosen so that every region of the population has some; of a kind of sources without regions they are taken
as they come. Each is sketched, estimated with both numbers of nodes, and made in full. What most of them show becomes
the margins; a region where one of them lies outside, or which has too few to tell, is not trusted, and its draws are
made in full. Sketches are off by more, and less evenly: it is the farthest that their margin goes by.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.estimate import estimated_snr, loudest_snr
from aframe_data.detection.evaluator import evaluator, has_estimates
from aframe_data.detection.margins import COARSE_NODES, FINE_NODES, Margins, RatioRange, SketchMargins
from aframe_data.detection.rejection import FULL_STEP
from aframe_data.detection.snr import network_snr
from aframe_data.registry.sources import regions_of
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import count_of, take

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.plugin.kinds import Regions
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.draws import Parameters
    from aframe_data.waveforms.recipe import Recipe

#: How many draws are taken and made in full, about.
MADE_IN_FULL = 288
#: Draws among which those of rare regions are looked for, and how many of each region are taken at least.
_POOL, _OF_EACH_REGION = 8192, 16
#: A region with fewer in the pool is left uncharted: less than a thousandth of the draws fall into it.
_FEWEST = 8
#: Units of work of a calibration.
UNITS = 12
#: Margins: so many times as far from the median as the tenth and the ninetieth percentile, and so much more.
_SPREADS = 2.5
_LEAST_COARSE, _LEAST_FINE = 0.05, 0.02
#: Of sketches: so many times as far above one as the highest ratio of all, and so much more.
_SKETCH_SPREADS, _LEAST_SKETCH = 2.5, 0.08


@dataclass(frozen=True)
class CalibrationUnit:
    """A share of a calibration's draws, in the noise of a file."""

    recipe: Recipe
    acceptance: Acceptance
    noise: Path
    number: int

    def __str__(self) -> str:
        return f"part {self.number} of the calibration of {self.recipe}"


@dataclass(frozen=True, eq=False)
class Trials:
    """What some draws showed, each (n,); NaN for a full waveform that failed, and where there is no sketch.

    Attributes
    ----------
    region
        Numbers of the regions of the kind of sources.
    coarse, fine, full
        SNR of the network, by both estimates and in full.
    sketched, loudest
        The same of sketches, as we see them and from the loudest side.
    """

    region: NDArray[np.intp]
    coarse: FloatArray
    fine: FloatArray
    full: FloatArray
    sketched: FloatArray
    loudest: FloatArray


def calibrate(unit: CalibrationUnit) -> Trials | None:
    """Estimate a share of the draws and make them in full; None for a generator without spectra."""
    if not has_estimates(unit.recipe):
        return None
    draws = chosen_draws(unit.recipe)
    draws = take(draws, np.arange(unit.number, count_of(draws), UNITS))
    evaluating = evaluator(unit.recipe, unit.acceptance, unit.noise)
    antenna = evaluating.antenna(draws, 0.0)
    coarse, fine = (
        network_snr(estimated_snr(evaluating.quadratics(draws, nodes), antenna)) for nodes in (COARSE_NODES, FINE_NODES)
    )
    full, sketched, loudest = np.full((3, len(coarse)), np.nan)
    if (sketches := evaluating.sketched(draws)) is not None:
        sketched = network_snr(estimated_snr(sketches[0], antenna))
        loudest = network_snr(loudest_snr(sketches[1], antenna))
    step = unit.recipe.waveform_batch or FULL_STEP
    for start in range(0, len(full), step):
        some = take(draws, slice(start, start + step))
        made, failures = evaluating.polarizations(some)
        full[start : start + step] = network_snr(evaluating.full(made, some, 0.0)[1])
        full[[start + index for index in failures]] = np.nan
    return Trials(regions_of(unit.recipe.generator, draws), coarse, fine, full, sketched, loudest)


@lru_cache(maxsize=1)  # for all units that a worker gets
def chosen_draws(recipe: Recipe) -> Parameters:
    """The calibration's draws: of each region that is charted, as many as of any other, where there are."""
    parts = recipe.kind.regions
    charted = np.setdiff1d(np.arange(parts.count), parts.never_estimated)
    of_each = max(_OF_EACH_REGION, MADE_IN_FULL // max(1, len(charted)))
    pool = recipes.draw(recipe, Stream.CALIBRATION, (0,), _POOL)
    region = regions_of(recipe.generator, pool)
    found = [np.flatnonzero(region == number)[:of_each] for number in charted]
    return take(pool, np.concatenate([index for index in found if len(index) >= _FEWEST] or [np.arange(0)]))


def fit(shares: Sequence[Trials], parts: Regions) -> Margins:
    """The margins that a calibration shows; with no draw in a trusted region, none is trusted."""
    shown = Trials(*(np.concatenate([getattr(share, each.name) for share in shares]) for each in fields(Trials)))
    region, full = shown.region, shown.full
    with np.errstate(invalid="ignore", divide="ignore"):
        steps, ratios = shown.fine / shown.coarse, full / shown.fine
    coarse_band, fine_band = _band(steps, _LEAST_COARSE), _band(ratios, _LEAST_FINE)
    # A waveform that failed tells nothing of the estimate; it is failed where it matters.
    outside = ~coarse_band.holds(steps) | (~fine_band.holds(ratios) & np.isfinite(full))
    uncharted = np.setdiff1d(np.arange(parts.count), region)
    untrusted = np.unique([*parts.never_estimated, *uncharted, *region[outside]]).tolist()
    sketch = _sketch_margins(shown, np.isin(region, untrusted))
    words = tuple(parts.describe(number) for number in untrusted)
    return Margins(coarse_band, fine_band, tuple(untrusted), len(region), words, sketch)


def _sketch_margins(shown: Trials, untrusted: NDArray[np.bool_]) -> SketchMargins | None:
    """What the draws of trusted regions show of sketches; None where there are none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.stack([shown.full / shown.loudest, shown.full / shown.sketched])
    ratios = ratios[:, ~untrusted & np.isfinite(ratios).all(axis=0)]
    if not ratios.size:
        return None
    farthest = max(0.0, float(ratios[0].max()) - 1)
    return SketchMargins(1 + _SKETCH_SPREADS * farthest + _LEAST_SKETCH, float(np.median(ratios[1])))


def _band(ratios: FloatArray, least: float) -> RatioRange:
    ratios = ratios[np.isfinite(ratios)]
    if not len(ratios):
        return RatioRange(1.0, 1.0)
    low, middle, high = (float(value) for value in np.quantile(ratios, [0.1, 0.5, 0.9]))
    # A window cuts the SNR of long signals, and not that of a shorter or heavier one of the same region: what most of
    # them lose is no reason to expect it of all, so no ratio up to one is ever outside.
    highest = max(1.0, middle + _SPREADS * (high - middle))
    return RatioRange(middle - _SPREADS * (middle - low) - least, highest + least)
