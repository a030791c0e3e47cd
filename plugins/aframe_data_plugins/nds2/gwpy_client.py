"""The client that gwpy talks to, python-nds2-client of conda-forge.

gwpy's own way to a server runs kinit where the server asks for Kerberos, and fills gaps with a number where it is told
to. So the connection is made here, and what is missing is learned from the server's list of what it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gwpy.io import nds2 as gwpy_nds2
from gwpy.timeseries import TimeSeries

from aframe_data.segments import arithmetic
from aframe_data.types import Segment
from aframe_data_plugins.nds2.client import Answer, Found, one_that_is_meant
from aframe_data_plugins.nds2.epochs import span_of
from aframe_data_plugins.nds2.messages import broke_off, meaning, tells_of_a_gap

if TYPE_CHECKING:
    from typing import Any

    from aframe_data_plugins.nds2.client import Lookup
    from aframe_data_plugins.nds2.options import Nds2Options
    from aframe_data_plugins.nds2.servers import Server

#: Seconds on both sides of a span in which it is said what there is.
_NEAR = 86_400
#: What the library raises, and gwpy for data that does not fit together; gwpy collects them in a group.
_ERRORS = (RuntimeError, ValueError, ExceptionGroup)


class GwpyClient:
    """One server, with a connection that lasts until an error."""

    def __init__(self, server: Server, options: Nds2Options) -> None:
        self._server = server
        self._allow_tape = options.allow_tape
        self._connection: Any = None

    def find(self, lookup: Lookup) -> tuple[Found, ...]:
        """Return the channels that match."""
        return tuple(
            Found(channel.name, channel.channel_type_to_string(channel.channel_type), float(channel.sample_rate))
            for channel in self._find(lookup)
        )

    def read(self, lookup: Lookup, span: Segment) -> Answer:
        """Return the data of the one channel that is meant."""
        found = self.find(lookup)
        meant = one_that_is_meant(found)
        if meant is None:
            return Answer(found)
        name = f"{meant.name},{meant.channel_type}"
        series = self._fetch(name, span)
        if series is not None and _covers(series, span):
            return Answer(found, series.value, str(series.unit))
        present = self._available(name, span)
        if arithmetic.intersect(present, [span]) == (span,):
            self._connection = None
            raise broke_off(self._server)
        return Answer(found, present=present)

    def _find(self, lookup: Lookup) -> list[Any]:
        epoch = span_of(lookup.epoch)
        try:
            return list(
                gwpy_nds2.find_channels(
                    [lookup.name],
                    connection=self._connected(),
                    type=lookup.channel_type,
                    epoch=lookup.epoch if epoch is None else (int(epoch.start), int(epoch.stop)),
                )
            )
        except RuntimeError as error:
            raise self._failed(error) from error

    def _fetch(self, name: str, span: Segment) -> TimeSeries | None:
        """Return what came of a span, or None where the server, or gwpy, tells of a gap."""
        try:
            return TimeSeries.fetch(
                name, span.start, span.stop, connection=self._connected(), allow_tape=self._allow_tape
            )
        except _ERRORS as error:
            text = "\n".join(str(each) for each in _each(error))
            if tells_of_a_gap(text) or any(isinstance(each, ValueError) for each in _each(error)):
                return None
            raise self._failed(error, text) from error

    def _available(self, name: str, span: Segment) -> tuple[Segment, ...]:
        try:
            spans = gwpy_nds2.get_availability(
                [name], int(span.start) - _NEAR, int(span.stop) + _NEAR, connection=self._connected()
            )[name]
        except _ERRORS as error:
            raise self._failed(error) from error
        return arithmetic.coalesce(Segment(float(start), float(stop)) for start, stop in spans if start < stop)

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = gwpy_nds2.connect(self._server.host, self._server.port)
        return self._connection

    def _failed(self, error: Exception, text: str | None = None) -> Exception:
        self._connection = None
        return meaning(str(error) if text is None else text, self._server)


def _covers(series: TimeSeries, span: Segment) -> bool:
    start, stop = (float(edge) for edge in series.span)
    return start == span.start and stop == span.stop


def _each(error: BaseException) -> list[BaseException]:
    """Return the errors of a group, and of the groups in it."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _each(inner)]
    return [error]
