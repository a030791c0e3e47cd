"""Welch's estimate of a power spectral density, with the median over time and in bounded memory.

The same numbers as gwpy's ``TimeSeries.psd(fftlength=…, method="median", window="hann")``, which are those of
scipy: segments that overlap by half, each with its mean taken away, and the median corrected for its bias
(appendix B of Allen et al., arXiv:gr-qc/0509116). Always in double precision: the squares of strain underflow
in single precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from aframe_data.progress import ignore
from aframe_data.psd.median import expected_passes, median

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.progress import Advance
    from aframe_data.types import FloatArray

#: Bytes that the periodograms may take.
BUDGET = 64 * 2**20
#: Samples that are transformed at a time.
_BLOCK = 2**18


class Samples(Protocol):
    """A stretch of strain without a gap: an array, or what reads its slices from a file."""

    def __len__(self) -> int: ...
    def __getitem__(self, span: slice, /) -> FloatArray: ...


def segment_count(length: int, size: int) -> int:
    """Number of segments of `size` samples, overlapping by half, in a stretch of `length` samples."""
    return max(0, (length - size // 2) // _step(size))


def used_length(length: int, size: int) -> int:
    """Number of samples, from the first, that those segments cover."""
    segments = segment_count(length, size)
    return size + (segments - 1) * _step(size) if segments else 0


def median_welch(
    stretches: Sequence[Samples],
    size: int,
    sample_rate: float,
    *,
    budget: int = BUDGET,
    advance: Advance = ignore,
) -> FloatArray:
    """Estimate the one-sided power spectral density of strain.

    Parameters
    ----------
    stretches
        The strain, at least one of `size` samples; all finite. Segments never span two stretches.
    size
        Samples of a segment.
    sample_rate
        Hz.
    budget
        Bytes that the periodograms may take; where all do not fit, the strain is read more than once.
    advance
        Told of segments, each time that they are read; see `expected_reads`.

    Returns
    -------
    FloatArray
        (size // 2 + 1,) 1/Hz, at ``rfftfreq(size, 1 / sample_rate)``.

    Raises
    ------
    ValueError
        No stretch is as long as a segment.
    """
    count = sum(segment_count(len(stretch), size) for stretch in stretches)
    if not count:
        raise ValueError(f"no stretch has the {size} samples of a segment")
    columns = size // 2 + 1

    def rows() -> Iterator[FloatArray]:
        for stretch in stretches:
            for block in periodograms(stretch, size, sample_rate):
                yield from block
                advance(len(block))

    return median(rows, count, columns, budget) / _median_bias(count)


def expected_reads(count: int, size: int, budget: int = BUDGET) -> int:
    """How often a segment is read in an estimate from `count` of them, of `size` samples each."""
    return count * expected_passes(count, size // 2 + 1, budget)


def _step(size: int) -> int:
    return size - size // 2


def periodograms(stretch: Samples, size: int, sample_rate: float) -> Iterator[FloatArray]:
    """The periodograms of a stretch's segments in order, some at a time: (n, size // 2 + 1) 1/Hz."""
    from scipy import fft, signal  # a second and more, which a plan that is refused does without

    step, count = _step(size), segment_count(len(stretch), size)
    window = signal.get_window("hann", size)
    scale = 2 / (sample_rate * np.sum(window**2))
    at_once = max(1, _BLOCK // size)
    for first in range(0, count, at_once):
        number = min(at_once, count - first)
        samples = stretch[first * step : (first + number - 1) * step + size].astype(np.float64, copy=False)
        segments = np.lib.stride_tricks.sliding_window_view(samples, size)[::step]
        spectra = fft.rfft((segments - segments.mean(axis=1, keepdims=True)) * window, axis=1, overwrite_x=True)
        power: FloatArray = spectra.real**2 + spectra.imag**2
        power *= scale
        # Zero and, for an even size, the Nyquist frequency have no mirror image.
        power[:, 0] /= 2
        if size % 2 == 0:
            power[:, -1] /= 2
        yield power


def _median_bias(count: int) -> float:
    """Ratio of the median of `count` periodograms of Gaussian noise to their mean."""
    even = 2 * np.arange(1.0, (count - 1) // 2 + 1)
    return float(1 + np.sum(1 / (even + 1) - 1 / even))
