"""The constant-Q transform of a signal without noise: gwpy's, asked for magnitudes that nothing is divided by.

gwpy compares each frequency with its median in time, which for a signal without noise is zero, and changes the
settings of matplotlib when it is imported; both are kept away from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.figures.canvas import untouched

if TYPE_CHECKING:
    from aframe_data.types import FloatArray

#: Resolves some cycles in time and a tenth in frequency, which shows a chirp as a track.
Q = 8.0
#: Hz: below, no detector of today hears.
FIRST_FREQUENCY = 15.0
_COLUMNS, _ROWS = 400, 150
#: Energy that may be lost between the tiles, as a fraction: so little that the splines between them are smooth.
_MISMATCH = 0.05
#: Of the largest amplitude that a spectrum can have: what is below is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class QMap:
    """Magnitudes in time and frequency.

    Attributes
    ----------
    times
        (columns,) s, as `q_map` was asked for them.
    frequencies
        (rows,) Hz, even in log f.
    magnitude
        (rows, columns), the largest is one.
    """

    times: FloatArray
    frequencies: FloatArray
    magnitude: FloatArray


def last_frequency(sample_rate: float) -> float:
    """The highest frequency (Hz) whose window of frequencies ends below the Nyquist frequency."""
    return float(0.99 * sample_rate / 2 / (1 + np.sqrt(11) / Q))


def q_map(samples: FloatArray, sample_rate: float, start: float, span: tuple[float, float]) -> QMap | None:
    """Transform a signal and keep the times `span` (s), of which `start` is the first sample's.

    None for a signal that is too short for it, or has nothing at those frequencies.
    """
    loudest = float(np.abs(samples).max(initial=0))
    # The lowest frequency needs its window of time in the whole signal.
    first = max(FIRST_FREQUENCY, 2 * Q * sample_rate / max(len(samples), 1))
    last = last_frequency(sample_rate)
    if not loudest > 0 or not np.isfinite(loudest) or last < 2 * first:
        return None
    spectrum = np.abs(np.fft.rfft(samples / loudest))
    spectrum = spectrum[int(first * len(samples) / sample_rate) : int(last * len(samples) / sample_rate) + 1]
    if not spectrum.max() > _ROUNDING * len(samples):
        return None
    with untouched():
        from gwpy.segments import Segment
        from gwpy.timeseries import TimeSeries
    found = TimeSeries(samples / loudest, t0=start, sample_rate=sample_rate).q_transform(
        qrange=(Q, Q),
        frange=(first, last),
        norm=False,
        mismatch=_MISMATCH,
        whiten=False,
        logf=True,
        fres=_ROWS,
        tres=(span[1] - span[0]) / _COLUMNS,
        outseg=Segment(*span),
    )
    # The spline between the tiles goes below zero beside a track.
    magnitude: FloatArray = np.sqrt(np.maximum(found.value, 0)).T
    return QMap(found.times.value, found.frequencies.value, magnitude / max(magnitude.max(), 1e-300))
