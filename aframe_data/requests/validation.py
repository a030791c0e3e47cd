"""``aframe-data validation-waveforms``: signals that reach an SNR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.places import place
from aframe_data.requests.declaration import OUTPUT, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Pictured, Working
from aframe_data.requests.signals import CURVES, MOST_SIGNALS, NOISE, PSD_HELP, SIGNALS, DetectedSignals, noise_given

if TYPE_CHECKING:
    from aframe_data.reports.injections import InjectionReport


@request
class ValidationWaveforms(DetectedSignals, Pictured, Working, Making, Request["InjectionReport"]):
    """Generate validation signals above an SNR threshold.

    Signals are drawn until enough of them reach the threshold in a network of detectors. Draws whose estimated
    SNR is clearly too low are never computed in full. The same --seed gives the same file for any number of
    workers, and an interrupted command resumes where it stopped.
    """

    command, plan = "validation-waveforms", "aframe_data.injections.validation:plan"
    picture, printer = "aframe_data.injections.picture:draw_accepted", "injections"
    example = (
        "--prior end_o3_ratesandpops --num-signals 2000 --ifos H1,L1 --waveform-duration 8 --sample-rate 2048 "
        "--psd background -o val_waveforms.hdf5"
    )

    num_signals: int = option(help="Number of signals to accept.", group=SIGNALS, minimum=1, maximum=MOST_SIGNALS)
    output_file: str | Path = output(help="File to write.")
    rejected_file: str | Path | None = option(
        default=None,
        help="Also write the parameters of rejected draws to this file.",
        group=OUTPUT,
        remote=True,
        affects_data=False,
    )
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path] = option(
        help=PSD_HELP,
        group=NOISE,
        parse=noise_given,
        files=True,
        names=CURVES,
        aliases=("psd_file",),
        metavar="[IFO=]FILE|CURVE",
        tabled=True,
        repeated=True,
    )

    def check(self) -> None:
        """Refuse values that do not go together."""
        super().check()
        if self.max_draws is not None:
            checks.require_count("max_draws", self.max_draws, self.num_signals)
        if self.rejected_file is not None:
            checks.require_different("output_file", place(self.output_file), "rejected_file", place(self.rejected_file))
