"""A double of python-nds2-client, as far as gwpy 4 uses it; put its folder on the path before gwpy is imported.

Nobody can install the real one with pip, and nobody can run its server. The words of the errors are those of the C++
library (nds2-client 0.16.8), read off it with `servers.nds2_server`. The servers that it knows are a mapping of
(host, port) to `Nds2Archive`, pickled in the file that the variable ``NDS2_DOUBLE`` names.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from servers.nds2_archive import NOT_FOUND, ON_TAPE, Nds2Archive, Nds2Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds of data in a buffer: the library does not say how many it gives at once.
STRIDE = 64

_KINDS = {"online": 1, "raw": 2, "reduced": 4, "s-trend": 8, "m-trend": 16, "test-pt": 32, "static": 64}
_DATA_TYPES = {"int_2": 1, "int_4": 2, "int_8": 4, "real_4": 8, "real_8": 16}
_WORDS = {
    0x01: "Unspecified error",
    0x04: "Invalid channel name",
    0x08: "NDS server is overloaded",
    NOT_FOUND: "Requested data were not found.",
    0x10: "Requested data rate is invalid for channel",
    ON_TAPE: "Requested data is on tape\n"
    "This is not a fatal error, it is a notification that your data is not\nimmediately available.",
}


def _error(number: int) -> RuntimeError:
    return RuntimeError(f"Low level daq error occured [{number}]: {_WORDS[number]}")


def _no_connection(why: str) -> RuntimeError:
    return RuntimeError(f"Failed to establish a connection[INFO: {why}]")


class epoch:  # noqa: N801 - the library's name
    def __init__(self, gps_start: int, gps_stop: int) -> None:
        self.gps_start = gps_start
        self.gps_stop = gps_stop

    @property
    def span(self) -> tuple[int, int]:
        """Not the library's."""
        return self.gps_start, self.gps_stop


class channel:  # noqa: N801
    MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 0.0, 1e12

    def __init__(self, held: Nds2Channel) -> None:
        self.name = held.name
        self.sample_rate = held.rate
        self.signal_units = held.unit
        self.channel_type = _KINDS[held.kind]
        self.data_type = _DATA_TYPES[held.data_type]

    @staticmethod
    def channel_type_to_string(number: int) -> str:
        return next(kind for kind, known in _KINDS.items() if known == number)


class buffer:  # noqa: N801
    def __init__(self, held: Nds2Channel, start: int, stop: int) -> None:
        self.channel = channel(held)
        self.name = held.name
        self.data = held.samples(start, stop)
        self.length = len(self.data)
        self.signal_slope, self.signal_offset = held.slope, held.offset
        self.gps_seconds, self.gps_nanoseconds = start, 0


class _Availability:
    def __init__(self, held: Nds2Channel, within: epoch) -> None:
        self.name = held.name
        spans = held.present(within.gps_start, within.gps_stop, tape=True)
        self.data = [epoch(start, stop) for start, stop in spans]


class connection:  # noqa: N801
    def __init__(self, host: str, port: int = 31200) -> None:
        known: dict[tuple[str, int], Nds2Archive] = pickle.loads(Path(os.environ["NDS2_DOUBLE"]).read_bytes())  # noqa: S301
        if host.endswith(".invalid"):
            raise _no_connection("Invalid IP address")
        if (host, port) not in known:
            raise _no_connection("Error occurred trying to write to socket")
        self._archive = known[host, port]
        if self._archive.authentication:
            raise _no_connection("Request SASL authentication protocol")
        if self._archive.rubbish:
            raise _no_connection("Requested feature is not supported")
        self._host = host
        self._epoch = epoch(0, 1_999_999_999)
        self._tape = False
        self._closed = False

    def get_host(self) -> str:
        return self._host

    def get_protocol(self) -> int:
        return 2

    def set_parameter(self, name: str, value: str) -> bool:
        if name != "ALLOW_DATA_ON_TAPE":
            return False
        self._tape = value.lower() in ("1", "true", "yes")
        return True

    def current_epoch(self) -> epoch:
        return self._epoch

    def set_epoch(self, start: int | str, stop: int | None = None) -> bool:
        if isinstance(start, str):
            if start != "ALL":
                raise RuntimeError(f"Low level daq error occured [{0x0D}]: Requested data were not found.")
            start, stop = 0, 1_999_999_999
        assert stop is not None
        self._epoch = epoch(start, stop)
        return True

    def find_channels(
        self,
        pattern: str,
        kinds: int,
        data_types: int,
        min_rate: float = channel.MIN_SAMPLE_RATE,
        max_rate: float = channel.MAX_SAMPLE_RATE,
    ) -> list[channel]:
        self._require_open()
        found = [channel(held) for held in self._archive.matching(pattern, epoch=self._epoch.span)]
        return [
            each
            for each in found
            if each.channel_type & kinds and each.data_type & data_types and min_rate <= each.sample_rate <= max_rate
        ]

    def get_availability(self, names: list[str]) -> list[_Availability]:
        self._require_open()
        return [_Availability(self._held(name), self._epoch) for name in names]

    def iterate(self, start: int, stop: int, names: list[str]) -> Iterator[tuple[buffer, ...]]:
        self._require_open()
        if self._archive.refuses is not None:
            raise _error(self._archive.refuses)
        held = [self._held(name) for name in names]
        for each in held:
            self._require_there(each, start, stop)
        return self._buffers(held, start, stop)

    def close(self) -> None:
        self._closed = True

    def _buffers(self, held: list[Nds2Channel], start: int, stop: int) -> Iterator[tuple[buffer, ...]]:
        for begin in range(start, stop, STRIDE):
            if self._archive.breaks_off is not None and begin - start >= self._archive.breaks_off:
                self._closed = True
                return
            end = min(begin + STRIDE, stop)
            yield tuple(buffer(each, begin, end) for each in held)

    def _require_there(self, held: Nds2Channel, start: int, stop: int) -> None:
        if held.whole(start, stop, tape=self._tape):
            return
        raise _error(ON_TAPE if held.whole(start, stop, tape=True) else NOT_FOUND)

    def _require_open(self) -> None:
        if self._closed:
            raise RuntimeError("Connection is closed")

    def _held(self, name: str) -> Nds2Channel:
        bare, _, kind = name.partition(",")
        return self._archive.matching(bare, kind or "unknown")[0]


def __getattr__(name: str) -> Any:
    raise AttributeError(f"the double of nds2 has no {name!r}: say whether the real one does, and add it")
