"""The archive's GWF files: three channels ``…STRAIN``, ``…DQMASK`` and ``…INJMASK``, the last two at 1 Hz."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.types import BitMask
from aframe_data_plugins.gwosc.files import DamagedFileError, Extras, Promise, require_equal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.types import FloatArray, Segment

_CHANNEL = re.compile(r"[A-Z]\d:(?:GWOSC|LOSC)-(?:.*_)?(STRAIN|DQMASK|INJMASK)")


@dataclass(frozen=True, slots=True)
class Frame:
    """A file, decoded: strain (n,), the name of its channel, and masks (n_seconds,) where the file has them."""

    strain: FloatArray
    channel: str
    quality: BitMask | None
    injections: BitMask | None

    def part(self, promise: Promise, span: Segment, out: FloatArray) -> Extras:
        """Copy the strain of a span, and return what else the file holds of it."""
        out[:] = self.strain[promise.samples(span)]
        seconds = promise.seconds(span)
        return Extras(self.channel, _cut(self.quality, seconds), _cut(self.injections, seconds))


def read_frame(path: Path, promise: Promise) -> Frame:
    """Decode a file; errors as `reading.PartReader.read`, or as gwpy and LAL raise them."""
    # gwpy takes seconds to import and serves only this format: see the start-up rule of the design.
    from gwpy.io.gwf import iter_channel_names
    from gwpy.timeseries import TimeSeries

    with _quiet_lal():
        _require_whole(path)
        names = iter_channel_names(str(path))
        channels = {match[1]: name for name in names if (match := _CHANNEL.fullmatch(name))}
        series = TimeSeries.read(str(path), channels["STRAIN"], format="gwf")
        require_equal("detector", channels["STRAIN"].split(":")[0], promise.detector)
        require_equal("start", float(series.t0.value), promise.span.start)
        require_equal("rate", float(series.sample_rate.value), promise.sample_rate)
        require_equal("number of samples", len(series), promise.size)
        return Frame(
            strain=series.value,
            channel=channels["STRAIN"],
            quality=_mask(path, channels.get("DQMASK"), promise),
            injections=_mask(path, channels.get("INJMASK"), promise),
        )


def _require_whole(path: Path) -> None:
    """Refuse a file that is cut or changed: gwpy's list of its channels would end the process (lalframe)."""
    import lalframe

    try:
        valid = lalframe.FrFileCksumValid(lalframe.FrFileOpenURL(f"file://localhost{path.resolve()}"))
    except RuntimeError as error:
        raise DamagedFileError("it is no whole GWF file, or its checksum is wrong") from error
    if not valid:
        raise DamagedFileError("its checksum is wrong")


def _mask(path: Path, channel: str | None, promise: Promise) -> BitMask | None:
    if channel is None:
        return None
    from gwpy.timeseries import TimeSeries

    values = TimeSeries.read(str(path), channel, format="gwf").value
    require_equal(f"length of {channel}", len(values), round(promise.span.duration))
    return BitMask(values.astype(np.uint32), _bit_names(path, channel))


def _cut(mask: BitMask | None, seconds: slice) -> BitMask | None:
    return None if mask is None else BitMask(mask.values[seconds], mask.bits)


def _bit_names(path: Path, channel: str) -> tuple[str, ...]:
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
