"""The archive's GWF files: three channels ``…STRAIN``, ``…DQMASK`` and ``…INJMASK``, the last two at 1 Hz."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.types import BitMask
from aframe_data_plugins.gwf.reader import FrameReader
from aframe_data_plugins.gwosc.files import Extras, Promise, cut, require_equal

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import FloatArray, Segment

_CHANNEL = re.compile(r"[A-Z]\d:(?:GWOSC|LOSC)-(?:.*_)?(STRAIN|DQMASK|INJMASK)")


@dataclass(frozen=True, slots=True)
class Frame:
    """A file, decoded: strain (n,), the name of its channel, and masks (n_seconds,) where the file has them."""

    promise: Promise
    strain: FloatArray
    channel: str
    quality: BitMask | None
    injections: BitMask | None

    @property
    def is_outdated(self) -> bool:
        """Whether the file would have to be decoded again: never, for all of it is here."""
        return False

    def read(self, span: Segment, out: FloatArray) -> Extras:
        """Copy the strain of a span: see `reading.PartReader.read`."""
        out[:] = self.strain[self.promise.samples(span)]
        seconds = self.promise.seconds(span)
        return Extras(self.channel, cut(self.quality, seconds), cut(self.injections, seconds))


def read_frame(path: Path, promise: Promise) -> Frame:
    """Decode a file; errors as `reading.PartReader.read`, or as `FrameReader` raises them."""
    reader = FrameReader()
    channels = {match[1]: name for name in reader.contents(path).channels if (match := _CHANNEL.fullmatch(name))}
    strain = reader.read(path, channels["STRAIN"], promise.span)
    require_equal("detector", channels["STRAIN"].split(":")[0], promise.detector)
    require_equal("rate", strain.sample_rate, promise.sample_rate)
    require_equal("number of samples", len(strain.data), promise.size)
    return Frame(
        promise=promise,
        strain=strain.data,
        channel=channels["STRAIN"],
        quality=_mask(reader, path, channels.get("DQMASK"), promise),
        injections=_mask(reader, path, channels.get("INJMASK"), promise),
    )


def _mask(reader: FrameReader, path: Path, channel: str | None, promise: Promise) -> BitMask | None:
    if channel is None:
        return None
    mask = reader.read(path, channel, promise.span)
    require_equal(f"length of {channel}", len(mask.data), round(promise.span.duration))
    return BitMask(mask.data.astype(np.uint32), _bit_names(mask.unit))


def _bit_names(unit: str) -> tuple[str, ...]:
    """Return the names that GWOSC keeps in the unit of a mask's channel: "0:DATA 1:CBC_CAT1 …"."""
    pairs = [bit.split(":", 1) for bit in unit.split() if ":" in bit]
    names = {int(bit): name for bit, name in pairs}
    return tuple(names.get(bit, "") for bit in range(max(names, default=-1) + 1))
