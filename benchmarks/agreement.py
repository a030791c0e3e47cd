"""How far two ways of making signals agree, signal by signal and in all; see the head of ``waveforms.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aframe_data.types import FloatArray


@dataclass(frozen=True)
class Agreement:
    """How far two ways agree on some signals."""

    signals: int
    match_min: float | None
    match_median: float | None
    lags: int
    peaks_moved: int
    peak_moved_most: int
    worst_tie: float


@dataclass(frozen=True)
class Comparison:
    """One signal made in two ways: where it starts (Hz), match, and the shifts in samples."""

    start: float
    match: float
    lag: int
    peak: int
    tie: float


def compare(ours: FloatArray, reference: FloatArray, start: float, sample_rate: float) -> Comparison:
    """Compare two series of plus and cross, (2, size)."""
    from pycbc.filter import match
    from pycbc.types import TimeSeries

    found = []
    for one, other in zip(ours, reference, strict=True):
        value, shift = match(
            TimeSeries(one, delta_t=1 / sample_rate),
            TimeSeries(other, delta_t=1 / sample_rate),
            low_frequency_cutoff=start,
        )
        found.append((float(value), (int(shift) + len(one) // 2) % len(one) - len(one) // 2))
    worst = min(found)
    power, reference_power = (np.sum(series**2, axis=0) for series in (ours, reference))
    here, there = int(np.argmax(power)), int(np.argmax(reference_power))
    tie = 1 - np.sqrt(power[there] / power[here])
    return Comparison(start=start, match=worst[0], lag=worst[1], peak=here - there, tie=float(tie))


def summarize(comparisons: list[Comparison]) -> Agreement:
    if not comparisons:
        return Agreement(0, None, None, 0, 0, 0, 0.0)
    matches = [comparison.match for comparison in comparisons]
    return Agreement(
        signals=len(comparisons),
        match_min=float(np.min(matches)),
        match_median=float(np.median(matches)),
        lags=sum(comparison.lag != 0 for comparison in comparisons),
        peaks_moved=sum(comparison.peak != 0 for comparison in comparisons),
        peak_moved_most=max(abs(comparison.peak) for comparison in comparisons),
        worst_tie=max(comparison.tie for comparison in comparisons),
    )
