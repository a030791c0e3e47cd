"""What the archive's strain files are, and those of them that are HDF5.

Their layout is GWOSC's: ``strain/Strain`` beside ``quality/simple`` and ``quality/injections``, the last two at 1 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.formats import chunks, foreign, opening
from aframe_data.types import BitMask, Segment

if TYPE_CHECKING:
    from pathlib import Path

    import h5py

    from aframe_data.types import FloatArray

_STRAIN = "strain/Strain"


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


class StrainFile:
    """An HDF5 file, which is looked through once, and of which then any number of spans are read.

    Parameters
    ----------
    path, promise
        The file, and what it has to be.

    Raises
    ------
    DamagedFileError
        Its content is not what was promised.
    ForeignFileError, OSError, RuntimeError, LookupError, ValueError
        It cannot be read, here as in `read`.
    """

    def __init__(self, path: Path, promise: Promise) -> None:
        self._path, self._promise = path, promise
        self._stamp = _stamp(path)
        with foreign.opened(path) as file:
            strain = foreign.dataset(file, _STRAIN, "f")
            require_equal("detector", foreign.text(file, "meta/Detector"), promise.detector)
            require_equal("start", foreign.number(strain, "Xstart"), promise.span.start)
            require_equal("rate", round(foreign.sample_rate(strain, "Xspacing"), 6), promise.sample_rate)
            require_equal("number of samples", len(strain), promise.size)
            named = "strain/GWOSCmeta" in file
            self._channel = f"{promise.detector}:{foreign.text(file, 'strain/GWOSCmeta') if named else 'Strain'}"
            self._quality = _mask(file, "quality/simple/DQ", promise)
            self._injections = _mask(file, "quality/injections/Inj", promise)

    @property
    def is_outdated(self) -> bool:
        """Whether the file is another one by now, which would have to be looked through again."""
        return self._stamp != _stamp(self._path)

    def read(self, span: Segment, out: FloatArray) -> Extras:
        """Read a span: see `reading.PartReader.read`."""
        with opening.opened(self._path) as file:
            chunks.read_into(file[_STRAIN], self._promise.samples(span).start, out)
        seconds = self._promise.seconds(span)
        return Extras(self._channel, cut(self._quality, seconds), cut(self._injections, seconds))


def cut(mask: BitMask | None, seconds: slice) -> BitMask | None:
    """Some seconds of a mask, where there is one."""
    return None if mask is None else BitMask(mask.values[seconds], mask.bits)


def _stamp(path: Path) -> tuple[int, int, int]:
    """What is another one where a file was replaced, or written to."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _mask(file: h5py.File, stem: str, promise: Promise) -> BitMask | None:
    if f"{stem}mask" not in file:
        return None
    mask = foreign.dataset(file, f"{stem}mask", "iu")
    require_equal(f"length of {stem}mask", len(mask), round(promise.span.duration))
    names = foreign.texts(file, f"{stem}Shortnames")
    return BitMask(mask[:].astype(np.uint32), names)
