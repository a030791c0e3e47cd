"""How the noise of a background file changes in time, for a look at it: one pass, in bounded memory.

Each column of a spectrogram is the mean of the periodograms in it, and is divided by the median of all columns, at
each frequency: lines and the detector's shape are gone, and what is left is what changes. Strain that is missing
(not finite, or without any power) leaves a hole and does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.psd.background import FileSamples
from aframe_data.psd.welch import BUDGET, median_welch, periodograms, segment_count
from aframe_data.strain.quality import is_sound
from aframe_data.types import PowerSpectra

if TYPE_CHECKING:
    from aframe_data.psd.background import StrainFile
    from aframe_data.types import FloatArray

#: About as many columns as a picture has room for, and as many rows.
_COLUMNS, _ROWS = 500, 120
#: Seconds of one FFT of a spectrogram, and samples of the longest one, which is what bounds the memory.
_SHORTEST, _LONGEST, _MOST_SAMPLES = 1 / 4, 4.0, 16384
#: Seconds of one FFT of a spectrum, its segments in the shortest strain, and the most that are looked at.
_SPECTRUM_FFT, _FEWEST_SEGMENTS, _MOST_SEGMENTS = 8.0, 8, 256


@dataclass(frozen=True, eq=False)
class Spectrogram:
    """The amplitude of one interferometer's strain in time and frequency, over its median in time.

    Attributes
    ----------
    times
        (columns + 1,) s from the first sample on: the edges.
    frequencies
        (rows + 1,) Hz, even in log f: the edges.
    ratio
        (rows, columns) amplitude over its median; NaN where there is no strain.
    """

    times: FloatArray
    frequencies: FloatArray
    ratio: FloatArray


def make_spectrogram(file: StrainFile, ifo: str, first_frequency: float) -> Spectrogram:
    """Compute the spectrogram of one interferometer, from `first_frequency` (Hz) to the Nyquist frequency."""
    size = _fft_size(file)
    step = size - size // 2
    segments = segment_count(file.length, size)
    each = -(-segments // _COLUMNS)
    power = _mean_power(file, ifo, size, each)
    times = np.append(np.arange(len(power)) * each * step, file.length) / file.sample_rate
    edges = np.geomspace(first_frequency, file.sample_rate / 2, _ROWS + 1)
    sound = np.isfinite(power).all(axis=1) & (power.sum(axis=1) > 0)
    ratio = np.full((_ROWS, len(power)), np.nan)
    if sound.any():
        flat = _over_median(power[sound])
        rows = _into_rows(flat, file.sample_rate / size, edges)
        ratio[:, sound] = np.sqrt(_over_median(rows)).T
    return Spectrogram(times, edges, ratio)


def sampled_spectra(file: StrainFile) -> PowerSpectra:
    """Estimate each interferometer's power spectral density as `psd` does, from no more strain than a look needs.

    Where there are more than some hundred segments, as many are taken at even steps. Segments with missing strain
    are left out; an interferometer without any other has a density of zero.
    """
    seconds = _power_of_two(file.span.duration / _FEWEST_SEGMENTS, most=_SPECTRUM_FFT)
    size = min(max(round(seconds * file.sample_rate), 2), file.length)
    values = [_sampled(file, ifo, size) for ifo in file.ifos]
    frequencies: FloatArray = np.fft.rfftfreq(size, 1 / file.sample_rate)
    return PowerSpectra(file.ifos, frequencies, np.stack(values))


def _sampled(file: StrainFile, ifo: str, size: int) -> FloatArray:
    """The median of the sound ones among segments at even steps, (size // 2 + 1,) 1/Hz."""
    step = size - size // 2
    count = segment_count(file.length, size)
    # At most as many as fit into the budget of an estimate, so that they are read once.
    most = max(1, min(count, _MOST_SEGMENTS, BUDGET // (8 * (size // 2 + 1))))
    chosen = np.unique(np.linspace(0, count - 1, most).astype(int))
    parts = [FileSamples(file.path, ifo, size, first=int(number) * step) for number in chosen]
    sound = [part for part in parts if is_sound(part[0:size], file.sample_rate)]
    return median_welch(sound, size, file.sample_rate) if sound else np.zeros(size // 2 + 1)


def _fft_size(file: StrainFile) -> int:
    """Samples of one FFT: as short as a picture can show in time, and no longer than noise is steady."""
    seconds = max(_power_of_two(file.span.duration / _COLUMNS, most=_LONGEST), _SHORTEST)
    return min(max(round(seconds * file.sample_rate), 2), _MOST_SAMPLES, file.length)


def _power_of_two(seconds: float, most: float) -> float:
    return min(float(2.0 ** np.floor(np.log2(seconds))), most)


def _mean_power(file: StrainFile, ifo: str, size: int, each: int) -> FloatArray:
    """Mean periodogram of every `each` segments, (columns, size // 2 + 1)."""
    segments = segment_count(file.length, size)
    total = np.zeros((-(-segments // each), size // 2 + 1))
    done = 0
    # Strain that is not finite is a hole of the picture, and no warning.
    with np.errstate(invalid="ignore", over="ignore"):
        for block in periodograms(FileSamples(file.path, ifo, file.length), size, file.sample_rate):
            columns = (done + np.arange(len(block))) // each
            starts = np.flatnonzero(np.diff(columns, prepend=-1))
            total[columns[starts]] += np.add.reduceat(block, starts, axis=0)
            done += len(block)
    counts = np.bincount(np.arange(segments) // each)
    return total / counts[:, np.newaxis]


def _over_median(power: FloatArray) -> FloatArray:
    """Each column, (columns, k), over the median of all; zero where that is."""
    median = np.median(power, axis=0)
    ratio: FloatArray = np.divide(power, median, out=np.zeros_like(power), where=median > 0)
    return ratio


def _into_rows(power: FloatArray, spacing: float, edges: FloatArray) -> FloatArray:
    """Mean over the frequencies of each row, (columns, rows); a row between two frequencies has the lower one."""
    last = power.shape[1] - 1
    bounds = np.clip(np.round(edges / spacing).astype(int), 0, last)
    low = bounds[:-1]
    # Where an index is not below the next one, this gives the element itself.
    sums = np.add.reduceat(power[:, : max(bounds[-1], low[-1] + 1)], low, axis=1)
    rows: FloatArray = sums / np.maximum(np.diff(bounds), 1)
    return rows
