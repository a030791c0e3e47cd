"""Background files as the data of an estimate: what they hold, whether it is fit for it, and the estimate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import background, background_names
from aframe_data.formats.kinds import KIND_NAMES, kind_of
from aframe_data.psd.welch import median_welch, used_length
from aframe_data.strain.stretches import SampleCheck
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.types import FloatArray, Segment

#: Samples that are checked at a time.
_BLOCK = 2**20
#: Seconds of the background file of a folder whose noise stands for all, as in Aframe's pipeline.
LONG_ENOUGH = 2048


@dataclass(frozen=True)
class StrainFile:
    """A background file, as its metadata has it.

    Attributes
    ----------
    path
        The file.
    ifos
        Its interferometers, sorted.
    span
        The span of its strain.
    sample_rate
        Hz.
    written_hash
        The hash that its writer took of its samples, or None.
    """

    path: Path
    ifos: tuple[str, ...]
    span: Segment
    sample_rate: float
    written_hash: str | None

    @cached_property
    def content(self) -> str:
        """The hash of its samples: its writer's, or, where another program wrote it, taken by reading them."""
        return self.written_hash or background.measure_hash(self.path)

    @property
    def length(self) -> int:
        """Number of samples of one interferometer."""
        return round(self.span.duration * self.sample_rate)

    def segment_size(self, fft_length: float) -> int:
        """Samples in segments of `fft_length` seconds.

        Raises
        ------
        UsageError
            That is not a whole number of at least two, or the file is shorter.
        """
        samples = fft_length * self.sample_rate
        if abs(samples - round(samples)) > 1e-9 * samples or round(samples) < 2:
            raise UsageError(
                f"an FFT length of {fft_length:.10g} s is {samples:.10g} samples at the {self.sample_rate:g} Hz of "
                f"{self.path}; allowed are whole numbers from 2."
            )
        if round(samples) > self.length:
            raise UsageError(
                f"{self.path} has {self.span.duration:g} s of strain, less than the {fft_length:g} s of one FFT: leave "
                "it out, or ask for a shorter FFT."
            )
        return round(samples)

    def identity(self, size: int) -> dict[str, Any]:
        """What an estimate with segments of `size` samples is a function of: the span they cover, and the content."""
        stop = self.span.start + used_length(self.length, size) / self.sample_rate
        return {"span": [self.span.start, stop], "content_sha256": self.content}

    def describe(self, size: int) -> dict[str, Any]:
        """What the provenance keeps."""
        return {"path": str(self.path), **self.identity(size)}


@dataclass(frozen=True)
class FileSamples:
    """The samples of one interferometer from index `first` on, read slice by slice."""

    path: Path
    ifo: str
    length: int
    first: int = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, span: slice) -> FloatArray:
        there = slice(self.first + span.start, self.first + min(span.stop, self.length))
        return background.read_samples(self.path, self.ifo, there).astype(np.float64, copy=False)


def open_strain(path: Path) -> StrainFile:
    """Read the metadata of a background file.

    Raises
    ------
    UsageError
        It is not there, or holds no strain.
    DataQualityError
        It is damaged.
    """
    kind = kind_of(path)
    if kind != "strain":
        raise UsageError(
            f"{str(path)!r} is {KIND_NAMES[kind]}; a background file, as written by `aframe-data fetch`, is needed."
        )
    return read_outline(path)


def read_outline(path: Path) -> StrainFile:
    """As `open_strain`, of a file that is there; one that holds no strain is damaged."""
    found = background.summarize(path, check=False)
    return StrainFile(path, found.ifos, found.segment, found.sample_rate, found.written_hash)


def find_last(folder: Path) -> StrainFile:
    """The file of a folder whose noise stands for all: the last one, by start, of at least 2048 s.

    This is the rule of Aframe's pipeline. Every .hdf5 file of the folder is read as background.

    Raises
    ------
    UsageError
        There is none, or all are shorter, or one holds no strain.
    DataQualityError
        A file is damaged.
    """
    files = [open_strain(path) for path in background_names.files_of(folder)]
    long_enough = [file for file in files if file.span.duration >= LONG_ENOUGH]
    if not long_enough:
        longest = max(file.span.duration for file in files)
        raise UsageError(
            f"the longest background file in {str(folder)!r} has {longest:.10g} s, and at least {LONG_ENOUGH} s are "
            "needed for the noise of a whole folder: name the file to use."
        )
    return max(long_enough, key=lambda file: file.span)


def estimate(files: Sequence[StrainFile], ifo: str, fft_length: float) -> FloatArray:
    """Estimate the power spectral density of one interferometer from all files together; reports each segment read.

    Parameters
    ----------
    files
        Of one sample rate, each at least as long as `fft_length` (s).
    ifo
        The interferometer.

    Returns
    -------
    FloatArray
        (k,) 1/Hz, at multiples of 1 / `fft_length`.

    Raises
    ------
    DataQualityError
        Strain is not finite, or stands still.
    """
    size = files[0].segment_size(fft_length)
    stretches = [FileSamples(file.path, ifo, file.length) for file in files]
    for file, samples in zip(files, stretches, strict=True):
        _require_sound(file, samples, used_length(file.length, size))
    return median_welch(stretches, size, files[0].sample_rate, advance=advance)


def _require_sound(file: StrainFile, samples: FileSamples, used: int) -> None:
    """Check the samples that are used: all finite, and nowhere standing still."""
    check = SampleCheck(file.sample_rate)
    for first in range(0, used, _BLOCK):
        check.add(samples[first : min(first + _BLOCK, used)])
    not_finite, still = check.end(file.span.start)
    for bad, number, what in (
        (not_finite, round(not_finite.seconds * file.sample_rate), "samples that are not finite"),
        (still, still.seconds, "seconds of constant strain"),
    ):
        if bad.number:
            raise DataQualityError(
                f"{file.path} has {number:.10g} {what} in {samples.ifo}, the first at GPS {bad.spans[0].start:.16g}: "
                "give another file, or fetch it again with segments that leave them out."
            )
