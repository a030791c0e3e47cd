"""What the draws of a population come to, found on some of their own before the work: how many are loud enough."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.calibration import MADE_IN_FULL
from aframe_data.detection.estimate import estimated_snr, loudest_snr
from aframe_data.detection.evaluator import evaluator, has_estimates
from aframe_data.detection.margins import COARSE_NODES
from aframe_data.detection.snr import network_snr
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import take

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.waveforms.recipe import Recipe

#: What a sketch may be off by, for the purpose at hand.
_REACH = 1.1


@dataclass(frozen=True)
class ProspectsUnit:
    """So many draws, in the noise of a file."""

    recipe: Recipe
    acceptance: Acceptance
    noise: Path
    draws: int

    def __str__(self) -> str:
        return f"{self.draws} trial draws of {self.recipe}"


@dataclass(frozen=True)
class Prospects:
    """What was found.

    Attributes
    ----------
    acceptance
        The share of the draws that is accepted, about.
    seconds
        For the estimates of a draw, on average.
    """

    acceptance: float
    seconds: float

    def worth_calibrating(self, num_signals: int) -> bool:
        """Whether estimates of so many signals save more full waveforms than it takes to calibrate them.

        By numbers of waveforms and not by seconds: the same run decides the same everywhere.
        """
        rejected = num_signals * (1 - self.acceptance)
        return rejected > MADE_IN_FULL * self.acceptance


def find_prospects(unit: ProspectsUnit) -> Prospects | None:
    """Estimate some draws; None for a generator without spectra."""
    if not has_estimates(unit.recipe):
        return None
    draws = recipes.draw(unit.recipe, Stream.CALIBRATION, (1,), unit.draws)
    evaluating, threshold = evaluator(unit.recipe, unit.acceptance, unit.noise), unit.acceptance.snr_threshold
    started = time.perf_counter()
    antenna, near = evaluating.antenna(draws, 0.0), np.arange(unit.draws)
    if (sketches := evaluating.sketched(draws)) is not None:
        near = np.flatnonzero(network_snr(loudest_snr(sketches[1], antenna)) * _REACH >= threshold)
    snrs = network_snr(estimated_snr(evaluating.quadratics(take(draws, near), COARSE_NODES), antenna[near]))
    seconds = (time.perf_counter() - started) / unit.draws
    return Prospects(float(np.count_nonzero(snrs >= threshold)) / unit.draws, seconds)
