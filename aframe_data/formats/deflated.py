"""Unpacking what zlib packed, and CRC-32: by libdeflate where it is installed, else by zlib, with the same results.

libdeflate takes a third to a half of the time, and can do it only at once, with the size known.
"""

from __future__ import annotations

import zlib
from contextlib import suppress

try:
    import deflate
except ImportError:  # where there is no wheel of it
    deflate = None


class WrongSizeError(OSError):
    """Sound data, and more or less of it than belongs there."""


def unpacked(packed: bytes, size: int) -> bytes | bytearray | None:
    """Unpack a stream of zlib's, whose own checksum is compared.

    Returns
    -------
    bytes or None
        So many as `size` says; None where the stream is damaged.

    Raises
    ------
    WrongSizeError
        It unpacks to another size; how much larger, is not looked for.
    """
    if deflate is not None:
        with suppress(deflate.DeflateError):
            found: bytearray = deflate.zlib_decompress(packed, size)
            if len(found) == size:
                return found
    return _by_zlib(packed, size)


def crc32(data: bytes | memoryview, value: int = 0) -> int:
    """The CRC-32 of some data, which go on behind those with the CRC-32 `value`."""
    return int((zlib if deflate is None else deflate).crc32(data, value))


def _by_zlib(packed: bytes, size: int) -> bytes | None:
    """As `unpacked`; also tells what is wrong."""
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(packed, size + 1)
    except zlib.error:
        return None
    if len(found) > size or (unpacker.eof and len(found) < size):
        more = "more than " if len(found) > size else ""
        raise WrongSizeError(f"it unpacks to {more}{min(len(found), size)} bytes, where {size} belong")
    return found if unpacker.eof else None
