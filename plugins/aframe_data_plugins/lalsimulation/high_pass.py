"""LAL's high-pass of a time series, forth and back: its gain, and what it does at the end of the series besides.

XLALHighPassREAL8TimeSeries runs a Butterworth filter of order eight as four filters of two poles, each of them once
forth and once back. What rings on beyond the last sample is lost between any two of these runs, which alters the last
few cycles. That is linear in eight sums over the end of the series, those with the powers of the eight poles, and is
itself a sum of the same powers. So a transform with the gain, and this, are the filter.

Forth, a filter answers a single sample with sums of A p^n over its poles p, n samples later; forth and back, with sums
of R p^|n| on either side. Over a half line, products of such powers are geometric series, and what comes of them is of
the same form: this is all that `_answers` uses.

Sources: XLALHighPassREAL8TimeSeries and XLALButterworthREAL8TimeSeries in ButterworthTimeSeries.c.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aframe_data.types import ComplexArray, FloatArray

#: The gain at the corner after both passes is the square root of this, to this order.
_ATTENUATION = 0.99
_ORDER = 8
_LOSS = 1 / math.sqrt(_ATTENUATION) - 1

#: The gain differs from one by less than a double can tell above this many times the corner.
_STOP_GAIN = 8

#: Cycles at the corner in which the ringing dies out.
RINGING_CYCLES = 6


@lru_cache(maxsize=64)  # nearly all signals of a run have one corner
def gain(step: float, corner: float, sample_rate: float) -> FloatArray:
    """The gain at the multiples of `step` where it is not one, (k,), only to be read; all arguments in Hz.

    It is a Butterworth filter's gain squared, mapped by the bilinear transform.
    """
    stop = min(_STOP_GAIN * corner, sample_rate / 2)
    tangents = _tangents(step, sample_rate)[: math.ceil(stop / step)]
    with np.errstate(divide="ignore"):  # at zero frequency: infinite loss, no gain
        ratio = math.tan(math.pi * corner / sample_rate) / tangents
    for _ in range(round(math.log2(2 * _ORDER))):
        ratio *= ratio
    passed: FloatArray = 1 / (1 + _LOSS * ratio)
    passed.flags.writeable = False
    return passed


@lru_cache(maxsize=16)
def _tangents(step: float, sample_rate: float) -> FloatArray:
    tangents: FloatArray = np.tan(np.pi * step / sample_rate * np.arange(math.ceil(sample_rate / 2 / step)))
    return tangents


def ringing(corner: float, sample_rate: float) -> int:
    """Samples in which the ringing dies out."""
    return math.ceil(RINGING_CYCLES / corner * sample_rate)


@dataclass(frozen=True)
class End:
    """What LAL's filter does at the end of a series besides its gain.

    Attributes
    ----------
    powers
        Of the poles, from a sample to the last one, (length, 8).
    answer
        What becomes of the sums with them, (8, 8).
    """

    powers: FloatArray
    answer: FloatArray

    def correct(self, filtered: FloatArray, samples: FloatArray) -> None:
        """Add to (..., n), filtered by the gain, what LAL's filter makes of `samples`, (..., n), besides."""
        powers = self.powers[-samples.shape[-1] :]
        filtered[..., -len(powers) :] += ((samples[..., -len(powers) :] @ powers) @ self.answer) @ powers.T


def ends(corners: Iterable[float], sample_rate: float) -> dict[float, End]:
    """The ends of filters with some corners; all in Hz."""
    found = sorted(set(corners))
    angles = np.pi * (2 * np.arange(_ORDER // 2) + 1) / (2 * _ORDER)
    tangents = np.array([math.tan(math.pi * corner / sample_rate) for corner in found])
    analog = tangents[:, np.newaxis] * _LOSS ** (1 / (2 * _ORDER)) * 1j * np.exp(1j * angles)
    upper = (1 + analog) / (1 - analog)
    lengths = (2 * ringing(corner, sample_rate) for corner in found)
    powers = (_powers(poles, length) for poles, length in zip(upper, lengths, strict=True))
    return {corner: End(*both) for corner, *both in zip(found, powers, _answers(upper), strict=True)}


def _powers(poles: ComplexArray, length: int) -> FloatArray:
    """Real and imaginary parts of the powers of four poles from length - 1 down to 0, (length, 8)."""
    # Powers of complex numbers are slow: a table of p^(rows a + b) is the product of two short lists.
    rows = math.isqrt(length) + 1
    table = (poles**rows) ** np.arange(rows)[:, np.newaxis, np.newaxis] * poles ** np.arange(rows)[:, np.newaxis]
    powers = table.reshape(-1, len(poles))[length - 1 :: -1]
    return np.concatenate([powers.real, powers.imag], axis=1)


def _answers(upper: ComplexArray) -> FloatArray:
    """What becomes of the sums with the powers of the poles, (n, 8, 8), real and imaginary parts as in `_powers`.

    The poles with a positive phase, (n, 4), are in the order in which LAL runs the filters; the others are conjugates.
    """
    poles = np.stack([upper, upper.conj()], axis=-1)
    other, factor = poles[..., ::-1], np.abs(1 + upper[..., np.newaxis]) ** 2 / 4
    forth = factor * (1 - 1 / poles) ** 2 / (1 - other / poles)
    both = forth * factor * (1 - poles) ** 2 / ((1 - poles**2) * (1 - poles * other))
    p = poles.reshape(-1, _ORDER)
    one, other_one = p[:, :, np.newaxis], p[:, np.newaxis]
    beyond = one * other_one / (1 - one * other_one)
    with np.errstate(divide="ignore", invalid="ignore"):  # of a pole with itself, which is not used
        # Each filter, run both ways, at the poles of each: (n, 4, 8).
        first, second = poles[..., :1], poles[..., 1:]
        ways = [(1 - z) ** 2 / ((1 - first * z) * (1 - second * z)) for z in (other_one, 1 / other_one)]
        at_poles = factor**2 * ways[0] * ways[1]
        past = one / (one - other_one)
    answer = np.zeros((len(p), _ORDER, _ORDER), complex)
    # What the filters so far do to a single sample: the coefficients of the powers on either side of it.
    response = np.zeros((len(p), 1, _ORDER), complex)
    for number, start in enumerate(range(0, _ORDER, 2)):
        new, old = slice(start, start + 2), slice(0, start)
        passed = np.prod(at_poles[:, :number, new], axis=1)
        # The sums, over powers of this filter's poles, of what comes to it.
        sums = (1 + beyond[:, new, old]) @ answer[:, old]
        sums[:, :, old] += response[..., old] * (1 - past[:, new, old])
        sums[:, :, new] += np.eye(2) * passed[:, np.newaxis]
        own = both[:, number, :, np.newaxis]
        added = -(forth[:, number, :, np.newaxis] * forth[:, number, np.newaxis] * beyond[:, new, new]) @ sums
        added += own * (past[:, new, old] @ answer[:, old])
        added[:, :, old] -= own * beyond[:, new, old] * response[..., old]
        answer[:, old] *= at_poles[:, number, old, np.newaxis]
        answer[:, new] = added
        response[..., old] *= at_poles[:, number, np.newaxis, old]
        response[:, 0, new] = both[:, number] * passed
    # A sum over the lower poles is the conjugate of that over the upper ones, and so is their part of the answer.
    by_upper, by_lower = answer[:, ::2, ::2], answer[:, ::2, 1::2]
    answer = 2 * np.concatenate([by_upper + by_lower, 1j * (by_upper - by_lower)], axis=-1)
    real: FloatArray = np.concatenate([answer.real, -answer.imag], axis=1)
    return real.transpose(0, 2, 1)
