"""An estimate of the SNR from a model's spectrum at a few frequencies, for a small part of a full one's cost.

|h(f)|² of a signal in a detector is smooth, and the noise is not. So the noise is summed once, at all its
frequencies, into weights for the few: SNR² = Σ w_k |h(f_k)|², where w_k is the sum of a hat function over
the inverse of the spectral density. That is the SNR of the spectrum interpolated linearly in log f.

The estimate knows no window, no taper and no start frequency; how far it may be off is found by calibration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aframe_data.psd.band import Band
    from aframe_data.types import ComplexArray, FloatArray, Sketch


class SnrEstimator:
    """The weights of some nodes for the noise of some interferometers.

    Parameters
    ----------
    nodes
        Number of frequencies, at least two.
    spectra_values
        (n_ifo, size // 2 + 1) one-sided power spectral densities, 1/Hz, at the frequencies of a window's FFT.
        An interferometer with NaN inside the band gives estimates that are NaN.
    sample_rate
        Hz.
    size
        Samples in a window.
    band
        The frequencies that count.

    Attributes
    ----------
    frequencies
        (nodes,) Hz, evenly spaced in log f from the band's high-pass to its low-pass or the Nyquist frequency.
    """

    def __init__(self, nodes: int, spectra_values: FloatArray, sample_rate: float, size: int, band: Band) -> None:
        nyquist = sample_rate / 2
        stop = nyquist if band.lowpass is None else min(band.lowpass, nyquist)
        self.frequencies: FloatArray = np.geomspace(band.highpass, stop, nodes)
        grid = np.fft.rfftfreq(size, 1 / sample_rate)
        inside = band.mask(grid, sample_rate)
        position = np.interp(np.log(grid[inside]), np.log(self.frequencies), np.arange(nodes))
        left = np.minimum(position.astype(np.intp), nodes - 2)
        share = position - left
        self._weights = np.empty((len(spectra_values), nodes))
        for row, values in zip(self._weights, spectra_values, strict=True):
            noise = 4 * sample_rate / size / values[inside]
            row[:] = np.bincount(left, noise * (1 - share), nodes) + np.bincount(left + 1, noise * share, nodes)
            if np.isnan(noise).any():  # in one interval only: not of use for any signal
                row[:] = np.nan

    def sketched(self, sketch: Sketch) -> tuple[FloatArray, FloatArray]:
        """Return what the SNRs of n sketched signals need, whatever their place on the sky.

        Returns
        -------
        quadratics
            (n, n_ifo, 3), as `quadratics` gives them.
        loudest
            (n, n_ifo): the weighted sum of |amplitude|².
        """
        loudest = ((sketch.amplitude**2)[:, np.newaxis] @ self._weights.T)[:, 0]
        plus, cross = sketch.plus, sketch.cross
        shares = np.stack([np.abs(plus) ** 2, np.abs(cross) ** 2, (plus * cross.conj()).real], axis=-1)
        return loudest[..., np.newaxis] * shares[:, np.newaxis], loudest

    def quadratics(self, plus: ComplexArray, cross: ComplexArray) -> FloatArray:
        """Return what the SNR of n signals needs of their spectra, whatever their place on the sky.

        Parameters
        ----------
        plus, cross
            (n, nodes) strain per hertz at `frequencies`.

        Returns
        -------
        FloatArray
            (n, n_ifo, 3): the weighted sums of |h_plus|², |h_cross|² and Re(h_plus conj(h_cross)).
        """
        products = np.stack(
            [
                plus.real**2 + plus.imag**2,
                cross.real**2 + cross.imag**2,
                plus.real * cross.real + plus.imag * cross.imag,
            ],
            axis=1,
        )  # (n, 3, nodes)
        return np.swapaxes(products @ self._weights.T, 1, 2)


def estimated_snr(quadratics: FloatArray, antenna: FloatArray) -> FloatArray:
    """Return the estimated SNR, (n, n_ifo), of the (n, n_ifo, 3) of `SnrEstimator.quadratics` and (n, n_ifo, 2).

    NaN where a spectrum held NaN.
    """
    f_plus, f_cross = antenna[..., 0], antenna[..., 1]
    squares = f_plus**2 * quadratics[..., 0] + f_cross**2 * quadratics[..., 1]
    squares += 2 * f_plus * f_cross * quadratics[..., 2]
    # a signal that a detector cannot see at all: rounding may leave less than nothing
    snrs: FloatArray = np.sqrt(np.maximum(squares, 0))
    return snrs


def loudest_snr(loudest: FloatArray, antenna: FloatArray) -> FloatArray:
    """Return the SNR, (n, n_ifo), that no orientation of a source exceeds; `loudest` is of `SnrEstimator.sketched`."""
    snrs: FloatArray = np.sqrt(loudest * np.square(antenna).sum(axis=-1))
    return snrs
