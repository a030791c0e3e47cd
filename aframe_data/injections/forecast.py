"""What a plan of rejection will take: found on draws of its own, by the engine, leaving nothing behind."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aframe_data.detection.prospects import ProspectsUnit, find_prospects
from aframe_data.injections.run import prepare_noise
from aframe_data.store.atomic import make_folder
from aframe_data.work.plan import Work
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.prospects import Prospects
    from aframe_data.injections.noise import Noise
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.engine import Engine

_DRAWS = 1024


def measure(engine: Engine, recipe: Recipe, acceptance: Acceptance, noise: Noise, segment: int) -> Prospects | None:
    """Try estimates in the noise of a segment; None where every draw is computed in full. Errors are the run's own."""
    if acceptance.full_evaluation:
        return None
    with TemporaryDirectory() as folder:
        unit = noise.unit(Unfinished(Path(folder) / "trial"), segment)
        make_folder(unit.path.parent)
        prepare_noise(Work(engine), [unit])
        (outcome,) = engine.run(find_prospects, [ProspectsUnit(recipe, acceptance, unit.path, _DRAWS)])
        found: Prospects | None = outcome.value
        return found
