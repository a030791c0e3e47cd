"""Whether a frame file is whole, and modest: decoders may crash or never end on one that is not.

The end of a file says how long it is and has a checksum of all before it (LIGO-T970130, version 8, FrEndOfFile).
Files of earlier versions, before 2011, have no such end and are refused.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from aframe_data_plugins.gwf.model import DamagedFileError
from aframe_data_plugins.gwf.modesty import require_modest

if TYPE_CHECKING:
    from pathlib import Path

_SIGNATURE = b"IGWD\0"
_HEADER_BYTES = 40
_LITTLE_ENDIAN = b"\x34\x12"  # the header has the number 0x1234 as the writer's machine has it
_VERSION = 8
#: Length of the structure, scheme of checksums, class, instance, number of frames, bytes of the file, place of the
#: table of contents, and checksums of header, structure and file.
_END = "QBBIIQQIII"
_CHECKSUM_BYTES = 4
_CHUNK = 1 << 22
#: Each byte with its bits in reverse: zlib computes the same polynomial from the other end of each byte.
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def require_whole(path: Path) -> None:
    """Refuse a file that is not a frame file, is cut, is changed in any byte, or asks for too much memory.

    Raises
    ------
    DamagedFileError
        The message says which of them.
    OSError
        The file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(_SIGNATURE):
            raise DamagedFileError("it is not a frame file")
        if header[5] != _VERSION:
            raise DamagedFileError(
                f"it has version {header[5]} of the frame format, and only version {_VERSION}, of 2011, can be checked "
                "before it is decoded"
            )
        order = "<" if header[12:14] == _LITTLE_ENDIAN else ">"
        end = struct.Struct(order + _END)
        if size < _HEADER_BYTES + end.size:
            raise DamagedFileError("it is cut")
        file.seek(size - end.size)
        length, scheme, _, _, _, told_size, back, _, _, told_checksum = end.unpack(file.read(end.size))
        if length != end.size or told_size != size:
            raise DamagedFileError("it is cut, or something was added to it")
        file.seek(0)
        if scheme and _checksum(file, size - _CHECKSUM_BYTES) != told_checksum:
            raise DamagedFileError("its checksum is wrong")
        file.seek(_HEADER_BYTES)
        require_modest(path, file, order, size, size - back if back else None)


def _checksum(file: BinaryIO, size: int) -> int:
    """Compute the checksum of the next bytes, that of POSIX ``cksum``: their length belongs to it."""
    state = 0xFFFFFFFF
    remaining = size
    while remaining:
        chunk = file.read(min(_CHUNK, remaining))
        if not chunk:
            raise DamagedFileError("it became shorter while it was read")
        state = zlib.crc32(chunk.translate(_REVERSED), state)
        remaining -= len(chunk)
    length = size.to_bytes((size.bit_length() + 7) // 8, "little")
    state = zlib.crc32(length.translate(_REVERSED), state)
    return int(f"{state ^ 0xFFFFFFFF:032b}"[::-1], 2) ^ 0xFFFFFFFF
