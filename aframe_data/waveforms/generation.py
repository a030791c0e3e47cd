"""The waveforms of some draws, as the generator of a recipe makes them, and which of them are not fit for use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import PluginError
from aframe_data.types import Polarizations
from aframe_data.waveforms.draws import count_of, in_batches, joined
from aframe_data.waveforms.recipe import generator_of

if TYPE_CHECKING:
    from aframe_data.waveforms.draws import Parameters
    from aframe_data.waveforms.recipe import Recipe


def generate(recipe: Recipe, parameters: Parameters) -> tuple[Parameters, dict[int, str]]:
    """Generate the polarizations of some signals, a batch at a time, and find those that are not fit for use.

    Returns
    -------
    waveforms
        plus and cross, (n, size).
    failures
        Index of each signal that failed or is not finite, and why.
    """
    made = [_generate_batch(recipe, batch) for batch in in_batches(parameters, recipe.batch)]
    if len(made) == 1:
        return made[0]
    waveforms = joined([batch for batch, _ in made])
    failures: dict[int, str] = {}
    first = 0
    for batch, failed in made:
        failures |= {first + index: reason for index, reason in failed.items()}
        first += len(batch["plus"])
    return waveforms, failures


def _generate_batch(recipe: Recipe, parameters: Parameters) -> tuple[Parameters, dict[int, str]]:
    size = recipe.request.size
    count = count_of(parameters)
    with recipe.generator.at_work():
        result = generator_of(recipe.generator).generate(parameters, recipe.request)
    if not isinstance(result, Polarizations):
        raise PluginError(f"waveform generator {recipe.generator.key!r} returned a {type(result).__name__}.")
    waveforms = {"plus": np.asarray(result.plus), "cross": np.asarray(result.cross)}
    for name, values in waveforms.items():
        if values.shape != (count, size) or values.dtype.kind not in "fiu":
            raise PluginError(
                f"waveform generator {recipe.generator.key!r} returned {name} of shape {values.shape} and type "
                f"{values.dtype}, not real numbers of shape {(count, size)}."
            )
    failures = dict(result.failures)
    if not failures.keys() <= set(range(count)):
        raise PluginError(f"waveform generator {recipe.generator.key!r} names failures that are none of its signals.")
    finite = np.ones(count, dtype=bool)
    for values in waveforms.values():
        # As the file holds them: what float64 can say may be infinite in float32.
        with np.errstate(over="ignore"):
            finite &= np.isfinite(values.astype(recipe.dtype, copy=False)).all(axis=1)
    heard = waveforms["plus"].any(axis=1) | waveforms["cross"].any(axis=1)
    for good, otherwise in ((finite, f"not finite in {recipe.dtype}"), (heard, "zero everywhere")):
        for index in np.flatnonzero(~good).tolist():
            failures.setdefault(index, f"the waveform is {otherwise}")
    return waveforms, failures


def describe_failure(recipe: Recipe, parameters: Parameters, index: int, reason: str) -> str:
    """One line that tells a person which signal failed, and why."""
    values = ", ".join(f"{name}={parameters[name][index]:.6g}" for name in recipe.kind.described_by)
    return f"{reason} ({values})"
