"""Resampling a stream of blocks so that the pieces joined equal the whole.

For a whole-number ratio q the filter is the one that gwpy (`scipy.signal.decimate`, FIR, zero phase) uses: a
Hamming-windowed sinc of 20 q + 1 taps, within 0.4 % of one up to 0.84 of the new Nyquist frequency, -6 dB
there, and below 0.3 % from 1.2 of it. For any other ratio it is a Kaiser-windowed sinc, polyphase: within
1.3e-5 of one up to 0.84 of the new Nyquist frequency and below 1.3e-5 from it on (measured). Both are
symmetric, so that nothing is delayed. What upsamples is refused elsewhere.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from aframe_data.types import FloatArray

#: Half the length of the filter for whole-number ratios, in samples of the output: scipy's and gwpy's.
_DECIMATE_HALF_LENGTH = 10
#: The same for other ratios; with the window's beta it gives the stated stopband.
_POLYPHASE_HALF_LENGTH = 40
_KAISER_BETA = 10.06
_POLYPHASE_CUTOFF = 0.92
#: Input samples filtered at once, which bounds the temporary copies.
_SLICE = 2**20
#: Output samples that one row of a product gives: more are more arithmetic, fewer are slower.
_MOST_COLUMNS, _FEWEST_COLUMNS = 32, 8
#: Multiplications in one product: below what any BLAS gives to several threads, which would change the last bits.
_LARGEST_PRODUCT = 200_000


class Resampler:
    """The filter between two rates, on the grid of whole GPS seconds.

    Samples are filtered in steps that begin at fractions of whole seconds, each by the same operations, so that the
    result does not depend on where a stretch of data begins or ends, to the last bit.

    Parameters
    ----------
    rate_in, rate_out
        Whole numbers of hertz, with ``rate_out <= rate_in``.

    Attributes
    ----------
    up, down
        The ratio of the rates in lowest terms: ``up / down`` samples come out for each that goes in.
    context
        Input samples that the filter needs on either side of what it gives; a multiple of `down`.
    step
        Input samples of a step, at least as many as `context`; a second has a whole number of steps. 0 where there is
        nothing to do.
    """

    def __init__(self, rate_in: float, rate_out: float) -> None:
        divisor = math.gcd(round(rate_in), round(rate_out))
        self.up, self.down = round(rate_out) // divisor, round(rate_in) // divisor
        self._shape = _product_shape(round(rate_out), self.down) if self.up == 1 else None
        self.context = self.step = 0
        if not self.identity:
            self.context = self.down * math.ceil(self._half / (self.up * self.down))
            self.step = round(rate_in) if self._shape is None else math.prod(self._shape) * self.down

    @property
    def identity(self) -> bool:
        """Whether there is nothing to do."""
        return self.up == self.down

    @property
    def ratio(self) -> Fraction:
        """Samples that come out for each that goes in."""
        return Fraction(self.up, self.down)

    @property
    def edge(self) -> int:
        """Input samples at an end of a stretch from which its first or last step is made, given `context` more."""
        return self.step + self.context

    @property
    def _half(self) -> int:
        length = _DECIMATE_HALF_LENGTH if self.up == 1 else _POLYPHASE_HALF_LENGTH
        return length * max(self.up, self.down)

    @cached_property
    def taps(self) -> FloatArray:
        """(2 half + 1,) the filter at ``up`` times the input rate."""
        if self.up == 1:
            return _low_pass(1 / self.down, np.hamming(2 * self._half + 1))
        return self.up * _low_pass(_POLYPHASE_CUTOFF / self.down, np.kaiser(2 * self._half + 1, _KAISER_BETA))

    def apply(self, samples: FloatArray) -> FloatArray:
        """Filter a stretch that has `context` samples too many on either side, and otherwise begins a step.

        Parameters
        ----------
        samples
            (n + 2 context,), with n a multiple of `down`.

        Returns
        -------
        ndarray
            (n * up / down,) at the output rate; its first sample is at the time of ``samples[context]``.
        """
        count = (len(samples) - 2 * self.context) // self.down * self.up
        filtered = self._upfirdn(samples) if self._shape is None else self._products(samples, *self._shape)
        return filtered[:count]

    def _products(self, samples: FloatArray, rows: int, columns: int) -> FloatArray:
        """A product of matrices for each step, many times faster than a sum for each sample.

        A row holds the input of so many output samples as the Toeplitz matrix has columns.
        """
        steps = math.ceil((len(samples) - 2 * self.context) / self.step)
        lacking = steps * self.step + 2 * self.context - len(samples)
        whole = np.pad(samples, (0, lacking)) if lacking else samples
        inputs = sliding_window_view(whole, len(self._toeplitz))[:: columns * self.down]
        result: FloatArray = np.matmul(inputs.reshape(steps, rows, -1), self._toeplitz).ravel()
        return result

    @cached_property
    def _toeplitz(self) -> FloatArray:
        """(inputs of a row, columns): the filter in each column, `down` samples lower than in the one before."""
        columns = 1 if self._shape is None else self._shape[1]
        matrix = np.zeros((self.down * (columns - 1) + len(self.taps), columns))
        for column in range(columns):
            first = self.down * column
            matrix[first : first + len(self.taps), column] = self.taps
        return matrix

    def _upfirdn(self, samples: FloatArray) -> FloatArray:
        from scipy.signal import upfirdn  # nearly a second, which whole-number ratios do without

        # upfirdn keeps every down-th sample from the first: zeros in front move the kept ones onto our grid.
        padding = -self._half % self.down
        taps = np.concatenate([np.zeros(padding), self.taps])
        first = (self.context * self.up + self._half + padding) // self.down
        result: FloatArray = upfirdn(taps, samples, self.up, self.down)[first:]
        return result


def _low_pass(cutoff: float, window: FloatArray) -> FloatArray:
    """A sinc in a window of odd length, as `scipy.signal.firwin` makes it; `cutoff` in Nyquist frequencies."""
    half = len(window) // 2
    taps = np.sinc(cutoff * np.arange(-half, half + 1)) * window
    result: FloatArray = taps / taps.sum()
    return result


def _product_shape(rate_out: int, down: int) -> tuple[int, int] | None:
    """Rows and columns of the products of a whole-number ratio, or None where the rate has no divisors that fit.

    Both together are a divisor of `rate_out`, and give at least the filter's half length.
    """
    divisors = [number for number in range(_FEWEST_COLUMNS, _MOST_COLUMNS + 1) if rate_out % number == 0]
    if not divisors:
        return None
    columns = divisors[-1]
    size = columns * (down * (columns - 1 + 2 * _DECIMATE_HALF_LENGTH) + 1)
    fitting = [
        rows
        for rows in range(1, rate_out // columns + 1)
        if rate_out // columns % rows == 0
        and rows * size <= _LARGEST_PRODUCT
        and rows * columns >= _DECIMATE_HALF_LENGTH
    ]
    return (fitting[-1], columns) if fitting else None


class StreamResampler:
    """Feeds blocks that touch through a `Resampler`, carrying the context from block to block.

    Use: `begin` with the data before the first block, `feed` each block, `end` with the data after the last
    one. What comes out, joined, is the whole span at the output rate.

    Or `begin_inside` where nothing is known of before: the first step is left out then, and without `end` the last
    one is, which `edge` samples at either end of the span allow to be made later.
    """

    def __init__(self, resampler: Resampler) -> None:
        self._resampler = resampler
        self._carried: FloatArray = np.empty(0)
        self._left_out = 0

    def begin(self, before: FloatArray | None, first_block: FloatArray) -> None:
        """Set what lies left of the first block: real data, or else the block's own odd reflection."""
        context = self._resampler.context
        if before is None:
            before = odd_reflection(first_block, context)
        self._carried = np.asarray(before[len(before) - context :], dtype=np.float64)

    def begin_inside(self) -> None:
        """Leave out the first step, for which there is no context."""
        self._left_out = self._resampler.step - self._resampler.context

    def resume(self, edge: FloatArray) -> None:
        """Go on at the last step of a span, whose last `edge` samples these are."""
        self._carried = edge

    def feed(self, block: FloatArray) -> FloatArray:
        """Take the next block and return all output samples that can be computed so far."""
        if self._resampler.identity:
            return block
        skipped = min(self._left_out, len(block))
        self._left_out -= skipped
        outputs = [self._take(block[start : start + _SLICE]) for start in range(skipped, len(block), _SLICE)]
        return np.concatenate(outputs) if outputs else np.empty(0)

    def end(self, after: FloatArray | None) -> FloatArray:
        """Return the last output samples, given what lies right of the last block, or None."""
        context = self._resampler.context
        if context == 0:
            return np.empty(0)
        if after is None:
            after = odd_reflection(self._carried[::-1], context)[::-1]
        return self._resampler.apply(np.concatenate([self._carried, np.asarray(after[:context], dtype=np.float64)]))

    def _take(self, samples: FloatArray) -> FloatArray:
        """Filter the whole steps that are there with their context."""
        resampler = self._resampler
        pending = np.concatenate([self._carried, samples])
        steps = (len(pending) - 2 * resampler.context) // resampler.step
        if steps <= 0:
            self._carried = pending
            return np.empty(0)
        used = steps * resampler.step
        self._carried = pending[used:].copy()
        return resampler.apply(pending[: used + 2 * resampler.context])


def odd_reflection(samples: FloatArray, count: int) -> FloatArray:
    """`count` samples to put in front of `samples`: mirrored in time and value about the first one."""
    if count == 0:
        return np.empty(0)
    mirrored = samples[1 : count + 1][::-1]
    reflected = 2 * samples[0] - mirrored
    missing = count - len(reflected)
    return np.pad(reflected, (missing, 0), mode="edge") if missing else reflected
