"""What a person looks for in the noise of a detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

#: Share of the frequencies in which a detector is looked at: beyond, strain may have been filtered.
_UNFILTERED = 0.8
#: Of a density that comes from an amplitude.
_ROUNDING = 1e-9
#: Share of the quietest density below which one is no detector's, but what a filter has left.
_LEFT = 0.1


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
        sound = (
            np.isfinite(density) & (density > 0) & (frequencies >= 20) & (frequencies <= _UNFILTERED * frequencies[-1])
        )
    if not sound.any():
        return None
    lowest = int(np.argmin(np.where(sound, density, np.inf)))
    return float(frequencies[lowest]), float(density[lowest] ** 0.5)


def filtered_from(frequencies: FloatArray, density: FloatArray, counted: NDArray[np.bool_]) -> float | None:
    """Return the frequency (Hz) from which on the strain was filtered, so that its density is no detector's any more.

    Archives and resampling remove what is near the Nyquist frequency, where a signal would then seem infinitely loud.

    Parameters
    ----------
    frequencies, density
        (k,) Hz and (k,) 1/Hz, up to the Nyquist frequency.
    counted
        (k,) which of them matter; where the filter leaves these alone, the answer is None.
    """
    heard = quietest(frequencies, density)
    if heard is None:
        return None
    quiet = heard[1] ** 2
    silent = np.flatnonzero(counted & (frequencies > _UNFILTERED * frequencies[-1]) & (density < _LEFT * quiet))
    if not len(silent):
        return None
    sound = np.flatnonzero(density[: silent[0]] >= quiet * (1 - _ROUNDING))
    return float(frequencies[sound[-1]])
