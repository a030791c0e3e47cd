"""What a generation of training waveforms will do, and whether it is done already or was begun."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import DataQualityError
from aframe_data.io import ledger, provenance
from aframe_data.waveforms.parts import PartsFolder
from aframe_data.waveforms.unit import POLARIZATIONS, STORED_PARAMETERS, UnitTask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.waveforms.recipe import Recipe


@dataclass(frozen=True)
class TrainingPlan:
    """What will be generated; all that can be checked without drawing a signal has been checked.

    Attributes
    ----------
    recipe
        What defines the signals.
    num_signals, output_file
        How many, and where to.
    max_failed_fraction
        Share of the signals that may fail and be replaced.
    overwrite
        Whether an output that is there, or unfinished work, is replaced.
    present
        Whether the output is there already, made by the same request.
    """

    recipe: Recipe
    num_signals: int
    output_file: Path
    max_failed_fraction: float
    overwrite: bool
    present: bool

    @property
    def layout(self) -> ledger.Layout:
        """The output's shape."""
        request = self.recipe.request
        return ledger.Layout(
            length=self.num_signals,
            attributes={
                "sample_rate": request.sample_rate,
                "duration": request.duration,
                "right_pad": request.right_pad,
                "num_injections": self.num_signals,
            },
            parameters=dict.fromkeys(STORED_PARAMETERS, ()),
            waveforms=dict.fromkeys(POLARIZATIONS, request.size),
            dtype=self.recipe.dtype,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the output."""
        return self.layout.nbytes

    @property
    def temporary_nbytes(self) -> int:
        """Bytes of the finished units, which lie beside the output until it is whole."""
        return self.nbytes

    def tasks(self) -> Iterator[UnitTask]:
        """The units, without end: the planned ones, and then those that replace failed signals."""
        folder, size = PartsFolder(self.output_file), self.recipe.unit_size
        number = 0
        while True:
            left = self.num_signals - number * size
            yield UnitTask(self.recipe, number, min(size, left) if left > 0 else size, folder.unit(number))
            number += 1


def request_record(plan: TrainingPlan) -> dict[str, Any]:
    """What the output is a function of; by it a later run knows a finished or unfinished output as its own."""
    return provenance.provenance("waveforms", {"num_signals": plan.num_signals, **plan.recipe.describe()})


def resume(plan: TrainingPlan, *, keep_seed: bool) -> TrainingPlan:
    """Recognize an output, or unfinished work, of the same request; without a seed of the user's, take its."""
    output = plan.output_file
    if output.exists():
        try:
            found = ledger.summarize(output, check=False).record or {}
        except DataQualityError as error:
            raise checks.output_exists(output) from error
        same = _with_seed_of(plan, found, keep_seed=keep_seed)
        difference = provenance.difference(found, request_record(same))
        if difference:
            raise checks.output_exists(output, difference)
        return replace(same, present=True)
    unfinished = PartsFolder(output).read()
    return plan if unfinished is None else _with_seed_of(plan, unfinished, keep_seed=keep_seed)


def _with_seed_of(plan: TrainingPlan, record: Mapping[str, Any], *, keep_seed: bool) -> TrainingPlan:
    seed = record.get("arguments", {}).get("seed")
    if keep_seed or not isinstance(seed, int):
        return plan
    return replace(plan, recipe=replace(plan.recipe, seed=seed))
