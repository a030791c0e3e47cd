"""From stretches of files to the series that was asked for; and what files on disk may do wrong."""

from __future__ import annotations

import errno
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.checks import interferometer
from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError
from aframe_data.strain import masks
from aframe_data.types import BitMask, Piece, Segment, StrainSeries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data_plugins.gwf.model import Samples

#: What distant file systems (NFS, CVMFS) say when they are out of order for a while.
_PASSING = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN, errno.EAGAIN, errno.EINTR})


@dataclass(frozen=True)
class Stretch:
    """What one file gave.

    Attributes
    ----------
    span
        In whole GPS seconds.
    name
        Of the channel, as the file spells it.
    samples
        Those of the span.
    origin
        Path or URL of the file.
    quality, injections
        Masks of the span, where the file has them.
    """

    span: Segment
    name: str
    samples: Samples
    origin: str
    quality: BitMask | None = None
    injections: BitMask | None = None


def joined(channel: str, stretches: Sequence[Stretch], sample_rate: float) -> StrainSeries:
    """Join stretches that touch.

    Parameters
    ----------
    channel
        As the user wrote it.
    stretches
        In order of time, at least one.
    sample_rate
        Hz; the least that will do.

    Raises
    ------
    UsageError
        The channel holds whole numbers, or its rate is too low.
    NoDataError
        Its rate changes: what has the rate that most of the time has is available.
    """
    for stretch in stretches:
        _require_strain(stretch, sample_rate)
    for first, second in itertools.pairwise(stretches):
        if first.samples.sample_rate != second.samples.sample_rate:
            raise NoDataError(
                f"{channel} changes its rate from {first.samples.sample_rate:g} to {second.samples.sample_rate:g} Hz "
                f"at {second.span.start:.10g}, from {first.origin} to {second.origin}.",
                _of_one_rate(stretches),
            )
    first = stretches[0]
    data = first.samples.data if len(stretches) == 1 else np.concatenate([part.samples.data for part in stretches])
    return StrainSeries(
        data=data,
        start=first.span.start,
        sample_rate=first.samples.sample_rate,
        ifo=interferometer(channel),
        channel=first.name,
        unit=first.samples.unit or "strain",
        quality=masks.join([stretch.quality for stretch in stretches]),
        injections=masks.join([stretch.injections for stretch in stretches]),
        pieces=tuple(Piece(stretch.span.start, stretch.span.stop, stretch.origin) for stretch in stretches),
    )


def _of_one_rate(stretches: Sequence[Stretch]) -> list[Segment]:
    """Where the rate is the one that most of the time has; of two with equal times, the higher."""
    seconds: Counter[float] = Counter()
    for stretch in stretches:
        seconds[stretch.samples.sample_rate] += round(stretch.span.duration)
    rate = max(seconds, key=lambda rate: (seconds[rate], rate))
    return [stretch.span for stretch in stretches if stretch.samples.sample_rate == rate]


def _require_strain(stretch: Stretch, sample_rate: float) -> None:
    samples = stretch.samples
    if samples.data.dtype.kind != "f":
        raise UsageError(
            f"{stretch.name} in {stretch.origin} is of type {samples.data.dtype}, and strain is of floating point: "
            "name another channel."
        )
    if samples.sample_rate < sample_rate:
        raise UsageError(
            f"--sample-rate: {sample_rate:g} Hz is more than the {samples.sample_rate:g} Hz of {stretch.name} in "
            f"{stretch.origin}, and strain is never upsampled."
        )


def damaged(origin: object, error: Exception) -> SourceError:
    """The error for a file that is not what it should be, and will not change by itself."""
    return SourceError(f"{origin} is damaged: {error}.")


def unreadable(path: Path, error: OSError) -> SourceError:
    """The error for a file that the system does not give."""
    message = f"{path} cannot be read: {error.strerror or error}."
    return TransientError(message) if error.errno in _PASSING else SourceError(message)
