"""``aframe-data waveforms``: training waveforms, what they are asked for by, and what comes of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aframe_data.requests.declaration import OUTPUT, option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import SIGNALS, Making, Signals, Working
from aframe_data.work.plan import Forecast, Report


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

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {**asdict(self), "path": str(self.path)}


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
        return {**asdict(self), "path": str(self.path), "temporary_nbytes": self.nbytes, "seconds": self.seconds}


@request
class TrainingWaveforms(Signals, Working, Making, Request[TrainingReport]):
    """Generate the polarizations of signals drawn from a prior, for training.

    The same --seed gives the same file on any number of workers; an interrupted command goes on where it
    stopped.
    """

    command, plan = "waveforms", "aframe_data.waveforms.plan:plan"
    example = (
        "--prior end_o3_ratesandpops --num-signals 10000 --waveform-duration 8 --sample-rate 2048 "
        "-o training_waveforms.hdf5"
    )

    num_signals: int = option(help="Number of signals.", group=SIGNALS, minimum=1)
    output_file: str | Path = option(help="File to write.", group=OUTPUT, short="o", affects_data=False)

    def check(self) -> None:
        """Refuse values that do not go together."""
        self.check_signals()
