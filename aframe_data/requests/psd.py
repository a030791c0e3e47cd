"""``aframe-data psd``: power spectral densities, what they are asked for by, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Pictured, paths_given
from aframe_data.types import PowerSpectra
from aframe_data.work.plan import Forecast, Report


@dataclass(frozen=True, eq=False)
class PsdReport(Report):
    """What was done.

    Attributes
    ----------
    path
        The file.
    spectra
        Its content.
    segments
        Number of segments of each interferometer that the estimate is the median of.
    present
        True if the same request was met before, and nothing was estimated.
    """

    path: Path
    spectra: PowerSpectra
    segments: int
    present: bool

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "path": str(self.path),
            "ifos": list(self.spectra.ifos),
            "segments": self.segments,
            "present": self.present,
        }


@dataclass(frozen=True)
class PsdForecast(Forecast):
    """What to expect.

    Attributes
    ----------
    path, ifos, fft_length
        What would be made.
    num_files, livetime
        Of the background: files, and seconds of each interferometer.
    segments
        Number of segments of each interferometer that the estimate would be the median of.
    nbytes
        Bytes of the file, but for its provenance.
    """

    path: Path
    ifos: tuple[str, ...]
    fft_length: float
    num_files: int
    livetime: float
    segments: int
    nbytes: int

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        return {**asdict(self), "path": str(self.path), "ifos": list(self.ifos)}


@request
class EstimatePsd(Pictured, Making, Request[PsdReport]):
    """Estimate power spectral densities from background files.

    Welch's method: Hann windows that overlap by half, and the median over all FILES together.
    """

    command, plan = "psd", "aframe_data.psd.estimate:plan"
    picture = "aframe_data.figures.psd:draw_report"
    example = "background/background-1240579783-7829.hdf5 -o psd.hdf5"

    files: str | Path | Sequence[str | Path] = option(
        help="Background files, or folders of them; of one sample rate, and their spans do not overlap.",
        parse=paths_given,
        repeated=True,
        kw_only=False,
        affects_data=False,
    )
    output_file: str | Path = option(help="File to write.", group=OUTPUT, short="o", affects_data=False)
    fft_length: float = option(default=8.0, help="Seconds of one FFT.", minimum=0, exclusive=True)
    ifos: Sequence[str] | None = option(default=None, help="Interferometers: H1,L1.", otherwise="those of the files")

    def check(self) -> None:
        """Refuse no files."""
        if not self.files:
            raise UsageError("no file was given: say at least one background file.")
