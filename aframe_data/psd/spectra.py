"""What a person looks for in the noise of a detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aframe_data.types import FloatArray


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
