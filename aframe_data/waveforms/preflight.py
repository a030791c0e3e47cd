"""Trying a prior and a model on a few draws, so that what cannot work is refused before the work."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import WorkerDiedError
from aframe_data.seeds import Stream
from aframe_data.waveforms import order
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.generation import generate
from aframe_data.waveforms.unit import stored_parameters

if TYPE_CHECKING:
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.plan import Work

_logger = logging.getLogger(__name__)

_DRAWS = 64
_TIMED_SIGNALS = 6
#: Preflights, of which one must come through.
_TRIALS = 2


@dataclass(frozen=True)
class Preflight:
    """What trying prior and model told: cosmology, frame, stored fields, and seconds a signal on one worker."""

    cosmology: str
    frame: str
    parameters: tuple[str, ...]
    seconds_per_signal: float


@dataclass(frozen=True)
class PreflightUnit:
    """A recipe, and how often it was tried before: each trial has draws of its own.

    Attributes
    ----------
    wanted, all_kept
        As `aframe_data.waveforms.order.require_order` has them.
    """

    recipe: Recipe
    number: int
    wanted: int
    all_kept: bool

    def __str__(self) -> str:
        return f"a trial of {self.recipe}"


def preflight(unit: PreflightUnit) -> Preflight:
    """Try a recipe on draws of its own, in a worker, so that what cannot work is refused before the work.

    Raises
    ------
    UsageError
        Prior or model refuse their options or each other, or parameters are missing.
    """
    recipe = unit.recipe
    order.require_order(recipe, unit.wanted, all_kept=unit.all_kept)
    parameters = recipes.draw(recipe, Stream.PREFLIGHT, (unit.number,), _DRAWS)
    recipes.require_model_parameters(recipe, set(parameters))
    with recipe.generator.at_work():
        recipes.generator_of(recipe.generator).check(parameters, recipe.request)
    timed = {name: values[:_TIMED_SIGNALS] for name, values in parameters.items()}
    generate(recipe, {name: values[:1] for name, values in timed.items()})
    started = time.perf_counter()
    generate(recipe, timed)
    seconds = (time.perf_counter() - started) / _TIMED_SIGNALS
    prior = recipes.prior_of(recipe)
    return Preflight(recipes.cosmology_of(prior), prior.frame, stored_parameters(recipe), seconds)


def try_recipe(work: Work, recipe: Recipe, wanted: int, *, all_kept: bool = True) -> Preflight:
    """Try a recipe; a model that ends the process for a rare draw is tried on others.

    Parameters
    ----------
    wanted, all_kept
        How many signals the whole output has, and whether every draw is in it.
    """
    advance = work.phase("trying the model", 1)
    for number in range(_TRIALS):
        (outcome,) = work.engine.run(preflight, [PreflightUnit(recipe, number, wanted, all_kept)])
        if not isinstance(outcome.error, WorkerDiedError):
            advance(1)
            return outcome.value
        if number < _TRIALS - 1:
            _logger.warning("%s Trying other draws.", outcome.error)
    raise WorkerDiedError(
        f"{recipe} ended the worker process on each of {_TRIALS} sets of draws: the model cannot make these signals. "
        "Choose another model, or a prior within its range."
    )
