"""What a client library must be able to do for the fetcher, in plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aframe_data.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.types import FloatArray, Segment
    from aframe_data_plugins.nds2.servers import Server

#: The type of a channel whose data is a copy of the newest of another's.
ONLINE = "online"

#: Hz: twice that of any channel from which strain is made.
_HIGHEST_RATE = 131_072
_LIGO = ("H0", "H1", "L0", "L1")


@dataclass(frozen=True, slots=True)
class Found:
    """A channel of a server: its type is ``raw``, ``reduced``, ``online``, …, its rate in Hz."""

    name: str
    channel_type: str
    rate: float

    @property
    def plausible(self) -> bool:
        """Whether strain may have such a rate; a higher one would be a matter of memory."""
        return 0 < self.rate <= _HIGHEST_RATE


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is looked up: a name, or a pattern with ``*``; of one type, or of any; in an epoch (see the option)."""

    name: str
    channel_type: str | None
    epoch: str


@dataclass(frozen=True, slots=True)
class Received:
    """What a server gave.

    Attributes
    ----------
    found
        The channels of the name. Only where it is one that is meant was its data asked for.
    samples
        (n,) those of the whole span, or None where it is not all there.
    unit
        As the server spells it.
    present
        Where in the span, or near it, there is data, if it is not all there.
    """

    found: tuple[Found, ...]
    samples: FloatArray | None = None
    unit: str = ""
    present: tuple[Segment, ...] = ()


class Client(Protocol):
    """A client of one server."""

    def find(self, lookup: Lookup) -> tuple[Found, ...]:
        """Return the channels that match.

        Raises
        ------
        SourceError
            The server cannot be reached, or refuses: see `aframe_data_plugins.nds2.messages`.
        """
        ...

    def read(self, lookup: Lookup, span: Segment) -> Received:
        """Return the data of the one channel that is meant, for a span of whole GPS seconds.

        Raises
        ------
        SourceError
            As for `find`; or the data is on tape and may not be asked for.
        """
        ...


def one_that_is_meant(found: Sequence[Found]) -> Found | None:
    """Return the only one; the copy that a server keeps of the newest data is none beside another, as for gwpy."""
    kept = [channel for channel in found if channel.channel_type != ONLINE] if len(found) == 2 else found
    return kept[0] if len(kept) == 1 else None


def require_possible_rate(meant: Found, server: Server) -> None:
    """Refuse a channel that no strain can be made of, whatever a server says.

    Raises
    ------
    SourceError
        It has another rate than strain may have.
    """
    if not meant.plausible:
        raise SourceError(f"{server} says that {meant.name} has {meant.rate:g} Hz, which no channel of strain has.")


def scaled(samples: FloatArray, channel: str, slope: float, offset: float) -> FloatArray:
    """Return samples in the channel's unit, as gwpy does: what LIGO's servers say of slope and offset is not right."""
    if channel.startswith(_LIGO) or (slope == 1 and offset == 0):
        return samples
    return samples * slope + offset
