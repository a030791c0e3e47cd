"""Whether a frame file asks for more memory than its name makes plausible, before a library decodes it.

A few bytes can unpack to gigabytes of samples, or say that billions of names follow, for which decoders allocate or
crash. Lengths are read here as LIGO-T970130, version 8, has them, and no data is.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

from aframe_data.outside import outside_text
from aframe_data.sizes import format_bytes
from aframe_data_plugins.gwf.model import DamagedFileError
from aframe_data_plugins.gwf.names import parse_name

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes of one channel, unpacked, for each second of the file: 65536 Hz in double precision, four times as fast as any
#: strain. A file whose name says no duration may have as much as the longest of public archives, 4096 s.
_BYTES_PER_SECOND, _LONGEST = 2**19, 4096.0
#: Bytes of a table of contents, and structures of a file; raw frames have half a million channels.
_LARGEST_TABLE, _MOST_STRUCTURES = 64 * 2**20, 2**22
#: What every structure begins with: its length, scheme of checksums, class and instance.
_BEGIN = "QBBI"
#: The class that says which number each of the others has.
_DICTIONARY = 1
#: Bytes of a sample, by the number of its type; texts have two for their lengths at least.
_ITEMSIZES = (1, 2, 8, 4, 4, 8, 8, 16, 2, 2, 4, 8, 1)
_NOT_LISTED = 2**32 - 1
#: Bytes that a table of contents has of each frame.
_OF_A_FRAME = 68


def require_modest(path: Path, file: BinaryIO, order: str, size: int) -> None:
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

    Raises
    ------
    DamagedFileError
        The message says what is too much.
    """
    begin, named = struct.Struct(order + _BEGIN), parse_name(path)
    most = _BYTES_PER_SECOND * (named.span.duration if named else _LONGEST)
    classes: dict[int, str] = {}
    unpacked: Counter[bytes] = Counter()
    position, number = file.tell(), 0
    while position < size:
        number += 1
        file.seek(position)
        head = file.read(begin.size)
        length, _, kind, _ = begin.unpack(head) if len(head) == begin.size else (0, 0, 0, 0)
        if not begin.size <= length <= size - position or number > _MOST_STRUCTURES:
            raise DamagedFileError("its structures have impossible lengths")
        inside = _Inside(file, order, length - begin.size)
        if kind == _DICTIONARY:
            name = inside.text()
            classes[inside.number("H")] = name.decode(errors="replace")
        elif classes.get(kind) == "FrVect":
            name = inside.text()
            unpacked[name] += _unpacked(inside)
            if unpacked[name] > most:
                raise DamagedFileError(
                    f"{outside_text(name.decode(errors='replace'))} unpacks to {format_bytes(unpacked[name])}, and at "
                    f"most {format_bytes(int(most))} are read of a file of this length"
                )
        elif classes.get(kind) == "FrTOC":
            _require_full(inside)
        position += length


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


def _require_full(table: _Inside) -> None:
    """Refuse a table of contents with fewer bytes than the items that it counts."""
    if table.left > _LARGEST_TABLE:
        raise DamagedFileError(f"its table of contents has {format_bytes(table.left)}")
    table.skip(2)  # leap seconds
    frames = table.count()
    table.skip(_OF_A_FRAME * frames)
    structures = table.count()
    table.skip(2 * structures)
    _skip_texts(table, structures)
    detectors = table.count()
    _skip_texts(table, detectors)
    table.skip(8 * detectors)
    static = table.count()
    _skip_texts(table, 2 * static)
    table.skip(4 * static)
    table.skip((3 * 4 + 8) * table.count())
    for more in (8, 0, 0, 0, 0):  # raw, processed and simulated channels, slow ones and summaries
        channels = table.count()
        _skip_texts(table, channels)
        table.skip((more + 8 * frames) * channels)
    for _ in range(2):  # events, found and simulated
        kinds = table.count()
        _skip_texts(table, kinds)
        table.skip(4 * kinds)
        table.skip((3 * 4 + 8) * table.count())


def _skip_texts(table: _Inside, number: int) -> None:
    if 2 * number > table.left:
        raise DamagedFileError("one of its structures has more items than bytes")
    for _ in range(number):
        table.skip(table.number("H"))
