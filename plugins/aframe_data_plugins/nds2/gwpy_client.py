"""The client that gwpy talks to, python-nds2-client of conda-forge.

Connections, channels and what there is come through gwpy. The data does not: gwpy asks for it by the name only, though
a server may have a raw and a reduced channel of one name, and it runs kinit where a server asks for Kerberos.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from gwpy.io import nds2 as gwpy_nds2

from aframe_data.segments import arithmetic
from aframe_data.types import Segment
from aframe_data_plugins.nds2.client import Found, Received, one_that_is_meant, require_possible_rate, scaled
from aframe_data_plugins.nds2.epochs import span_of
from aframe_data_plugins.nds2.messages import broke_off, meaning, tells_of_a_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.errors import SourceError
    from aframe_data.types import FloatArray
    from aframe_data_plugins.nds2.client import Lookup
    from aframe_data_plugins.nds2.options import Nds2Options
    from aframe_data_plugins.nds2.servers import Server

#: Seconds on both sides of a span in which it is said what there is.
_NEAR = 86_400


@dataclass(frozen=True)
class _Stretch:
    """Samples that came at once."""

    span: Segment
    samples: FloatArray
    unit: str


class GwpyClient:
    """One server, with a connection that lasts until an error."""

    def __init__(self, server: Server, options: Nds2Options) -> None:
        self._server = server
        self._allow_tape = options.allow_tape
        self._connection: Any = None

    def find(self, lookup: Lookup) -> tuple[Found, ...]:
        """Return the channels that match."""
        epoch = span_of(lookup.epoch)
        try:
            channels = gwpy_nds2.find_channels(
                [lookup.name],
                connection=self._connected(),
                type=lookup.channel_type,
                epoch=lookup.epoch if epoch is None else (int(epoch.start), int(epoch.stop)),
            )
        except RuntimeError as error:
            raise self._failed(error) from error
        return tuple(
            Found(channel.name, channel.channel_type_to_string(channel.channel_type), float(channel.sample_rate))
            for channel in channels
        )

    def read(self, lookup: Lookup, span: Segment) -> Received:
        """Return the data of the one channel that is meant."""
        found = self.find(lookup)
        meant = one_that_is_meant(found)
        if meant is None:
            return Received(found)
        require_possible_rate(meant, self._server)
        name = f"{meant.name},{meant.channel_type}"
        stretches = self._stretches(name, span)
        if _cover(stretches, span):
            return Received(found, np.concatenate([each.samples for each in stretches]), stretches[0].unit)
        if stretches:
            self._connection = None  # it may be broken: what there is, is asked over a new one
        present = self._available(name, span)
        if arithmetic.intersect(present, [span]) == (span,):
            raise broke_off(self._server)
        return Received(found, present=present)

    def _stretches(self, name: str, span: Segment) -> list[_Stretch]:
        """Return what came of a span; nothing where the server tells of a gap."""
        try:
            connection = self._connected()
            connection.set_parameter("ALLOW_DATA_ON_TAPE", str(self._allow_tape))
            return [_copied(buffer) for (buffer,) in connection.iterate(int(span.start), int(span.stop), [name])]
        except RuntimeError as error:
            if tells_of_a_gap(str(error)):
                return []
            raise self._failed(error) from error

    def _available(self, name: str, span: Segment) -> tuple[Segment, ...]:
        start, stop = int(span.start) - _NEAR, int(span.stop) + _NEAR
        try:
            spans = gwpy_nds2.get_availability([name], start, stop, connection=self._connected())[name]
        except RuntimeError as error:
            raise self._failed(error) from error
        return arithmetic.coalesce(Segment(float(begin), float(end)) for begin, end in spans if begin < end)

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = gwpy_nds2.connect(self._server.host, self._server.port)
        return self._connection

    def _failed(self, error: Exception) -> SourceError:
        self._connection = None
        return meaning(str(error), self._server)


def _copied(buffer: Any) -> _Stretch:
    """Take a buffer over from the library, which may use its memory again."""
    start = buffer.gps_seconds + buffer.gps_nanoseconds * 1e-9
    samples = scaled(np.array(buffer.data), buffer.name, buffer.signal_slope, buffer.signal_offset)
    span = Segment(start, start + buffer.length / buffer.channel.sample_rate)
    return _Stretch(span, samples, buffer.channel.signal_units)


def _cover(stretches: Sequence[_Stretch], span: Segment) -> bool:
    """Whether stretches follow one another from the start of a span to its stop."""
    at = span.start
    for stretch in stretches:
        if stretch.span.start != at:
            return False
        at = stretch.span.stop
    return at == span.stop
