"""The unit of work of waveform generation: a fixed number of draws, their waveforms, one file of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.formats import ledger
from aframe_data.plugin.records import PriorProvider
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import count_of, take
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.types import FloatArray
    from aframe_data.waveforms.draws import Parameters
    from aframe_data.waveforms.recipe import Recipe

POLARIZATIONS = ("cross", "plus")

#: Signals generated at once, and between two reports of progress, where the model does not say how many suit it.
_STEP = 16


@dataclass(frozen=True)
class WaveformUnit:
    """One unit: its number, how many signals are wanted of it, and its file."""

    recipe: Recipe
    number: int
    wanted: int
    path: Path

    @property
    def first_draw(self) -> int:
        """Number of the unit's first draw, counted from the first draw of the run."""
        return self.number * self.recipe.unit_size

    def __str__(self) -> str:
        last = self.first_draw + self.recipe.unit_size - 1
        return f"unit {self.number} (draws {self.first_draw} to {last} of seed {self.recipe.seed})"


@dataclass(frozen=True)
class Failure:
    """A draw that gave no waveform: its number, counted from the first draw of the run, and why."""

    draw: int
    reason: str

    def __str__(self) -> str:
        return f"draw {self.draw}: {self.reason}"


@dataclass(frozen=True)
class UnitReport:
    """What a unit gave.

    Attributes
    ----------
    accepted
        Numbers of the draws in its file, counted from the first draw of the unit.
    drawn
        Draws that were tried.
    failures
        The draws that failed. A unit that died with its worker has one for all.
    """

    accepted: tuple[int, ...]
    drawn: int
    failures: tuple[Failure, ...]

    def until(self, count: int, first_draw: int) -> UnitReport:
        """What it had given when the `count`-th draw was accepted; later draws were never made, by the rule."""
        if count > len(self.accepted):
            return self
        drawn = self.accepted[count - 1] + 1
        failures = tuple(failure for failure in self.failures if failure.draw < first_draw + drawn)
        return UnitReport(self.accepted[:count], drawn, failures)


def generate_unit(unit: WaveformUnit) -> UnitReport:
    """Draw a unit's signals, generate the first `wanted` that do not fail, and write them to the unit's file.

    The draw is always of the whole unit, so that a signal does not depend on how many are wanted.
    """
    recipe = unit.recipe
    parameters = recipes.draw(recipe, recipe.stream, (unit.number,), recipe.unit_size)
    accepted: list[int] = []
    shape = (unit.wanted, recipe.request.size)
    waveforms: dict[str, FloatArray] = {name: np.empty(shape, recipe.dtype) for name in POLARIZATIONS}
    failures: list[Failure] = []
    drawn = 0
    while drawn < recipe.unit_size and len(accepted) < unit.wanted:
        step = min(recipe.waveform_batch or _STEP, unit.wanted - len(accepted), recipe.unit_size - drawn)
        batch = take(parameters, slice(drawn, drawn + step))
        generated, failed = recipes.generate(recipe, batch)
        good = [index for index in range(step) if index not in failed]
        for name in POLARIZATIONS:
            waveforms[name][len(accepted) : len(accepted) + len(good)] = generated[name][good]
        accepted += [drawn + index for index in good]
        failures += [
            Failure(unit.first_draw + drawn + index, recipes.describe_failure(recipe, batch, index, reason))
            for index, reason in sorted(failed.items())
        ]
        drawn += step
        advance(len(good))
    report = UnitReport(tuple(accepted), drawn, tuple(failures))
    stored = {name: parameters[name][accepted] for name in stored_parameters(recipe)}
    record = {"wanted": unit.wanted, **asdict(report)}
    write_unit(unit.path, recipe, stored, take(waveforms, slice(len(accepted))), record)
    return report


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
    with ledger.create(path, layout) as writer:
        writer.append(parameters, waveforms)
        writer.finish(record)


def read_unit(path: Path) -> dict[str, Any] | None:
    """The record of a unit's file that is there, whole and intact; None where the unit must be run."""
    try:
        found = ledger.summarize(path)
    except DataQualityError:
        return None
    return found.record if found.intact else None


def read_report(unit: WaveformUnit) -> UnitReport | None:
    """The report of a unit whose file is there, whole and intact; None where the unit must be run."""
    record = read_unit(unit.path)
    if record is None or record.get("wanted") != unit.wanted:
        return None
    failures = tuple(Failure(**failure) for failure in record["failures"])
    return UnitReport(tuple(record["accepted"]), int(record["drawn"]), failures)
