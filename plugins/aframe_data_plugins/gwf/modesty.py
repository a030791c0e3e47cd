"""Whether a frame file asks for more memory than its name makes plausible, before a library decodes it.

A few bytes can unpack to gigabytes of samples, or say that billions of names follow, for which decoders allocate or
crash. Lengths are read here as LIGO-T970130, version 8, has them, and no data is. Decoders go from place to place by
the table of contents, and here one structure after the other is looked at: so the table may name no other places.
"""

from __future__ import annotations

import struct
from array import array
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from aframe_data.outside import outside_text
from aframe_data.sizes import format_bytes
from aframe_data_plugins.gwf.model import DamagedFileError
from aframe_data_plugins.gwf.names import parse_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

#: Bytes of one channel, unpacked, for each second of the file: 65536 Hz in double precision, four times as fast as any
#: strain. A file whose name says no duration may have as much as the longest of public archives, 4096 s.
_BYTES_PER_SECOND, _LONGEST = 2**19, 4096.0
#: Bytes of a table of contents, and structures of a file; raw frames have half a million channels.
_LARGEST_TABLE, _MOST_STRUCTURES = 64 * 2**20, 2**22
#: What every structure begins with: its length, scheme of checksums, class and instance.
_BEGIN = "QBBI"
#: The class that says which number each of the others has: FrSH.
_DICTIONARY = 1
#: The numbers that decoders take where the dictionary says nothing that they know; FrameL's files have others.
_CLASSES = dict(
    enumerate(
        (
            *("FrSH", "FrSE", "FrameH", "FrAdcData", "FrDetector", "FrEndOfFile", "FrEndOfFrame", "FrEvent"),
            *("FrHistory", "FrMsg", "FrProcData", "FrRawData", "FrSerData", "FrSimData", "FrSimEvent", "FrStatData"),
            *("FrSummary", "FrTable", "FrTOC", "FrVect"),
        ),
        start=1,
    )
)
#: Bytes of a sample, by the number of its type; texts have two for their lengths at least.
_ITEMSIZES = (1, 2, 8, 4, 4, 8, 8, 16, 2, 2, 4, 8, 1)
_NOT_LISTED = 2**32 - 1
#: Of each frame, a table of contents has its times and numbers (bytes), and places in the file.
_TIMES_OF_A_FRAME, _PLACES_OF_A_FRAME = 28, 5
#: Where there is nothing, it has these places.
_NOWHERE = (0, 2**64 - 1)


def require_modest(path: Path, file: BinaryIO, order: str, size: int, table: int | None) -> None:
    """Refuse a file whose channels unpack to too much, or whose parts have more items than bytes.

    Parameters
    ----------
    path
        Its name says how long it is.
    file
        Open, and behind its header.
    order
        ``<`` or ``>``.
    size
        Bytes of the file.
    table
        Where its end says that the table of contents begins; None where it has none.

    Raises
    ------
    DamagedFileError
        The message says what is too much.
    """
    named = parse_name(path)
    most = _BYTES_PER_SECOND * (named.span.duration if named else _LONGEST)
    classes: dict[int, str] = {}
    unpacked: Counter[bytes] = Counter()
    begun, tables = array("Q"), []
    listed: list[NDArray[np.uint64]] = []
    for position, kind, inside in _structures(file, order, size):
        begun.append(position)
        name = classes.setdefault(kind, _CLASSES.get(kind, ""))
        if kind == _DICTIONARY:
            _note_class(inside, classes)
        elif name == "FrVect":
            channel = inside.text()
            unpacked[channel] += _unpacked(inside)
            if unpacked[channel] > most:
                raise DamagedFileError(
                    f"{outside_text(channel.decode(errors='replace'))} unpacks to {format_bytes(unpacked[channel])}, "
                    f"and at most {format_bytes(int(most))} are read of a file of this length"
                )
        elif name == "FrTOC":
            tables.append(position)
            listed += _places(inside)
    if table is not None and table not in tables:
        raise DamagedFileError("its end names a place for the table of contents where there is none")
    known = np.frombuffer(begun, np.uint64)
    if not all(np.isin(places, known).all() for places in listed):
        raise DamagedFileError("its table of contents names places where no structure begins")


