"""Decoding frame files by lalframe, which is there wherever lalsuite is, and is several times slower than gwframe."""

from __future__ import annotations

import glob
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import lal
import lalframe

from aframe_data.types import Segment
from aframe_data_plugins.gwf.model import Contents, NoSuchChannelError, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def contents(path: Path) -> Contents:
    """Read what a file holds."""
    with _quiet():
        file = lalframe.FrameUFrFileOpen(str(path), "r")  # it has to live as long as what is read from it
        table = lalframe.FrameUFrTOCRead(file)
        frames = []
        for index in range(lalframe.FrameUFrTOCQueryNFrame(table)):
            start = sum(lalframe.FrameUFrTOCQueryGTimeModf(table, index))
            frames.append(Segment(start, start + lalframe.FrameUFrTOCQueryDt(table, index)))
        return Contents(tuple(_names(table)), tuple(frames))


def read(path: Path, channel: str, span: Segment) -> Samples:
    """Read a span that consists of frames without a gap between them."""
    with _quiet():
        file = lalframe.FrameUFrFileOpen(str(path), "r")
        names = tuple(_names(lalframe.FrameUFrTOCRead(file)))
        if channel not in names:
            raise NoSuchChannelError(channel, names)
        stream = lalframe.FrStreamOpen(str(path.parent), glob.escape(path.name))
        kind = _TYPES[lalframe.FrStreamGetTimeSeriesType(channel, stream)]
        series = getattr(lalframe, f"FrStreamRead{kind}TimeSeries")(
            stream, channel, lal.LIGOTimeGPS(span.start), span.duration, 0
        )
        # LAL's series drop a unit that LAL does not know; the frame still has it.
        vector = lalframe.FrameUFrChanRead(file, channel, 0)
        unit = lalframe.FrameUFrChanVectorQueryUnitY(vector)
        return Samples(series.data.data, float(series.epoch), 1 / series.deltaT, unit)


_TYPES = {
    getattr(lal, f"{letter}_TYPE_CODE"): kind
    for letter, kind in {
        "S": "REAL4", "D": "REAL8", "I2": "INT2", "I4": "INT4", "I8": "INT8",
        "U2": "UINT2", "U4": "UINT4", "U8": "UINT8", "C": "COMPLEX8", "Z": "COMPLEX16",
    }.items()
}  # fmt: skip


def _names(table: Any) -> Iterator[str]:
    for kind in ("Adc", "Proc", "Sim"):
        count = getattr(lalframe, f"FrameUFrTOCQuery{kind}N")(table)
        name = getattr(lalframe, f"FrameUFrTOCQuery{kind}Name")
        yield from (name(table, index) for index in range(count))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep LAL from printing what it raises anyway."""
    level = lal.GetDebugLevel()
    lal.ClobberDebugLevel(0)
    try:
        yield
    finally:
        lal.ClobberDebugLevel(level)
