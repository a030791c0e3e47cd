"""What an NDS2 server of the tests holds, and how it misbehaves: for the loopback server and for the double."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Span = tuple[int, int]

#: Numbers by which the protocol and the client's errors tell what went wrong.
NO_CHANNEL, OVERLOADED, NOT_FOUND, NOT_ALLOWED, ON_TAPE = 0x04, 0x08, 0x0D, 0x1B, 0x1A

DTYPES = {
    "int_2": np.dtype("i2"),
    "int_4": np.dtype("i4"),
    "int_8": np.dtype("i8"),
    "real_4": np.dtype("f4"),
    "real_8": np.dtype("f8"),
}


@dataclass(frozen=True)
class Nds2Channel:
    """A channel; where the server has its data, on disk and on tape; in which span it lists the channel;
    and by what its samples are to be multiplied, and what is then to be added."""

    name: str
    kind: str = "raw"
    rate: float = 256.0
    data_type: str = "real_8"
    unit: str = "strain"
    slope: float = 1.0
    offset: float = 0.0
    disk: tuple[Span, ...] = ((1_000_000_000, 1_000_004_096),)
    tape: tuple[Span, ...] = ()
    listed: Span = (0, 1_999_999_999)

    def samples(self, start: int, stop: int) -> NDArray[Any]:
        """The data: different at each of the first 2**24 samples, and exact in every type from 32 bits on."""
        counts = np.arange(round(start * self.rate), round(stop * self.rate)) * 7919 % 2**24
        if self.data_type.startswith("int"):
            return (counts % 2**15).astype(DTYPES[self.data_type])
        return (counts * 2.0**-40).astype(DTYPES[self.data_type])

    def present(self, start: int, stop: int, *, tape: bool) -> list[Span]:
        """Where within a span there is data; touching spans are not joined."""
        spans = [*self.disk, *(self.tape if tape else ())]
        return sorted((max(a, start), min(b, stop)) for a, b in spans if max(a, start) < min(b, stop))

    def whole(self, start: int, stop: int, *, tape: bool) -> bool:
        """Whether there is data in all of a span."""
        return sum(b - a for a, b in self.present(start, stop, tape=tape)) == stop - start


@dataclass(frozen=True)
class Nds2Archive:
    """One server.

    Attributes
    ----------
    channels
        What it has.
    authentication
        Whether it asks for Kerberos, which no test has.
    refuses
        The number of an error with which it answers to every request of data, or None.
    breaks_off
        Seconds of data after which it closes the connection, or None.
    rubbish
        Whether it speaks another protocol.
    stalls
        Whether it never answers a request of data.
    """

    channels: tuple[Nds2Channel, ...] = field(default=())
    authentication: bool = False
    refuses: int | None = None
    breaks_off: int | None = None
    rubbish: bool = False
    stalls: bool = False

    def matching(self, pattern: str, kind: str = "unknown", epoch: Span = (0, 1_999_999_999)) -> list[Nds2Channel]:
        """The channels that a server lists in an epoch and whose names match a pattern."""
        return [
            channel
            for channel in self.channels
            if kind in ("unknown", channel.kind)
            and fnmatchcase(channel.name, pattern)
            and max(channel.listed[0], epoch[0]) < min(channel.listed[1], epoch[1])
        ]
