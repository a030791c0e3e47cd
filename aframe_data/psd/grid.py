"""The frequencies at which noise is wanted, and what a density must be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from aframe_data.psd.band import Band
    from aframe_data.types import FloatArray


@dataclass(frozen=True)
class Grid:
    """The FFT grid of a window, and the part of it that counts; a `UsageError` where it has none.

    Attributes
    ----------
    size
        Samples of the window.
    sample_rate
        Hz.
    band
        The frequencies that count.
    """

    size: int
    sample_rate: float
    band: Band

    def __post_init__(self) -> None:
        self.band.check(self.sample_rate)
        if not self.band.mask(self.frequencies, self.sample_rate).any():
            raise UsageError(f"no frequency of a window of {self.duration:g} s lies in the band {self.band}.")

    @property
    def duration(self) -> float:
        """Seconds of the window."""
        return self.size / self.sample_rate

    @property
    def df(self) -> float:
        """Hz between frequencies."""
        return self.sample_rate / self.size

    @property
    def frequencies(self) -> FloatArray:
        """(size // 2 + 1,) Hz."""
        return np.fft.rfftfreq(self.size, 1 / self.sample_rate)

    @property
    def edges(self) -> tuple[float, float]:
        """First and last frequency of the grid in the band, in Hz."""
        inside = self.frequencies[self.band.mask(self.frequencies, self.sample_rate)]
        return float(inside[0]), float(inside[-1])

    def require_covered(self, name: str, first: float, last: float) -> None:
        """Check that a density that is known from `first` to `last` (Hz) covers the band.

        Raises
        ------
        UsageError
            It does not; `name` is what was given.
        """
        low, high = self.edges
        # Spacing times index is not exact.
        tolerance = 1e-9 * high
        if first > low + tolerance or last < high - tolerance:
            raise UsageError(
                f"PSD {name!r} covers {first:g} to {last:g} Hz, and {low:g} to {high:g} Hz are needed: --highpass and "
                "--lowpass narrow the band."
            )

    def require_positive(self, name: str, ifo: str, inside: FloatArray) -> None:
        """Check densities of one interferometer, at any frequencies inside the band.

        Raises
        ------
        UsageError
            Some are not finite and above zero; `name` is what was given.
        """
        bad = int(np.count_nonzero(~_usable(inside)))
        if bad:
            raise UsageError(
                f"PSD {name!r} of {ifo} is not finite and above zero at {bad} of {len(inside)} frequencies in the "
                f"band, {self.band}: give another, or narrow the band with --highpass and --lowpass."
            )

    def filled(self, name: str, ifo: str, density: FloatArray) -> FloatArray:
        """A density on the grid, checked inside the band, and infinite where it is of no use outside."""
        self.require_positive(name, ifo, density[self.band.mask(self.frequencies, self.sample_rate)])
        return np.where(_usable(density), density, np.inf)


def _usable(density: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.isfinite(density) & (density > 0)
