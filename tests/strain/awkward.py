"""A stranger's strain fetcher that does what it is told to do wrong; its samples are `synthetic_strain`.

`conftest.awkward` installs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aframe_data import hookimpl
from aframe_data.errors import DataQualityError, NoDataError, SourceError, TransientError, UsageError
from aframe_data.plugin.options import option
from aframe_data.plugin.records import StrainFetcherProvider
from aframe_data.types import BitMask, Piece, Segment, StrainSeries
from servers.gwosc_files import synthetic_strain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aframe_data.types import StrainRequest

#: Seconds in a file of the source.
BLOCK = 1024


@dataclass(frozen=True)
class AwkwardOptions:
    """What is there, and what is wrong with it. Spans read ``start:stop``, in GPS seconds."""

    rate: int = option(default=256, help="Of what comes, in Hz")
    other_rate: str = option(default="", help="From this GPS second on the rate is doubled")
    there: str = option(default="", help="The span that the archive has, if not all times", affects_data=False)
    nan: str = option(default="", help="A span of NaN", affects_data=False)
    nan_only: str = option(default="", help="The interferometer that has it, if not all", affects_data=False)
    bit_off: str = option(default="", help="A bit and the span in which it is off: bit:start:stop", affects_data=False)
    still: str = option(default="", help="A span of zeros", affects_data=False)
    short: int = option(default=0, help="Seconds that are missing at the end of each answer", affects_data=False)
    bits: tuple[str, ...] = option(default=("DATA",), help="Of the quality mask; none: no mask")
    outside: str = option(
        default="no data", help="The answer for what is not there: 'no data', 'refused', 'busy'", affects_data=False
    )
    claims: str = option(default="", help="Spans that it says it has, if not the true one", affects_data=False)
    busy: str = option(default="", help="A span for which it is busy", affects_data=False)
    pieces: bool = option(default=True, help="Whether answers say where they come from", affects_data=False)
    numpy: bool = option(default=False, help="Whether numbers are numpy's", affects_data=False)
    log: str = option(default="", help="A file to which the span of each question is added", affects_data=False)


class Awkward:
    def __init__(self, options: AwkwardOptions) -> None:
        self._options = options

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        options = self._options
        if options.log:
            with Path(options.log).open("a") as file:
                file.write(f"{request.start}:{request.stop}\n")
        if request.sample_rate > 16384:
            raise UsageError(f"--sample-rate: {request.sample_rate:g} Hz is more than awkward has.")
        asked = Segment(request.start, request.stop)
        there = _span(options.there) if options.there else asked
        if options.busy and _span(options.busy).start < asked.stop and asked.start < _span(options.busy).stop:
            raise TransientError("awkward is busy.", retry_after=0)
        if not there.start <= asked.start < asked.stop <= there.stop:
            raise {
                "no data": NoDataError(f"awkward has {there}, and not {asked}.", _spans(options.claims) or [there]),
                "wrong": UsageError(f"awkward takes {asked} for a mistake."),
                "refused": SourceError(f"awkward does not give {asked} to you."),
                "busy": TransientError("awkward is busy.", retry_after=0),
                "unsound": DataQualityError("awkward is damaged."),
            }[options.outside]
        return {channel: self._series(channel, request) for channel in request.channels}

    def _series(self, channel: str, request: StrainRequest) -> StrainSeries:
        options = self._options
        later = options.other_rate and request.start >= int(options.other_rate)
        rate = options.rate * (2 if later else 1)
        data = synthetic_strain(channel, request.start, request.stop - options.short, rate)
        nan = options.nan if options.nan_only in ("", channel[:2]) else ""
        for text, value in ((nan, np.nan), (options.still, 0.0)):
            if text:
                bad = _span(text)
                first, last = (round((gps - request.start) * rate) for gps in (bad.start, bad.stop))
                data[max(0, first) : max(0, last)] = value
        return StrainSeries(
            data=data,
            start=request.start,
            sample_rate=np.int64(rate) if options.numpy else rate,
            ifo=channel[:2],
            channel=channel,
            quality=self._mask(request) if options.bits else None,
            pieces=(self._piece(request),) if options.pieces else (),
        )

    def _piece(self, request: StrainRequest) -> Piece:
        if self._options.numpy:
            return Piece(np.int64(request.start), np.float64(request.stop), Path("awkward.hdf5"))
        return Piece(request.start, request.stop, "an awkward file")

    def _mask(self, request: StrainRequest) -> BitMask:
        options = self._options
        values = np.full(request.stop - request.start, 2 ** len(options.bits) - 1, "u4")
        if options.bit_off:
            bit, start, stop = map(int, options.bit_off.split(":"))
            values[max(0, start - request.start) : max(0, stop - request.start)] &= ~np.uint32(1 << bit)
        return BitMask(values, options.bits)


def _span(text: str) -> Segment:
    start, stop = text.split(":")
    return Segment(float(start), float(stop))


def _spans(text: str) -> list[Segment]:
    return [_span(part) for part in text.split(",") if part]


@hookimpl
def register_strain_fetchers() -> Iterable[StrainFetcherProvider]:
    for name in ("awkward", "second"):
        yield StrainFetcherProvider(
            name=name,
            summary="Strain with flaws",
            load="strain.awkward:Awkward",
            options=AwkwardOptions,
            channels=(r"[A-Z]\d(:.+)?",),
            alignment=BLOCK,
            automatic=False,
        )
    yield StrainFetcherProvider(
        name="open",
        summary="Strain with flaws of channels that are interferometers",
        load="strain.awkward:Awkward",
        options=AwkwardOptions,
        channels=(r"[A-Z]\d",),
        automatic=False,
    )
