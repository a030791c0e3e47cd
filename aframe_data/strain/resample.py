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
from scipy.signal import firwin, upfirdn

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


class Resampler:
    """The filter between two rates, on the grid of whole GPS seconds.

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
    """

    def __init__(self, rate_in: float, rate_out: float) -> None:
        divisor = math.gcd(round(rate_in), round(rate_out))
        self.up, self.down = round(rate_out) // divisor, round(rate_in) // divisor
        self.context = 0 if self.identity else self.down * math.ceil(self._half / (self.up * self.down))

    @property
    def identity(self) -> bool:
        """Whether there is nothing to do."""
        return self.up == self.down

    @property
    def ratio(self) -> Fraction:
        """Samples that come out for each that goes in."""
        return Fraction(self.up, self.down)

    @property
    def _half(self) -> int:
        length = _DECIMATE_HALF_LENGTH if self.up == 1 else _POLYPHASE_HALF_LENGTH
        return length * max(self.up, self.down)

    @cached_property
    def taps(self) -> FloatArray:
        """(2 half + 1,) the filter at ``up`` times the input rate."""
        if self.up == 1:
            taps = firwin(2 * self._half + 1, 1 / self.down, window="hamming")
        else:
            cutoff = _POLYPHASE_CUTOFF / self.down
            taps = self.up * firwin(2 * self._half + 1, cutoff, window=("kaiser", _KAISER_BETA))
        result: FloatArray = taps
        return result

    def apply(self, samples: FloatArray) -> FloatArray:
        """Filter a stretch that has `context` samples too many on either side.

        Parameters
        ----------
        samples
            (n + 2 context,), with n a multiple of `down`.

        Returns
        -------
        ndarray
            (n * up / down,) at the output rate; its first sample is at the time of ``samples[context]``.
        """
        # upfirdn keeps every down-th sample from the first: zeros in front move the kept ones onto our grid.
        padding = -self._half % self.down
        taps = np.concatenate([np.zeros(padding), self.taps])
        first = (self.context * self.up + self._half + padding) // self.down
        count = (len(samples) - 2 * self.context) // self.down * self.up
        result: FloatArray = upfirdn(taps, samples, self.up, self.down)[first : first + count]
        return result


class StreamResampler:
    """Feeds blocks that touch through a `Resampler`, carrying the context from block to block.

    Use: `begin` with the data before the first block, `feed` each block, `end` with the data after the last
    one. What comes out, joined, is the whole span at the output rate. Without `begin` the first `context` samples
    are missing in it, without `end` the last ones.
    """

    def __init__(self, resampler: Resampler) -> None:
        self._resampler = resampler
        self._carried: FloatArray = np.empty(0)

    def begin(self, before: FloatArray | None, first_block: FloatArray) -> None:
        """Set what lies left of the first block: real data, or else the block's own odd reflection."""
        context = self._resampler.context
        if before is None:
            before = odd_reflection(first_block, context)
        self._carried = np.asarray(before[len(before) - context :], dtype=np.float64)

    def resume(self, carried: FloatArray) -> None:
        """Go on behind samples that are filtered but for the last `context` of them; twice as many are carried."""
        self._carried = carried

    def feed(self, block: FloatArray) -> FloatArray:
        """Take the next block and return all output samples that can be computed so far."""
        if self._resampler.identity:
            return block
        outputs = [self._step(block[start : start + _SLICE]) for start in range(0, len(block), _SLICE)]
        return np.concatenate(outputs) if len(outputs) != 1 else outputs[0]

    def end(self, after: FloatArray | None) -> FloatArray:
        """Return the last output samples, given what lies right of the last block, or None."""
        context = self._resampler.context
        if context == 0:
            return np.empty(0)
        if after is None:
            after = odd_reflection(self._carried[::-1], context)[::-1]
        return self._step(np.asarray(after[:context], dtype=np.float64))

    def _step(self, samples: FloatArray) -> FloatArray:
        resampler = self._resampler
        pending = np.concatenate([self._carried, samples])
        periods = (len(pending) - 2 * resampler.context) // resampler.down
        if periods <= 0:
            self._carried = pending
            return np.empty(0)
        used = periods * resampler.down
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
