"""The strain fetcher ``arrakis``: from blocks, in which gaps are masked, to strain, in which they are NaN."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.checks import interferometer
from aframe_data.errors import NoDataError, UsageError
from aframe_data.types import Piece, Segment, StrainSeries
from aframe_data_plugins.arrakis.server import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrakis.block import Series

    from aframe_data.types import FloatArray, StrainRequest
    from aframe_data_plugins.arrakis.options import ArrakisOptions

_STRAIN = re.compile(r"strain|h_?oft|h_?rec", re.IGNORECASE)
_logger = logging.getLogger(f"aframe_data.{__name__}")


class ArrakisStrain:
    """Channels of one Arrakis server."""

    def __init__(self, options: ArrakisOptions) -> None:
        self._server = Server(options)
        self._warned: set[str] = set()

    def ping(self) -> None:
        """Ask for the number of channels of one name: which times a server has only its people know."""
        self._server.ping()

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        """Return the whole span for every channel, at the channel's own rate; NaN where the server has a gap.

        Raises
        ------
        UsageError
            The server has no such channel, or the channel's rate is below the asked one.
        NoDataError
            All of the span is a gap. What there is elsewhere cannot be asked.
        TransientError
            The server cannot be reached, was silent for too long, or broke off.
        AuthenticationError
            The server wants a token that is not there.
        SourceError
            The server refuses.
        """
        return {name: self._series(name, request) for name in request.channels}

    def _series(self, name: str, request: StrainRequest) -> StrainSeries:
        channel = self._server.channel(name, request.start)
        rate, kind = channel.rate, channel.kind
        if rate < request.sample_rate:
            raise UsageError(
                f"--sample-rate: {name} has {rate:g} Hz on {self._server.url}, and strain is never upsampled: "
                f"ask for at most that, not {request.sample_rate:g} Hz."
            )
        if kind.kind not in "fiu":
            raise UsageError(f"{name} has numbers of type {kind}: strain is real.")
        self._tell_of_unit(name)
        span = Segment(request.start, request.stop)
        dtype = np.dtype(np.float32 if kind == np.float32 else np.float64)
        data: FloatArray = np.full(round(span.duration * rate), np.nan, dtype)
        for first, series in self._server.blocks(name, request.start, request.stop):
            # In whole nanoseconds: a float of GPS seconds is good for a tenth of a microsecond only.
            nanoseconds = first - request.start * 1_000_000_000
            _place(series, data, first=round(nanoseconds * rate / 1e9))
        if np.isnan(data).all():
            raise NoDataError(f"{self._server.url} has no data of {name} in {span}: all of it is a gap.")
        return StrainSeries(
            data=data,
            start=span.start,
            sample_rate=rate,
            ifo=interferometer(name),
            channel=name,
            unit="unknown",
            pieces=(Piece(span.start, span.stop, f"{self._server.url}/{name}"),),
        )

    def _tell_of_unit(self, name: str) -> None:
        """Say once that nobody knows the unit, of channels whose names do not say that they are strain."""
        if not _STRAIN.search(name) and name not in self._warned:
            self._warned.add(name)
            _logger.warning("%s is assumed to be strain: Arrakis does not tell the units of its channels.", name)


def _place(series: Series, data: FloatArray, *, first: int) -> None:
    """Put a series where it belongs, its first sample at an index; what lies outside is left out, and gaps stay NaN."""
    low, high = max(first, 0), min(first + len(series), len(data))
    if low >= high:
        return
    part = slice(low - first, high - first)
    data[low:high] = series.array[part]
    if series.mask is not None:
        # What lies under a mask is any number, 1e20 perhaps.
        data[low:high][series.mask[part]] = np.nan
