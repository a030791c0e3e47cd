"""What a plan of rejection will take: found on draws of its own, by the engine, leaving nothing behind."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from aframe_data.detection.calibration import CalibrationUnit
from aframe_data.detection.estimate import estimated_snr
from aframe_data.detection.margins import COARSE_NODES
from aframe_data.detection.rejection import evaluator, has_estimates
from aframe_data.detection.snr import network_snr
from aframe_data.injections.run import prepare_noise
from aframe_data.seeds import Stream
from aframe_data.store.atomic import make_folder
from aframe_data.waveforms import recipe as recipes
from aframe_data.work.plan import Work
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.injections.noise import Noise
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.engine import Engine

_DRAWS = 1024

#: Seconds for the estimate of a draw, and the share of the draws that it accepts.
Measured: TypeAlias = tuple[float, float] | tuple[None, None]


def measure(engine: Engine, recipe: Recipe, acceptance: Acceptance, noise: Noise, segment: int) -> Measured:
    """Try estimates in the noise of a segment; None where every draw is computed in full. Errors are the run's own."""
    if acceptance.full_evaluation:
        return None, None
    with TemporaryDirectory() as folder:
        unit = noise.unit(Unfinished(Path(folder) / "trial"), segment)
        make_folder(unit.path.parent)
        prepare_noise(Work(engine), [unit])
        (outcome,) = engine.run(_measure, [CalibrationUnit(recipe, acceptance, unit.path, 0)])
        return outcome.value


def _measure(unit: CalibrationUnit) -> Measured:
    if not has_estimates(unit.recipe):
        return None, None
    draws = recipes.draw(unit.recipe, Stream.CALIBRATION, (1,), _DRAWS)
    evaluating = evaluator(unit.recipe, unit.acceptance, unit.noise)
    started = time.perf_counter()
    snrs = network_snr(estimated_snr(evaluating.quadratics(draws, COARSE_NODES), evaluating.antenna(draws, 0.0)))
    seconds = (time.perf_counter() - started) / _DRAWS
    return seconds, float(np.mean(snrs >= unit.acceptance.snr_threshold))
