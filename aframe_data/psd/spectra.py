"""The noise of some interferometers, as power spectral densities on one grid of frequencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import FloatArray


@dataclass(frozen=True, eq=False)
class PowerSpectra:
    """One-sided power spectral densities.

    Attributes
    ----------
    ifos
        The interferometers, sorted.
    frequencies
        (k,) Hz, evenly spaced; from zero where it is the grid of a window's FFT.
    values
        (n_ifo, k) 1/Hz, in the order of `ifos`.
    record
        What they came from, for the provenance.
    """

    ifos: tuple[str, ...]
    frequencies: FloatArray
    values: FloatArray
    record: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.ifos), len(self.frequencies)):
            raise ValueError(
                f"values of shape {self.values.shape} are none of {len(self.ifos)} interferometers at "
                f"{len(self.frequencies)} frequencies"
            )

    def of(self, ifo: str) -> FloatArray:
        """The density of one interferometer, (k,)."""
        values: FloatArray = self.values[self.ifos.index(ifo)]
        return values


def quietest(frequencies: FloatArray, density: FloatArray) -> tuple[float, float] | None:
    """Return the frequency (Hz) at which a detector hears best, and its amplitude spectral density there.

    Looked for from 20 Hz to 0.8 of the last frequency: beyond lie frequencies that the strain was filtered at, with
    densities that no detector has. None where there is no sound density.

    Parameters
    ----------
    frequencies, density
        (k,) Hz and (k,) 1/Hz.
    """
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(density) & (density > 0) & (frequencies >= 20) & (frequencies <= 0.8 * frequencies[-1])
    if not sound.any():
        return None
    lowest = int(np.argmin(np.where(sound, density, np.inf)))
    return float(frequencies[lowest]), float(density[lowest] ** 0.5)
