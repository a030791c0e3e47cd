"""How loud a folder's strain is, and how that changes in time: of stretches at even steps, in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.psd.background import FileSamples
from aframe_data.psd.spectra import quietest
from aframe_data.psd.spectrogram import Spectrogram
from aframe_data.psd.welch import median_welch
from aframe_data.strain.quality import is_sound
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.psd.background import StrainFile
    from aframe_data.types import FloatArray

#: Stretches of one interferometer, and seconds of each: some 30 MB of strain, of a day as of a month.
_MOST_STRETCHES, _STRETCH = 150, 64.0
#: Seconds of an FFT, and how many of them a stretch has at least, without overlap.
_FFT, _FFTS = 4.0, 8
#: Columns of frequency, even in log f, from so many hertz on.
_COLUMNS, _FIRST = 180, 8.0
#: The band that is told: all but the quietest and the loudest twentieth of the stretches.
_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class SpectraUnit:
    """One interferometer of some files of strain."""

    ifo: str
    files: tuple[StrainFile, ...]

    def __str__(self) -> str:
        return f"the noise of {self.ifo}"


@dataclass(frozen=True, eq=False)
class Noise:
    """What the noise of one interferometer is like.

    Attributes
    ----------
    stretches, stretch_seconds, fft_seconds
        How many there are, and the seconds of one, and of one FFT.
    start
        GPS second from which the times of `changes` count.
    frequencies
        (k,) Hz.
    band
        (3, k) quantiles in time of the amplitude spectral density, 1/sqrt(Hz).
    changes
        Amplitude over its median.
    """

    stretches: int
    stretch_seconds: float
    fft_seconds: float
    start: float
    frequencies: FloatArray
    band: FloatArray
    changes: Spectrogram

    @property
    def quietest(self) -> tuple[float, float] | None:
        """Hz and 1/sqrt(Hz) where the median is smallest."""
        return quietest(self.frequencies, self.band[1] ** 2)


def measure(unit: SpectraUnit) -> Noise | None:
    """Estimate the noise; None where there is no sound strain."""
    rate = Counter(file.sample_rate for file in unit.files).most_common(1)[0][0]
    files = [one for one in unit.files if one.sample_rate == rate and unit.ifo in one.ifos]
    files.sort(key=lambda one: one.span)
    # Of two that overlap, one is looked at.
    files = files[:1] + [one for before, one in pairwise(files) if one.span.start >= before.span.stop]
    longest = max((file.span.duration for file in files), default=0.0)
    fft = min(_FFT, float(2.0 ** np.floor(np.log2(longest / _FFTS)))) if longest > 0 else 0.0
    size = round(fft * rate)
    if size < 2 or rate / 2 <= 2 * max(_FIRST, 1 / fft):
        return None
    seconds = min(_STRETCH, 2 * _FFTS * fft if longest >= 2 * _FFTS * fft else _FFTS * fft)
    edges = _edges(size, rate)
    places, powers = [], []
    for number, start in _places(files, seconds):
        power = _power(files[number], unit.ifo, start, round(seconds * rate), size)
        advance(1)
        if power is not None:
            places.append((number, start + seconds / 2))
            powers.append(np.add.reduceat(power[: edges[-1]], edges[:-1]) / np.diff(edges))
    if not powers:
        return None
    columns = np.array(powers)
    band = np.sqrt(np.quantile(columns, _QUANTILES, axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(columns) / band[1]
    bounds = edges * rate / size
    times, shown = _in_time(files, places, ratio)
    changes = Spectrogram(times - files[0].span.start, bounds, shown)
    middles = np.sqrt(bounds[1:] * bounds[:-1])
    return Noise(len(powers), seconds, fft, files[0].span.start, middles, band, changes)


def most_steps(files: Sequence[StrainFile]) -> int:
    """About how many stretches are looked at, for a bar of progress."""
    return min(_MOST_STRETCHES, max(1, int(sum(file.span.duration for file in files) // _STRETCH))) if files else 0


def _edges(size: int, rate: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Indices of frequencies between which the columns lie."""
    df = rate / size
    edges = np.geomspace(max(_FIRST, df), rate / 2, _COLUMNS + 1) / df
    return np.unique(np.round(edges).astype(np.int64))


def _places(files: Sequence[StrainFile], seconds: float) -> Iterator[tuple[int, float]]:
    """Number of a file, and seconds from its start to a stretch: at even steps of the strain that there is."""
    long_enough = [number for number, file in enumerate(files) if file.span.duration >= seconds]
    ends = np.cumsum([files[number].span.duration for number in long_enough])
    wanted = min(_MOST_STRETCHES, int(ends[-1] // seconds))
    last: tuple[int, float] | None = None
    for moment in (np.arange(wanted) + 0.5) * ends[-1] / wanted:
        index = int(np.searchsorted(ends, moment, side="right"))
        duration = files[long_enough[index]].span.duration
        start = float(np.clip(moment - (ends[index] - duration) - seconds / 2, 0, duration - seconds))
        place = (long_enough[index], np.floor(start))
        if place != last:
            yield place
        last = place


def _power(file: StrainFile, ifo: str, start: float, length: int, size: int) -> FloatArray | None:
    """Power spectral density of a stretch; None where it has missing strain."""
    first = round(start * file.sample_rate)
    part = FileSamples(file.path, ifo, min(length, file.length - first), first=first)
    try:
        samples = part[0 : len(part)]
    except DataQualityError:  # which `verify` tells
        return None
    if len(samples) < size or not is_sound(samples, file.sample_rate):
        return None
    return median_welch([samples], size, file.sample_rate)


def _in_time(
    files: Sequence[StrainFile], places: Sequence[tuple[int, float]], ratio: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Edges in GPS seconds (columns + 1,) and ratios (rows, columns).

    Each stretch stands for what is nearest to it in its file, and between files there is nothing.
    """
    edges, columns = [files[places[0][0]].span.start], []
    nothing = np.full(ratio.shape[1], np.nan)
    for index, (number, middle) in enumerate(places):
        span = files[number].span
        if span.start > edges[-1] and (index == 0 or places[index - 1][0] != number):
            edges.append(span.start)
            columns.append(nothing)
        following = places[index + 1] if index + 1 < len(places) else None
        same = following is not None and following[0] == number
        stop = span.start + (middle + following[1]) / 2 if following is not None and same else span.stop
        edges.append(stop)
        columns.append(ratio[index])
    return np.array(edges), np.array(columns).T
