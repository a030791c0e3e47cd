"""Reading one strain file of the archive, HDF5 or GWF, from disk: strain and the two masks of a span.

The layout is GWOSC's: ``strain/Strain`` beside ``quality/simple`` and ``quality/injections`` in HDF5; three
channels ``…STRAIN``, ``…DQMASK`` and ``…INJMASK`` in GWF. Masks have one sample a second.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import h5py
import numpy as np

from aframe_data.types import BitMask, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.types import FloatArray

_GWF_CHANNEL = re.compile(r"[A-Z]\d:(?:GWOSC|LOSC)-(?:.*_)?(STRAIN|DQMASK|INJMASK)")


class DamagedFileError(Exception):
    """The file cannot be read, or it holds something else than its name promises."""


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


def read_part(path: Path, promise: Promise, span: Segment, out: FloatArray) -> Extras:
    """Read a span out of a file.

    Parameters
    ----------
    path
        The file; the extension says its format.
    promise
        What it has to be.
    span
        The span to read, in whole GPS seconds, within the promised one.
    out
        Receives the strain, (duration * sample_rate,) float64; NaN where the archive has no data.

    Raises
    ------
    DamagedFileError
        The file cannot be read, or its content is not what its name says.
    """
    read = _read_gwf if path.suffix == ".gwf" else _read_hdf5
    try:
        return read(path, promise, span, out)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise DamagedFileError(" ".join(str(error).split())) from error


def _read_hdf5(path: Path, promise: Promise, span: Segment, out: FloatArray) -> Extras:
    with h5py.File(path) as file:
        strain = file["strain/Strain"]
        _agrees("detector", file["meta/Detector"][()].decode(), promise.detector)
        _agrees("start", float(strain.attrs["Xstart"]), promise.span.start)
        _agrees("rate", round(1 / float(strain.attrs["Xspacing"]), 6), promise.sample_rate)
        _agrees("number of samples", len(strain), promise.size)
        strain.read_direct(out, promise.samples(span))
        named = file["strain"].get("GWOSCmeta")
        return Extras(
            channel=f"{promise.detector}:{'Strain' if named is None else named[()].decode()}",
            quality=_hdf5_mask(file, "quality/simple/DQ", promise, span),
            injections=_hdf5_mask(file, "quality/injections/Inj", promise, span),
        )


def _hdf5_mask(file: h5py.File, stem: str, promise: Promise, span: Segment) -> BitMask | None:
    mask = file.get(f"{stem}mask")
    if mask is None:
        return None
    _agrees(f"length of {stem}mask", len(mask), round(promise.span.duration))
    names = file[f"{stem}Shortnames"][()]
    return BitMask(mask[promise.seconds(span)].astype(np.uint32), tuple(bytes(name).decode().strip() for name in names))


def _read_gwf(path: Path, promise: Promise, span: Segment, out: FloatArray) -> Extras:
    # gwpy takes seconds to import and serves only this format: see the start-up rule of the design.
    from gwpy.io.gwf import iter_channel_names
    from gwpy.timeseries import TimeSeries

    with _quiet_lal():
        _check_frame(path)
        names = iter_channel_names(str(path))
        channels = {match[1]: name for name in names if (match := _GWF_CHANNEL.fullmatch(name))}
        series = TimeSeries.read(str(path), channels["STRAIN"], format="gwf")
        _agrees("detector", channels["STRAIN"].split(":")[0], promise.detector)
        _agrees("start", float(series.t0.value), promise.span.start)
        _agrees("rate", float(series.sample_rate.value), promise.sample_rate)
        _agrees("number of samples", len(series), promise.size)
        out[:] = series.value[promise.samples(span)]
        return Extras(
            channel=channels["STRAIN"],
            quality=_gwf_mask(path, channels.get("DQMASK"), promise, span),
            injections=_gwf_mask(path, channels.get("INJMASK"), promise, span),
        )


def _check_frame(path: Path) -> None:
    """Refuse a file that is cut or changed: gwpy's list of its channels would end the process (lalframe)."""
    import lalframe

    try:
        valid = lalframe.FrFileCksumValid(lalframe.FrFileOpenURL(f"file://localhost{path.resolve()}"))
    except RuntimeError as error:
        raise DamagedFileError("it is no whole GWF file, or its checksum is wrong") from error
    if not valid:
        raise DamagedFileError("its checksum is wrong")


def _gwf_mask(path: Path, channel: str | None, promise: Promise, span: Segment) -> BitMask | None:
    if channel is None:
        return None
    from gwpy.timeseries import TimeSeries

    values = TimeSeries.read(str(path), channel, format="gwf").value
    _agrees(f"length of {channel}", len(values), round(promise.span.duration))
    return BitMask(values[promise.seconds(span)].astype(np.uint32), _gwf_bit_names(path, channel))


def _gwf_bit_names(path: Path, channel: str) -> tuple[str, ...]:
    """Return the names that GWOSC keeps in the unit of a mask's channel: "0:DATA 1:CBC_CAT1 …".

    LAL's time series drop a unit that is none, and gwpy's with them; the frame itself still has it.
    """
    import lalframe

    frame = lalframe.FrameUFrFileOpen(str(path), "r")
    vector = lalframe.FrameUFrChanRead(frame, channel, 0)
    pairs = [bit.split(":", 1) for bit in lalframe.FrameUFrChanVectorQueryUnitY(vector).split() if ":" in bit]
    names = {int(bit): name for bit, name in pairs}
    return tuple(names.get(bit, "") for bit in range(max(names, default=-1) + 1))


@contextmanager
def _quiet_lal() -> Iterator[None]:
    """Keep LAL from printing what it raises anyway."""
    import lal

    level = lal.GetDebugLevel()
    lal.ClobberDebugLevel(0)
    try:
        yield
    finally:
        lal.ClobberDebugLevel(level)


def _agrees(what: str, found: object, promised: object) -> None:
    if found != promised:
        raise DamagedFileError(f"its {what} is {found}, its name and the archive's list say {promised}")
