"""What makes a signal accepted, and what depends on nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.detection.detectors import require_ifos
from aframe_data.psd.band import Band
from aframe_data.psd.grid import Grid

if TYPE_CHECKING:
    from aframe_data.requests.signals import DetectedSignals
    from aframe_data.types import WaveformRequest


@dataclass(frozen=True)
class Acceptance:
    """The detectors, and the SNR that a signal must have in all of them together.

    Attributes
    ----------
    ifos
        Prefixes of the interferometers, in the order of the files' columns.
    band
        The frequencies that count.
    snr_threshold
        The smallest SNR of the network that is accepted.
    true_right_ascension
        Whether `ra` is a right ascension, so that a detector's answer depends on the time of the signal, or,
        as Aframe takes it, a longitude fixed to the Earth.
    full_evaluation
        Whether every draw is computed in full, and none rejected by an estimate of its SNR.
    """

    ifos: tuple[str, ...]
    band: Band
    snr_threshold: float
    true_right_ascension: bool = False
    full_evaluation: bool = False

    def grid(self, window: WaveformRequest) -> Grid:
        """The frequencies of a window, and those that count; a `UsageError` where it has none."""
        return Grid(window.size, window.sample_rate, self.band)


def acceptance_of(request: DetectedSignals, *, true_right_ascension: bool = False) -> Acceptance:
    """What makes a signal of a request accepted.

    Raises
    ------
    UsageError
        An interferometer is unknown, the sample rate does not have the band, or the threshold is none.
    """
    acceptance = Acceptance(
        ifos=require_ifos(tuple(request.ifos)),
        band=Band(request.highpass, request.lowpass),
        snr_threshold=request.snr_threshold,
        true_right_ascension=true_right_ascension,
        full_evaluation=request.full_evaluation,
    )
    acceptance.band.check(request.sample_rate)
    return acceptance
