"""What was generated for training, or would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Forecast, Report

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TrainingReport(Report):
    """What was generated.

    Attributes
    ----------
    path
        The file.
    num_signals, drawn
        Signals in it, and signals drawn for it.
    failures
        The draws that failed, with their parameters and reasons.
    seed
        Of the run.
    present
        True if the file was there already and is sound.
    """

    path: Path
    num_signals: int
    drawn: int
    failures: tuple[str, ...]
    seed: int
    present: bool = False


@dataclass(frozen=True)
class TrainingForecast(Forecast):
    """What to expect.

    Attributes
    ----------
    path, num_signals, seed
        What would be made.
    nbytes
        Bytes of the file; as many lie beside it until it is whole.
    seconds_per_signal
        Of one worker, measured on a few signals.
    workers
        How many there are.
    """

    path: Path
    num_signals: int
    seed: int
    nbytes: int
    seconds_per_signal: float
    workers: int

    @property
    def seconds(self) -> float:
        """Of all workers together."""
        return self.seconds_per_signal * self.num_signals / self.workers

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        return {**super().describe(), "temporary_nbytes": self.nbytes, "seconds": self.seconds}