def _structures(file: BinaryIO, order: str, size: int) -> Iterator[tuple[int, int, _Inside]]:
    """The place, the class and the inside of each structure."""
    begin, position = struct.Struct(order + _BEGIN), file.tell()
    number = 0
    while position < size:
        number += 1
        file.seek(position)
        head = file.read(begin.size)
        length, _, kind, _ = begin.unpack(head) if len(head) == begin.size else (0, 0, 0, 0)
        if not begin.size <= length <= size - position or number > _MOST_STRUCTURES:
            raise DamagedFileError("its structures have impossible lengths")
        yield position, kind, _Inside(file, order, length - begin.size)
        position += length


def _note_class(inside: _Inside, classes: dict[int, str]) -> None:
    """Read which number a class has, before anything has it; decoders would not agree on what two have."""
    name, number = inside.text().decode(errors="replace"), inside.number("H")
    if name in _CLASSES.values() and classes.setdefault(number, name) != name:
        raise DamagedFileError(f"its dictionary gives another meaning to structures of the number {number}")


class _Inside:
    """What is left of a structure; nothing is read beyond its end."""

    def __init__(self, file: BinaryIO, order: str, left: int) -> None:
        self._file, self._order, self.left = file, order, left

    def take(self, nbytes: int) -> bytes:
        """The next bytes."""
        if nbytes > self.left:
            raise DamagedFileError("one of its structures has more items than bytes")
        self.left -= nbytes
        return self._file.read(nbytes)

    def skip(self, nbytes: int) -> None:
        """Leave out bytes."""
        if nbytes > self.left:
            raise DamagedFileError("one of its structures has more items than bytes")
        self.left -= nbytes
        self._file.seek(nbytes, 1)

    def number(self, code: str) -> int:
        """The next number, of the type that a code of `struct` says."""
        one = struct.Struct(self._order + code)
        value: int = one.unpack(self.take(one.size))[0]
        return value

    def count(self) -> int:
        """The next number of items; writers have -1 where they do not list any."""
        found = self.number("I")
        return 0 if found == _NOT_LISTED else found

    def places(self, number: int) -> NDArray[np.uint64]:
        """The next places in the file, without those that are nowhere."""
        found = np.frombuffer(self.take(8 * number), f"{self._order}u8").astype(np.uint64)
        return found[~np.isin(found, np.array(_NOWHERE, np.uint64))]

    def text(self) -> bytes:
        """The next text, without the zero at its end."""
        return self.take(self.number("H")).rstrip(b"\0")


def _unpacked(inside: _Inside) -> int:
    """Bytes to which a vector says that it unpacks; what is packed must be there."""
    _, kind, samples, packed = (inside.number(code) for code in ("H", "H", "Q", "Q"))
    inside.skip(packed)
    dimensions = inside.number("I")
    inside.skip(8 * dimensions)
    if kind >= len(_ITEMSIZES):
        raise DamagedFileError(f"it has samples of an unknown type (number {kind})")
    return samples * _ITEMSIZES[kind]


def _places(table: _Inside) -> Iterator[NDArray[np.uint64]]:
    """The places that a table of contents names; refuse one with fewer bytes than the items that it counts."""
    if table.left > _LARGEST_TABLE:
        raise DamagedFileError(f"its table of contents has {format_bytes(table.left)}")
    table.skip(2)  # leap seconds
    frames = table.count()
    table.skip(_TIMES_OF_A_FRAME * frames)
    yield table.places(_PLACES_OF_A_FRAME * frames)
    structures = table.count()
    table.skip(2 * structures)
    _skip_texts(table, structures)
    detectors = table.count()
    _skip_texts(table, detectors)
    yield table.places(detectors)
    static = table.count()
    _skip_texts(table, 2 * static)
    table.skip(4 * static)
    yield from _timed(table)
    for more in (8, 0, 0, 0, 0):  # raw, processed and simulated channels, slow ones and summaries
        channels = table.count()
        _skip_texts(table, channels)
        table.skip(more * channels)
        yield table.places(frames * channels)
    for _ in range(2):  # events, found and simulated
        kinds = table.count()
        _skip_texts(table, kinds)
        table.skip(4 * kinds)
        yield from _timed(table)


def _timed(table: _Inside) -> Iterator[NDArray[np.uint64]]:
    """The places of what has three more numbers each."""
    number = table.count()
    table.skip(3 * 4 * number)
    yield table.places(number)


def _skip_texts(table: _Inside, number: int) -> None:
    if 2 * number > table.left:
        raise DamagedFileError("one of its structures has more items than bytes")
    for _ in range(number):
        table.skip(table.number("H"))
