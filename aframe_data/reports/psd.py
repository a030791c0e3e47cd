"""What was estimated, or would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Forecast, Report

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import PowerSpectra


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
