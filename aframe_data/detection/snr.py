"""The optimal signal-to-noise ratio of signals in detectors: the one that rejection is decided by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aframe_data.psd.band import Band
    from aframe_data.types import FloatArray


def optimal_snr(responses: FloatArray, spectra_values: FloatArray, sample_rate: float, band: Band) -> FloatArray:
    """Return the optimal SNR of n signals in each interferometer.

    Parameters
    ----------
    responses
        (n, n_ifo, size) strain.
    spectra_values
        (n_ifo, size // 2 + 1) one-sided power spectral densities, 1/Hz, at the frequencies of the FFT.
    sample_rate
        Hz.
    band
        The frequencies that count; the Nyquist frequency never does.

    Returns
    -------
    FloatArray
        (n, n_ifo): the root of 4 Σ |h(f)|² / S(f) Δf, with h(f) the FFT of the whole window, not tapered.
        NaN where a spectrum holds NaN inside the band.
    """
    from scipy import fft  # a second, which a plan that is refused does without

    size = responses.shape[-1]
    # A slice and a plain sum: with a mask or einsum, the last digit of a signal's SNR depends on how many
    # signals there are, and so would which of two runs accepts it.
    counted = np.flatnonzero(band.mask(np.fft.rfftfreq(size, 1 / sample_rate), sample_rate))
    inside = slice(counted[0], counted[-1] + 1) if len(counted) else slice(0)
    spectra = fft.rfft(responses, axis=-1)[..., inside]
    power = spectra.real**2 + spectra.imag**2
    # |rfft / rate|² Δf, with Δf = rate / size
    squares = 4 / (size * sample_rate) * (power / spectra_values[:, inside]).sum(axis=-1)
    snrs: FloatArray = np.sqrt(squares)
    return snrs


def network_snr(ifo_snrs: FloatArray) -> FloatArray:
    """Return the SNR of the network, (...), of the SNRs in each interferometer, (..., n_ifo)."""
    snrs: FloatArray = np.sqrt(np.square(ifo_snrs).sum(axis=-1))
    return snrs
