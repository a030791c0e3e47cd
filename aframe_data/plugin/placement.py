"""Putting a model's time series on the grid of the file: which sample goes where, and what the edges do.

For authors of waveform generators: give `place` the samples of your model and say which of them is nearest
t = 0; it answers with arrays that `aframe_data.types.Polarizations` takes. Nothing here knows a model, and
nothing is interpolated: samples move by whole steps, into zeros, and are never wrapped around an edge.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aframe_data.types import FloatArray, WaveformRequest

#: Seconds over which a signal that starts left of its window is faded in: long enough that what the ramp
#: leaks lies below 2 / TAPER_DURATION = 32 Hz, where Aframe's high-pass begins, and short enough that an
#: eight-second window loses less than a hundredth of its inspiral.
TAPER_DURATION = 1 / 16


def zero_index(epoch: float, sample_rate: float) -> int:
    """Index of the sample nearest t = 0 in a series whose first sample is at time `epoch`.

    Parameters
    ----------
    epoch
        Time of the first sample, in seconds, with the model's t = 0 as origin; negative for a series that
        starts before it.
    sample_rate
        Hz.

    Returns
    -------
    int
        May lie outside the series. Of two samples equally near, the later one.
    """
    return math.floor(-epoch * sample_rate + 0.5)


def place(samples: FloatArray, zero: int, request: WaveformRequest) -> FloatArray:
    """Put a time series on the grid of a request, so that sample `zero` lands on the reference index.

    Parameters
    ----------
    samples
        (..., n) at the request's sample rate; leading axes (plus and cross, many signals that share one
        `zero`) are kept.
    zero
        Index, in `samples`, of the sample nearest the model's t = 0: see `zero_index`. It may lie outside.
    request
        The grid.

    Returns
    -------
    FloatArray
        (..., request.size), of the dtype of `samples`. What lies outside the window is cut, and zeros stand
        where the series has no sample. A series that starts left of the window is faded in by half a period
        of a raised cosine over `TAPER_DURATION`, or over all that is left of t = 0 where that is shorter:
        its first sample is zero, and the sample at t = 0 is untouched. The right edge is not tapered: only a
        `right_pad` shorter than the ringdown lets a signal reach it, and a ramp would then alter the merger.
    """
    size, reference = request.size, request.reference_index
    shift = reference - zero
    start, stop = max(shift, 0), min(shift + samples.shape[-1], size)
    placed = np.zeros((*samples.shape[:-1], size), dtype=samples.dtype)
    if start >= stop:
        return placed
    placed[..., start:stop] = samples[..., start - shift : stop - shift]
    if shift < 0:
        length = fade_length(request, reference)
        placed[..., :length] *= fade_in(length).astype(samples.dtype)
    return placed


def fade_length(request: WaveformRequest, reference: int) -> int:
    """Samples over which a signal is faded in, if its t = 0 lies at index `reference` of the window.

    `TAPER_DURATION`, or all that is left of t = 0 where that is shorter.
    """
    return max(min(max(round(TAPER_DURATION * request.sample_rate), 1), reference), 0)


def fade_in(length: int) -> FloatArray:
    """Return a raised cosine, (length,), that starts at 0 and would reach 1 one sample after its last."""
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length)
