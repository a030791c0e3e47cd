"""``aframe-data psd``: power spectral densities, what they are asked for by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.requests.declaration import option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import LONGEST, Making, Pictured

if TYPE_CHECKING:
    from aframe_data.reports.psd import PsdReport


@request
class EstimatePsd(Pictured, Making, Request["PsdReport"]):
    """Estimate power spectral densities from background files.

    Uses Welch's method with Hann windows that overlap by half, and takes the median over all FILES together.
    """

    command, plan = "psd", "aframe_data.psd.estimate:plan"
    picture = "aframe_data.figures.psd:draw_report"
    example = "background/background-1240579783-7829.hdf5 -o psd.hdf5"

    files: str | Path | Sequence[str | Path] = option(
        help="Background files, or folders of them. They must share one sample rate and must not overlap.",
        remote=True,
        repeated=True,
        kw_only=False,
        affects_data=False,
    )
    output_file: str | Path = output(help="File to write.")
    fft_length: float = option(
        default=8.0, help="Length of each FFT, in seconds.", minimum=0, maximum=LONGEST, exclusive=True
    )
    ifos: Sequence[str] | None = option(
        default=None, help="Interferometers, such as H1,L1.", otherwise="those in the files"
    )

    def check(self) -> None:
        """Refuse no files, and interferometers that are no list of them."""
        if not self.files:
            raise UsageError("no file was given: give at least one background file.")
        checks.require_items("ifos", self.ifos or ())
