"""The unit of work of waveform generation: a few places, and draws until they are filled, in a file of its own."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.formats import ledger
from aframe_data.plugin.records import PriorProvider
from aframe_data.waveforms import order
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import count_of, joined, take
from aframe_data.waveforms.generation import describe_failure, generate
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.types import FloatArray
    from aframe_data.waveforms.draws import Parameters
    from aframe_data.waveforms.recipe import Recipe

POLARIZATIONS = ("cross", "plus")

#: Signals generated at once, and between two reports of progress, where the model does not say how many suit it.
_STEP = 16
#: Failures after which a unit asks whether it should go on, and by how many standard deviations there may be more
#: than the run allows on average.
_MANY_FAILURES, _DEVIATIONS = 64, 5


@dataclass(frozen=True)
class WaveformUnit:
    """One unit.

    Attributes
    ----------
    recipe
        What the signals are.
    number
        Of the unit; part of its seed.
    wanted
        Signals wanted.
    max_failed_fraction
        Share of the draws that may fail; a unit in which far more do is given up.
    path
        Its file.
    attempt
        How often its worker died before; a part of its seed, so that it meets other draws.
    """

    recipe: Recipe
    number: int
    wanted: int
    max_failed_fraction: float
    path: Path
    attempt: int = 0

    def __str__(self) -> str:
        return f"unit {self.number} of seed {self.recipe.seed}"


@dataclass(frozen=True)
class UnitReport:
    """What a unit gave.

    Attributes
    ----------
    accepted, drawn
        Signals in its file, and draws that were tried; all of a unit's size with each attempt whose worker died.
    failures
        Parameters of each draw that gave no waveform, and why. And a line for each attempt whose worker died.
    """

    accepted: int
    drawn: int
    failures: tuple[str, ...]


def finish_unit(unit: WaveformUnit) -> UnitReport:
    """Run a unit unless its file is there, whole and intact."""
    record = read_unit(unit.path)
    if record is None or record.get("wanted") != unit.wanted or "report" not in record:
        return generate_unit(unit)
    report = record["report"]
    done = UnitReport(**{**report, "failures": tuple(report["failures"])})
    advance(done.accepted, found=True)
    return done


def generate_unit(unit: WaveformUnit) -> UnitReport:
    """Draw signals until as many as are wanted do not fail, or far too many did; write the file of a whole unit.

    Draws are made a whole unit at a time, so that a signal does not depend on how many are wanted.
    """
    recipe = unit.recipe
    shape = (unit.wanted, recipe.request.size)
    waveforms: dict[str, FloatArray] = {name: np.empty(shape, recipe.dtype) for name in POLARIZATIONS}
    parameters: list[Parameters] = []
    # Told here, so that the file of the unit tells it to a run that goes on.
    failures = [f"the worker process died; lost is an attempt at {unit}"] * unit.attempt
    accepted = drawn = 0
    for draws in _draws(unit):
        first = 0
        while accepted < unit.wanted and first < recipe.unit_size and not _given_up(unit, len(failures), drawn):
            step = min(recipe.waveform_batch or _STEP, unit.wanted - accepted, recipe.unit_size - first)
            batch = take(draws, slice(first, first + step))
            generated, failed = generate(recipe, batch)
            order.require_all_made(recipe, unit.number * recipe.unit_size + drawn, failed)
            good = [index for index in range(step) if index not in failed]
            for name in POLARIZATIONS:
                waveforms[name][accepted : accepted + len(good)] = generated[name][good]
            parameters.append(take(batch, np.array(good, dtype=np.intp)))
            failures += [
                f"draw {drawn + index} of {unit}: {describe_failure(recipe, batch, index, reason)}"
                for index, reason in sorted(failed.items())
            ]
            accepted, first, drawn = accepted + len(good), first + step, drawn + step
            advance(len(good))
        if first < recipe.unit_size or accepted == unit.wanted:
            break
    report = UnitReport(accepted, drawn + unit.attempt * recipe.unit_size, tuple(failures))
    if accepted == unit.wanted:
        found = joined(parameters)
        stored = {name: found[name] for name in stored_parameters(recipe)}
        write_unit(unit.path, recipe, stored, waveforms, {"wanted": unit.wanted, "report": asdict(report)})
    return report


def _draws(unit: WaveformUnit) -> Iterator[Parameters]:
    """The unit's draws without end, as many at a time as the first time, which is all where none fails.

    In order there are as many as are wanted.
    """
    size = unit.recipe.unit_size
    if order.has_order(unit.recipe):
        yield recipes.draw(unit.recipe, unit.recipe.stream, (unit.number,), unit.wanted, unit.number * size)
        return
    for number in count():
        more = (unit.attempt, number) if unit.attempt or number else ()
        yield recipes.draw(unit.recipe, unit.recipe.stream, (unit.number, *more), size)


def _given_up(unit: WaveformUnit, failed: int, drawn: int) -> bool:
    return failed > unit.recipe.unit_size and fails_too_often(failed, drawn, unit.max_failed_fraction)


def fails_too_often(failed: int, drawn: int, max_failed_fraction: float) -> bool:
    """Whether so many fail that the run will not be allowed to end: it should not take all its draws to say so."""
    allowed = max_failed_fraction * drawn
    return failed > max(_MANY_FAILURES, allowed + _DEVIATIONS * math.sqrt(allowed))


def stored_parameters(recipe: Recipe) -> tuple[str, ...]:
    """Fields of the parameters in the files of a recipe: all that is drawn, and what each signal was made with."""
    return _fields(recipe, recipes.prior_of(recipe).parameters)


def expected_parameters(recipe: Recipe) -> tuple[str, ...]:
    """As `stored_parameters`, as far as the records tell without loading the prior."""
    provider = recipe.prior.provider
    declared = provider.parameters if isinstance(provider, PriorProvider) else None
    return _fields(recipe, declared or ())


def _fields(recipe: Recipe, drawn: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*recipe.kind.parameters, *recipe.kind.added, *drawn)))


def write_unit(
    path: Path, recipe: Recipe, parameters: Parameters, waveforms: Parameters, record: Mapping[str, Any]
) -> None:
    """Write the file of a unit of any kind: its signals, and in its record what became of it."""
    layout = ledger.Layout(
        length=count_of(parameters),
        attributes={},
        parameters={name: values.shape[1:] for name, values in parameters.items()},
        waveforms=dict.fromkeys(waveforms, recipe.request.size),
        dtype=recipe.dtype,
    )
    with ledger.create(path, layout, unfinished=True) as writer:
        writer.append(parameters, waveforms)
        writer.finish(record)


def read_unit(path: Path) -> dict[str, Any] | None:
    """The record of a unit's file that is there, whole and intact; None where the unit must be run."""
    try:
        found = ledger.summarize(path)
    except DataQualityError:
        return None
    return found.record if found.intact else None
