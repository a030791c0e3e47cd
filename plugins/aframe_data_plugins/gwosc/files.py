"""What the archive's strain files are, and those of them that are HDF5.

Their layout is GWOSC's: ``strain/Strain`` beside ``quality/simple`` and ``quality/injections``, the last two at 1 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.formats import foreign
from aframe_data.types import BitMask, Segment

if TYPE_CHECKING:
    from pathlib import Path

    import h5py

    from aframe_data.types import FloatArray

#: Samples read at once.
_BLOCK = 2**21


class DamagedFileError(Exception):
    """The file cannot be read, or it holds something else than its name promises."""


class HarmfulFileError(DamagedFileError):
    """The file came as the archive has it, and is none that is read: asking again does not change it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the archive's list and a file's name say of it: prefix, rate in Hz, span in GPS seconds."""

    detector: str
    sample_rate: int
    span: Segment

    @property
    def size(self) -> int:
        """Number of samples."""
        return round(self.span.duration * self.sample_rate)

    def samples(self, span: Segment) -> slice:
        """Return the indices of a span's samples."""
        first = span.start - self.span.start
        return slice(round(first * self.sample_rate), round((first + span.duration) * self.sample_rate))

    def seconds(self, span: Segment) -> slice:
        """Return the indices of a span's seconds in the masks."""
        first = round(span.start - self.span.start)
        return slice(first, first + round(span.duration))


@dataclass(frozen=True, slots=True)
class Extras:
    """What a file holds of a span beside strain: the channel's name, and masks where the file has them."""

    channel: str
    quality: BitMask | None
    injections: BitMask | None


def require_equal(what: str, found: object, promised: object) -> None:
    """Refuse a file whose content is not what it has to be."""
    if found != promised:
        raise DamagedFileError(f"its {what} is {found}, its name and the archive's list say {promised}")


def read_hdf5(path: Path, promise: Promise, span: Segment, out: FloatArray) -> Extras:
    """Read a span out of an HDF5 file: see `reading.PartReader.read`."""
    with foreign.opened(path) as file:
        strain = foreign.dataset(file, "strain/Strain", "f")
        require_equal("detector", foreign.text(file, "meta/Detector"), promise.detector)
        require_equal("start", foreign.number(strain, "Xstart"), promise.span.start)
        require_equal("rate", round(foreign.sample_rate(strain, "Xspacing"), 6), promise.sample_rate)
        require_equal("number of samples", len(strain), promise.size)
        wanted = promise.samples(span)
        for start in range(wanted.start, wanted.stop, _BLOCK):
            stop = min(start + _BLOCK, wanted.stop)
            strain.read_direct(out, np.s_[start:stop], np.s_[start - wanted.start : stop - wanted.start])
        named = "strain/GWOSCmeta" in file
        return Extras(
            channel=f"{promise.detector}:{foreign.text(file, 'strain/GWOSCmeta') if named else 'Strain'}",
            quality=_mask(file, "quality/simple/DQ", promise, span),
            injections=_mask(file, "quality/injections/Inj", promise, span),
        )


def _mask(file: h5py.File, stem: str, promise: Promise, span: Segment) -> BitMask | None:
    if f"{stem}mask" not in file:
        return None
    mask = foreign.dataset(file, f"{stem}mask", "iu")
    require_equal(f"length of {stem}mask", len(mask), round(promise.span.duration))
    names = foreign.texts(file, f"{stem}Shortnames")
    return BitMask(mask[promise.seconds(span)].astype(np.uint32), names)
