"""LAL's high-pass of a time series, forth and back: its gain, and what it does at the end of the series besides.

XLALHighPassREAL8TimeSeries runs a Butterworth filter of order eight as four filters of two poles, each of them once
forth and once back. What rings on beyond the last sample is lost between any two of these runs, which alters the last
few cycles. That is linear in eight sums over the end of the series, those with the powers of the eight poles, and is
itself a sum of the same powers. So a transform with the gain, and this, are the filter.

Forth, a filter answers a single sample with sums of A p^n over its poles p, n samples later; forth and back, with sums
of R p^|n| on either side. Over a half line, products of such powers are geometric series, and what comes of them is of
the same form: this is all that `_answer` uses.

Sources: XLALHighPassREAL8TimeSeries and XLALButterworthREAL8TimeSeries in ButterworthTimeSeries.c.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aframe_data.types import ComplexArray, FloatArray

#: The gain at the corner after both passes is the square root of this, to this order.
_ATTENUATION = 0.99
_ORDER = 8
_LOSS = 1 / math.sqrt(_ATTENUATION) - 1

#: The gain differs from one by less than a double can tell above this many times the corner.
_STOP_GAIN = 8

#: Cycles at the corner in which the ringing dies out.
RINGING_CYCLES = 6

#: Corners whose ends are kept: many signals share one, that of light binaries.
_CORNERS = 64


def gain(step: float, corner: float, sample_rate: float) -> FloatArray:
    """The gain at the multiples of `step` where it is not one, (k,); all arguments in Hz.

    It is a Butterworth filter's gain squared, mapped by the bilinear transform.
    """
    stop = min(_STOP_GAIN * corner, sample_rate / 2)
    tangents = _tangents(step, sample_rate)[: math.ceil(stop / step)]
    with np.errstate(divide="ignore"):  # at zero frequency: infinite loss, no gain
        ratio = math.tan(math.pi * corner / sample_rate) / tangents
    for _ in range(round(math.log2(2 * _ORDER))):
        ratio *= ratio
    passed: FloatArray = 1 / (1 + _LOSS * ratio)
    return passed


@lru_cache(maxsize=16)
def _tangents(step: float, sample_rate: float) -> FloatArray:
    tangents: FloatArray = np.tan(np.pi * step / sample_rate * np.arange(math.ceil(sample_rate / 2 / step)))
    return tangents


def ringing(corner: float, sample_rate: float) -> int:
    """Samples in which the ringing dies out."""
    return math.ceil(RINGING_CYCLES / corner * sample_rate)


def correct_end(filtered: FloatArray, samples: FloatArray, corner: float, sample_rate: float) -> None:
    """Add to the end of (..., n), filtered by the gain, what LAL's filter makes of `samples`, (..., n), besides."""
    length = min(2 * ringing(corner, sample_rate), samples.shape[-1])
    powers, matrix = _end(corner, sample_rate, length)
    filtered[..., -length:] += ((samples[..., -length:] @ powers) @ matrix) @ powers.T


@lru_cache(maxsize=_CORNERS)
def _end(corner: float, sample_rate: float, length: int) -> tuple[FloatArray, FloatArray]:
    """Powers of the poles from a sample to the last one, (length, 8), and the answer, (8, 8), to the sums with them.

    Real and imaginary parts, of the poles with a positive phase.
    """
    angles = np.pi * (2 * np.arange(_ORDER // 2) + 1) / (2 * _ORDER)
    analog = math.tan(math.pi * corner / sample_rate) * _LOSS ** (1 / (2 * _ORDER)) * 1j * np.exp(1j * angles)
    upper = (1 + analog) / (1 - analog)
    # Powers of complex numbers are slow: a table of p^(rows a + b) is the product of two short lists.
    rows = math.isqrt(length) + 1
    table = (upper**rows) ** np.arange(rows)[:, np.newaxis, np.newaxis] * upper ** np.arange(rows)[:, np.newaxis]
    powers = table.reshape(-1, len(upper))[length - 1 :: -1]
    by_upper, by_lower = _answer(upper).reshape(-1, 2, len(upper), 2).transpose(1, 3, 0, 2)[0]
    # A sum over the lower poles is the conjugate of that over the upper ones, and so is their part of the answer.
    answer = 2 * np.concatenate([by_upper + by_lower, 1j * (by_upper - by_lower)], axis=1)
    return np.concatenate([powers.real, powers.imag], axis=1), np.concatenate([answer.real, -answer.imag]).T


def _answer(upper: ComplexArray) -> ComplexArray:
    """The coefficients of the powers of each pole in what is lost, by the sums over the powers of each; (8, 8).

    Poles come in pairs, each with its conjugate, in the order in which LAL runs the filters.
    """
    poles = np.stack([upper, upper.conj()], axis=1)
    other, factor = poles[:, ::-1], np.abs(1 + upper[:, np.newaxis]) ** 2 / 4
    forth = factor * (1 - 1 / poles) ** 2 / (1 - other / poles)
    both = forth * factor * (1 - poles) ** 2 / ((1 - poles**2) * (1 - poles * other))
    p = poles.ravel()
    with np.errstate(divide="ignore", invalid="ignore"):  # of a pole with itself, which is not used
        # Each filter, run both ways, at the poles of each: (4, 8).
        ways = [(1 - z) ** 2 / ((1 - poles[:, :1] * z) * (1 - poles[:, 1:] * z)) for z in (p, 1 / p)]
        at_poles = factor**2 * ways[0] * ways[1]
        past = p[:, np.newaxis] / (p[:, np.newaxis] - p)
    beyond = np.outer(p, p) / (1 - np.outer(p, p))
    answer = np.zeros((_ORDER, _ORDER), complex)
    # What the filters so far do to a single sample: the coefficients of the powers on either side of it.
    response = np.zeros(_ORDER, complex)
    for number, own in enumerate(range(0, _ORDER, 2)):
        new, old = slice(own, own + 2), slice(0, own)
        passed = np.prod(at_poles[:number, new], axis=0)
        # The sums, over powers of this filter's poles, of what comes to it.
        sums = (1 + beyond[new, old]) @ answer[old]
        sums[:, old] += response[old] * (1 - past[new, old])
        sums[:, new] += np.diag(passed)
        added = -(forth[number, :, np.newaxis] * forth[number] * beyond[new, new]) @ sums
        added += both[number, :, np.newaxis] * (past[new, old] @ answer[old])
        added[:, old] -= both[number, :, np.newaxis] * beyond[new, old] * response[old]
        answer[old] *= at_poles[number, old, np.newaxis]
        answer[new] = added
        response[old] *= at_poles[number, old]
        response[new] = both[number] * passed
    return answer
