"""What a detector records of a signal: both polarizations, weighed, and delayed to the fraction of a sample.

Polarizations are made on a window that is wider than the one asked for, by whole samples: a signal that
arrives late moves real samples in from the left, one that arrives early from the right, and what is wrapped
around the ends of a Fourier transform stays outside.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.detectors import LARGEST_DELAY
from aframe_data.plugin.placement import TAPER_DURATION, fade_in, fade_length
from aframe_data.types import WaveformRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import ComplexArray, FloatArray

#: Samples between what is moved and the window, on both sides: an edge that is not smooth rings like
#: 1 / (π k), k samples away, when it is moved by a fraction of a sample.
_MARGIN = 64


def padded(request: WaveformRequest) -> WaveformRequest:
    """Return the window, wider by whole samples on both sides, that polarizations must be made on.

    On the left there is room besides for the fade-in of a signal that starts left of it.
    """
    left, right = _room(request.sample_rate)
    return WaveformRequest(
        sample_rate=request.sample_rate,
        duration=(left + request.size + right) / request.sample_rate,
        right_pad=(request.size - request.reference_index + right) / request.sample_rate,
    )


def _room(sample_rate: float) -> tuple[int, int]:
    """Samples by which a window is widened on the left and on the right."""
    right = math.ceil(LARGEST_DELAY * sample_rate) + _MARGIN
    return right + math.ceil(TAPER_DURATION * sample_rate), right


def project(
    polarizations: Mapping[str, FloatArray], request: WaveformRequest, antenna: FloatArray, delays: FloatArray
) -> FloatArray:
    """Project n signals onto interferometers: F_plus h_plus(t - delay) + F_cross h_cross(t - delay).

    Parameters
    ----------
    polarizations
        ``plus`` and ``cross``, (n, padded(request).size).
    request
        The window that is asked for; a signal at the geocentre has its t = 0 at its reference index.
    antenna
        (n, n_ifo, 2): F_plus and F_cross.
    delays
        (n, n_ifo) seconds after the geocentre, at most `LARGEST_DELAY` to either side.

    Returns
    -------
    FloatArray
        (n, n_ifo, request.size) float64. Delays are phases in the frequency domain, exact for what lies below
        the Nyquist frequency. A signal that starts left of the window, in that interferometer, is faded in as
        `aframe_data.plugin.placement.place` does; one that starts inside is not touched.
    """
    from scipy import fft  # a second, which a plan that is refused does without

    rate = request.sample_rate
    left, right = _room(rate)
    total = left + request.size + right
    plus, cross = polarizations["plus"], polarizations["cross"]
    if plus.shape[-1] != total or cross.shape[-1] != total:
        raise ValueError(f"polarizations must have {total} samples (see padded), not {plus.shape[-1]}")
    if not np.all(np.abs(delays) <= LARGEST_DELAY):
        raise ValueError(f"no delay may be longer than {LARGEST_DELAY} s: {delays}")
    period = fft.next_fast_len(total + right, real=True)
    steps = -2 * np.pi * rate / period * delays
    responses = np.empty((*delays.shape, request.size))
    # One signal at a time is twice as fast as all at once: the arrays stay in the processor's cache.
    for signal, response in enumerate(responses):
        spectra = fft.rfft(np.stack([plus[signal], cross[signal]]).astype(np.float64, copy=False), n=period)
        moved = (antenna[signal] @ spectra) * _phases(steps[signal], spectra.shape[-1])  # (n_ifo, frequencies)
        response[:] = fft.irfft(moved, n=period, overwrite_x=True)[:, left : left + request.size]
    _fade(responses, _first_samples(plus, cross) - left, delays * rate, request)
    return responses


def _phases(steps: FloatArray, count: int) -> ComplexArray:
    """Return exp(i k step), (n, count), for k from zero and n steps, in radians.

    As products of the root's worth of coarse and of fine phases: a thirtieth of the time of the exponentials,
    which would be more than half of a projection's, and equal to them within 1e-13.
    """
    fine = math.isqrt(count) + 1
    k = np.arange(fine)
    products = np.exp(1j * steps[:, None, None] * k[:, None] * fine) * np.exp(1j * steps[:, None, None] * k)
    phases: ComplexArray = products.reshape(len(steps), -1)[:, :count]
    return phases


def _first_samples(plus: FloatArray, cross: FloatArray) -> FloatArray:
    """Index, (n,), of the first sample that is not zero; a silent signal starts at infinity."""
    heard = (plus != 0) | (cross != 0)
    return np.where(heard.any(axis=-1), heard.argmax(axis=-1), np.inf)


def _fade(responses: FloatArray, first: FloatArray, shifts: FloatArray, request: WaveformRequest) -> None:
    """Fade in, in place, what starts left of the window; first (n,) and shifts (n, n_ifo) in samples."""
    starts_outside = first[:, None] + shifts < 0
    for signal, ifo in np.argwhere(starts_outside):
        length = fade_length(request, math.floor(request.reference_index + shifts[signal, ifo]))
        ramp = fade_in(length)[: request.size]  # t = 0 may lie beyond a short window
        responses[signal, ifo, : len(ramp)] *= ramp
