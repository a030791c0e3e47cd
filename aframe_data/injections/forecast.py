"""What a plan of rejection will take: found on draws of its own, by the engine, leaving nothing behind."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from aframe_data.detection.calibration import CalibrationTask
from aframe_data.detection.estimate import estimated_snr
from aframe_data.detection.margins import COARSE_NODES
from aframe_data.detection.rejection import evaluator, has_estimates
from aframe_data.detection.snr import network_snr
from aframe_data.injections.noise import estimate_noise
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.injections.noise import NoiseTask
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.engine import Engine

Unit = TypeVar("Unit")
Result = TypeVar("Result")

_DRAWS = 1024


@dataclass(frozen=True)
class Measured:
    """Seconds for the estimate of a draw, and the share of the draws that it accepts."""

    seconds: float
    acceptance: float


def measure(engine: Engine, recipe: Recipe, acceptance: Acceptance, noise: NoiseTask) -> Measured | None:
    """Try noise and estimates; None for a generator without spectra. Errors as the run's own."""
    _only(engine, estimate_noise, noise)
    return _only(engine, _measure, CalibrationTask(recipe, acceptance, noise.path, 0))


def _only(engine: Engine, function: Callable[[Unit], Result], unit: Unit) -> Result:
    """The result of one unit, or its error."""
    (outcome,) = engine.run(function, [unit])
    if outcome.error is not None:
        raise outcome.error
    return cast("Result", outcome.result)


def _measure(task: CalibrationTask) -> Measured | None:
    if not has_estimates(task.recipe):
        return None
    draws = recipes.draw(task.recipe, Stream.CALIBRATION, (1,), _DRAWS)
    evaluating = evaluator(task.recipe, task.acceptance, task.noise)
    started = time.perf_counter()
    snrs = network_snr(estimated_snr(evaluating.quadratics(draws, COARSE_NODES), evaluating.antenna(draws, 0.0)))
    seconds = (time.perf_counter() - started) / _DRAWS
    return Measured(seconds, float(np.mean(snrs >= task.acceptance.snr_threshold)))
