"""Strain by channel from NDS2 servers: which channel is meant, which server has it, and what is missing."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.checks import interferometer
from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError, unknown_name
from aframe_data.outside import outside_text
from aframe_data.retries import joint_error
from aframe_data.types import Piece, Segment, StrainSeries
from aframe_data_plugins.nds2 import PIPS, library
from aframe_data_plugins.nds2.client import Lookup, one_that_is_meant, require_possible_rate
from aframe_data_plugins.nds2.epochs import ALL, require_known
from aframe_data_plugins.nds2.servers import servers_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aframe_data.types import StrainRequest
    from aframe_data_plugins.nds2.client import Client, Found, Received
    from aframe_data_plugins.nds2.options import Nds2Options
    from aframe_data_plugins.nds2.servers import Server

_PRIVATE = "H1:GDS-CALIB_STRAIN"
#: How servers spell that they know no unit.
_NO_UNIT = frozenset({"", "undef", "undefined", "unknown", "none"})
_LONGEST_UNIT = 40
_SHOWN = 4  # spans named in a message


class Nds2Strain:
    """Strain from the servers that the options name, each with one client for the life of the object.

    Raises
    ------
    UsageError
        A server is none, or the client in use does not know the epoch.
    """

    def __init__(self, options: Nds2Options) -> None:
        servers_for("", options)
        require_known(options.epoch, names=library() != PIPS)
        self._options = options
        self._client = cache(_opener(options))

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        """Return the whole span for every channel, at the channel's own rate.

        Raises
        ------
        UsageError
            No server has such a channel, or one at so high a rate; or one has several of the name.
        NoDataError
            The servers have no data for the span or for a part of it.
        AuthenticationError
            A server asks for Kerberos.
        SourceError
            A server has the data on tape, or refuses.
        TransientError
            A server cannot be reached, is overloaded, or broke off.
        """
        span = Segment(request.start, request.stop)
        return {channel: self._series(channel, span, request.sample_rate) for channel in request.channels}

    def ping(self) -> None:
        """Ask each server for a channel that any of them may have; errors as `fetch`."""
        for server in servers_for(_PRIVATE, self._options):
            self._client(server).find(Lookup(_PRIVATE, None, ALL))

    def _series(self, channel: str, span: Segment, rate: float) -> StrainSeries:
        errors: dict[str, SourceError | UsageError] = {}
        for server in servers_for(channel, self._options):
            try:
                return self._of_server(server, channel, span, rate)
            except (SourceError, UsageError) as error:
                errors[str(server)] = error
        raise _joint(errors)

    def _of_server(self, server: Server, channel: str, span: Segment, rate: float) -> StrainSeries:
        lookup = Lookup(channel, self._options.channel_type, self._options.epoch or f"{span.start}-{span.stop}")
        answer = self._client(server).read(lookup, span)
        meant = one_that_is_meant(answer.found)
        if meant is None:
            raise self._which(server, lookup, span, answer.found)
        require_possible_rate(meant, server)
        if meant.rate < rate:
            raise UsageError(
                f"--sample-rate: {rate:g} Hz is more than {server} has of {channel}, {meant.rate:g} Hz, and strain is "
                "never upsampled."
            )
        if answer.samples is None:
            raise NoDataError(_missing(server, meant, span, answer), answer.present)
        samples = answer.samples
        if len(samples) != round(span.duration * meant.rate):
            raise SourceError(f"{server} sent {len(samples)} samples of {channel} for {span}, at {meant.rate:g} Hz.")
        unit = outside_text(answer.unit, _LONGEST_UNIT)
        return StrainSeries(
            data=samples if samples.dtype.kind == "f" else samples.astype(np.float64),
            start=span.start,
            sample_rate=meant.rate,
            ifo=interferometer(channel),
            channel=channel,
            unit="strain" if unit.lower() in _NO_UNIT else unit,
            pieces=(Piece(span.start, span.stop, f"nds2://{server}/{channel},{meant.channel_type}"),),
        )

    def _which(self, server: Server, lookup: Lookup, span: Segment, found: Sequence[Found]) -> SourceError | UsageError:
        """Say why it is not one channel that was found: several, or none in this epoch or at all."""
        name, asked = lookup.name, lookup.channel_type
        if found:
            listed = " and ".join(f"{channel.channel_type} at {channel.rate:g} Hz" for channel in found)
            return UsageError(
                f"{server} has {name} more than once in epoch {lookup.epoch}: {listed}. Choose with "
                f"--nds2-channel-type ({' or '.join(_types(found))}), or a narrower --nds2-epoch."
            )
        ask = self._client(server).find
        ever = _types(ask(Lookup(name, None, ALL)))
        if asked in ever or (ever and asked is None):
            return NoDataError(
                f"{server} has {name}{f' ({asked})' if asked else ''}, but not in epoch {lookup.epoch}: "
                f"it has no data of it in {span}."
            )
        if ever:
            return unknown_name(f"type of {name} on {server}", str(asked), ever)
        near = {outside_text(channel.name) for channel in ask(Lookup(f"{_beginning(name)}*", None, ALL))}
        return unknown_name(f"channel of {server}", name, sorted(near))


def _opener(options: Nds2Options) -> Callable[[Server], Client]:
    """What makes the client of a server; imported when the first is made, because gwpy takes seconds."""

    def with_dttlib(server: Server) -> Client:
        from aframe_data_plugins.nds2.dttlib_client import DttlibClient

        return DttlibClient(server, options)

    def with_gwpy(server: Server) -> Client:
        from aframe_data_plugins.nds2.gwpy_client import GwpyClient

        return GwpyClient(server, options)

    return with_dttlib if library() == PIPS else with_gwpy


def _joint(errors: Mapping[str, SourceError | UsageError]) -> SourceError | UsageError:
    """The error for what no server could answer; worth another try if one of them may answer then."""
    error = joint_error(errors)
    passing = [each for each in errors.values() if isinstance(each, TransientError)]
    return TransientError(str(error)) if passing and not isinstance(error, TransientError) else error


def _missing(server: Server, meant: Found, span: Segment, answer: Received) -> str:
    near = sorted(answer.present, key=lambda part: max(part.start - span.stop, span.start - part.stop))[:_SHOWN]
    there = f"there is {', '.join(str(part) for part in sorted(near))}" if near else "there is nothing near it"
    return f"{server} does not have all of {meant.name} ({meant.channel_type}) in {span}; {there}."


def _types(found: Sequence[Found]) -> list[str]:
    return list(dict.fromkeys(channel.channel_type for channel in found))


def _beginning(name: str) -> str:
    """``H1:GDS-CALIB`` of ``H1:GDS-CALIB_STRIAN``: what names that were meant begin with, if any do."""
    return re.split(r"[-_](?=[^-_]*$)", name)[0]
