"""``aframe-data waveforms``: training waveforms, what they are asked for by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.requests.declaration import option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Working
from aframe_data.requests.signals import MOST_SIGNALS, SIGNALS, Signals

if TYPE_CHECKING:
    from aframe_data.reports.waveforms import TrainingReport


@request
class TrainingWaveforms(Signals, Working, Making, Request["TrainingReport"]):
    """Generate training waveforms from a prior.

    Writes the plus and cross polarizations of each signal. The same --seed gives the same file for any number
    of workers, and an interrupted command resumes where it stopped.
    """

    command, plan = "waveforms", "aframe_data.waveforms.plan:plan"
    example = (
        "--prior end_o3_ratesandpops --num-signals 10000 --waveform-duration 8 --sample-rate 2048 "
        "-o training_waveforms.hdf5"
    )

    num_signals: int = option(help="Number of signals to generate.", group=SIGNALS, minimum=1, maximum=MOST_SIGNALS)
    output_file: str | Path = output(help="File to write.")
