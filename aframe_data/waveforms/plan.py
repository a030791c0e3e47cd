"""What a generation of training waveforms will do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.formats import ledger
from aframe_data.store import provenance
from aframe_data.waveforms.unit import POLARIZATIONS, UnitTask, expected_parameters
from aframe_data.work.unfinished import PartsFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    def outputs(self) -> tuple[Path, ...]:
        """All files that it writes: the one."""
        return (self.output_file,)

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
            parameters=dict.fromkeys(expected_parameters(self.recipe), ()),
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
