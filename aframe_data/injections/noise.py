"""The noise of each segment of a campaign, taken from its own background file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import DataQualityError
from aframe_data.formats.psd import read_spectra, write_spectra
from aframe_data.psd.sources import load_spectra

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.types import WaveformRequest


@dataclass(frozen=True)
class NoiseTask:
    """The spectra of one background file, for signals of a request, and the file to keep them in."""

    background: Path
    acceptance: Acceptance
    request: WaveformRequest
    path: Path

    def __str__(self) -> str:
        return f"the noise of {self.background}"


def estimate_noise(task: NoiseTask) -> None:
    """Estimate the spectra unless they are there.

    Raises
    ------
    DataQualityError
        The background holds samples that are not finite, or is silent somewhere in the band.
    """
    try:
        read_spectra(task.path)
    except (DataQualityError, OSError):
        spectra = load_spectra(
            [str(task.background)],
            ifos=task.acceptance.ifos,
            size=task.request.size,
            sample_rate=task.request.sample_rate,
            band=task.acceptance.band,
        )
        write_spectra(task.path, spectra, {})
