"""Coloured Gaussian noise that is bit-equal however it is cut.

White noise is drawn for each GPS second of its own stream. One finite zero-phase filter colours it, by
overlap-save on one grid of blocks fixed to absolute GPS time: a sample is always the outcome of the same
transform of the same numbers, whichever span was asked for. This module knows neither curves by name nor
requests.

The filter is 32 s long, and its core in frequency is 0.05 Hz wide. On Advanced LIGO's design curve
(LIGO-P1200087), from 0.4 Hz above the first frequency, its power is then within 4.6 % of the curve at every
frequency, and within 2.9 % above 20 Hz, where the worst is a line at 481 Hz that 16 s would miss by 5.8 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data_plugins.simulated.seeds import WHITE_NOISE, stream

if TYPE_CHECKING:
    from aframe_data.psd.curves import Curve
    from aframe_data.types import FloatArray

#: Half the length of the filter, in seconds: a sample depends on white noise this far on either side.
HALF_LENGTH = 16
#: Seconds of noise that one transform gives; blocks start at multiples of it.
BLOCK = 96
#: Shape of the filter's Kaiser window: side lobes 190 dB below the main lobe.
KAISER_BETA = 20.0
#: Half the width of the window's main lobe, in Hz: sqrt(beta**2 + pi**2) / (pi * length).
MAIN_LOBE = float(np.hypot(KAISER_BETA, np.pi) / (np.pi * 2 * HALF_LENGTH))

_TRANSFORM = BLOCK + 2 * HALF_LENGTH


def white_noise(seed: int, ifo: str, second: int, rate: int) -> FloatArray:
    """Draw the white noise of one GPS second: (rate,) normal numbers of unit variance."""
    return stream(seed, WHITE_NOISE, ifo, second).standard_normal(rate)


def filter_response(curve: Curve, rate: int) -> FloatArray:
    """Make the filter's response to white noise of unit variance at `rate`.

    White noise of unit variance has the one-sided power spectral density 2 / rate, so the response is the
    curve's amplitude times sqrt(rate / 2). It is set to zero up to `MAIN_LOBE` above the curve's first
    frequency before it is cut to the filter's length: the cut smears that edge by as much, so the
    result vanishes below the first frequency and is whole from two `MAIN_LOBE` above it.

    Returns
    -------
    ndarray
        (n // 2 + 1,) real, at the frequencies of a transform of n = 128 * rate samples; zero phase.
    """
    from scipy import fft  # a second, which a plan does without

    size = _TRANSFORM * rate
    half = HALF_LENGTH * rate
    frequencies = np.arange(size // 2 + 1) / _TRANSFORM
    amplitude = curve.amplitude(frequencies) * np.sqrt(rate / 2)
    amplitude[frequencies < curve.first_frequency + MAIN_LOBE] = 0.0
    impulse: FloatArray = fft.irfft(amplitude, n=size)
    window = np.kaiser(2 * half + 1, KAISER_BETA)
    impulse[: half + 1] *= window[half:]
    impulse[half + 1 : size - half] = 0.0
    impulse[size - half :] *= window[:half]
    response: FloatArray = np.ascontiguousarray(fft.rfft(impulse).real)
    return response


def coloured_noise(*, seed: int, ifo: str, response: FloatArray, rate: int, start: int, stop: int) -> FloatArray:
    """Make the noise of one interferometer.

    Parameters
    ----------
    seed, ifo
        Which noise.
    response
        From `filter_response`, for the same rate.
    rate
        Samples a second, whole.
    start, stop
        Span in whole GPS seconds, half-open.

    Returns
    -------
    ndarray
        ((stop - start) * rate,) float64.
    """
    noise = np.empty((stop - start) * rate)
    white = np.empty(_TRANSFORM * rate)
    overlap = 2 * HALF_LENGTH * rate
    first_block, last_block = start // BLOCK, (stop - 1) // BLOCK
    for block in range(first_block, last_block + 1):
        opening = block * BLOCK - HALF_LENGTH
        drawn = 0
        if block > first_block:
            white[:overlap] = white[-overlap:]
            drawn = 2 * HALF_LENGTH
        for index in range(drawn, _TRANSFORM):
            white[index * rate : (index + 1) * rate] = white_noise(seed, ifo, opening + index, rate)
        low, high = max(start, block * BLOCK), min(stop, (block + 1) * BLOCK)
        coloured = _colour(white, response)
        noise[(low - start) * rate : (high - start) * rate] = coloured[(low - opening) * rate : (high - opening) * rate]
    return noise


def _colour(white: FloatArray, response: FloatArray) -> FloatArray:
    """Filter one block circularly; the outer `HALF_LENGTH` seconds on both sides are not valid."""
    from scipy import fft

    spectrum = fft.rfft(white)
    # Real and imaginary part apart: a real product is rounded once, whatever instructions the CPU has.
    spectrum.real *= response
    spectrum.imag *= response
    coloured: FloatArray = fft.irfft(spectrum, n=white.size, overwrite_x=True)
    return coloured
