"""What a plan of rejection will take: found on draws of its own, in a worker, leaving nothing behind."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from aframe_data.detection.calibration import CalibrationTask
from aframe_data.detection.estimate import estimated_snr
from aframe_data.detection.margins import COARSE_NODES
from aframe_data.detection.rejection import evaluator, has_estimates
from aframe_data.detection.snr import network_snr
from aframe_data.formats.psd import write_spectra
from aframe_data.injections.noise import NoiseTask, estimate_noise
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.preflight import try_recipe
from aframe_data.work import engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.injections.plan import InjectionPlan

Unit = TypeVar("Unit")
Result = TypeVar("Result")

_DRAWS = 1024
#: Draws that a calibration makes in full, about.
_CALIBRATED = 200


@dataclass(frozen=True)
class Forecast:
    """What to expect.

    Attributes
    ----------
    seconds_in_full
        Of one worker, for a signal made in full.
    seconds_estimated
        For an estimate; None for a model that every draw is made in full of.
    acceptance
        Share of the draws that is accepted; None where that is not known.
    """

    seconds_in_full: float
    seconds_estimated: float | None
    acceptance: float | None

    def seconds(self, num_signals: int, workers: int) -> float | None:
        """Of all workers together, for so many accepted signals; None where that is not known."""
        if not self.acceptance or self.seconds_estimated is None:
            return None
        full = num_signals + _CALIBRATED
        return (full * self.seconds_in_full + num_signals * self.seconds_estimated / self.acceptance) / workers


def forecast(plan: InjectionPlan) -> Forecast:
    """Try prior, model, noise and estimates; errors as the run's own."""
    with tempfile.TemporaryDirectory() as folder, engine.pool(1) as running:
        tried = try_recipe(running, plan.recipe)
        if plan.acceptance.full_evaluation:
            return Forecast(tried.seconds_per_signal, None, None)
        noise = Path(folder) / "noise.hdf5"
        if plan.noise.spectra is not None:
            write_spectra(noise, plan.noise.spectra, {})
        else:
            first = 0 if plan.slots is None else plan.slots.segments[0].number
            task = NoiseTask(plan.noise.files[first], plan.acceptance, plan.recipe.request, noise)
            _only(running, estimate_noise, task)
        measured = _only(running, _measure, CalibrationTask(plan.recipe, plan.acceptance, noise, 0))
    return Forecast(tried.seconds_per_signal, *(measured or (None, None)))


def _only(running: engine.Pool, function: Callable[[Unit], Result], unit: Unit) -> Result:
    """The result of one unit, or its error."""
    (outcome,) = running.run(function, [unit])
    if outcome.error is not None:
        raise outcome.error
    return cast("Result", outcome.result)


def _measure(task: CalibrationTask) -> tuple[float, float] | None:
    """Seconds for an estimate, and the share that it accepts; None for a generator without spectra."""
    if not has_estimates(task.recipe):
        return None
    draws = recipes.draw(task.recipe, Stream.CALIBRATION, (1,), _DRAWS)
    evaluating = evaluator(task.recipe, task.acceptance, task.noise)
    started = time.perf_counter()
    snrs = network_snr(estimated_snr(evaluating.quadratics(draws, COARSE_NODES), evaluating.antenna(draws, 0.0)))
    seconds = (time.perf_counter() - started) / _DRAWS
    return seconds, float(np.mean(snrs >= task.acceptance.snr_threshold))
