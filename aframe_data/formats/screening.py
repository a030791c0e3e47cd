"""Looking through an HDF5 file that anybody may have written, before anything in it is read.

A file can name others, by external links, external storage and virtual datasets: HDF5 follows them, and the content of
local files would end in an output. And a small file can ask for all memory there is: by one huge chunk, by a chunk that
unpacks to more than it says, by millions of tiny ones, by texts and metadata without end, or by samples that it
declares and does not have. Nothing here knows what a file means.
"""

from __future__ import annotations

import math
import os
import zlib
from typing import TYPE_CHECKING, Any

import h5py

from aframe_data.outside import outside_text
from aframe_data.remote import RemotePath
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from pathlib import Path

_MIB = 2**20
#: Groups, datasets and links of one file.
_MOST_OBJECTS = 20_000
#: Bytes of the name of a link or of an attribute.
_LONGEST_NAME = 1024
#: Attributes of one object, bytes that one has, and texts of any length in it.
_MOST_ATTRIBUTES, LARGEST_VALUE, MOST_TEXTS = 1024, _MIB, 64
#: Bytes in which one object's metadata are kept.
_MOST_METADATA = 16 * _MIB
#: Bytes of a compressed chunk, unpacked. One that is not compressed cannot have more than the file.
_LARGEST_CHUNK = 64 * _MIB
#: HDF5 takes 7 kB for each chunk that is read at once: smaller ones, in bytes, are read only of a few.
_SMALLEST_CHUNK, _MOST_TINY_CHUNKS = 4096, 8192
#: Bytes of a packed chunk that unpack to 256 MiB at most, whatever they say: deflate packs 1032 to 1.
_SURELY_HARMLESS = 256 * _MIB // 1032
#: What a file may declare beside what is on the disk: bytes in all, and times what is there.
_FREELY_DECLARED, _MOST_TIMES = 1024 * _MIB, 64
#: Filters that are read: gzip, shuffle, Fletcher's checksum, and h5py's LZF. None of them loads code.
_GZIP, _LZF = h5py.h5z.FILTER_DEFLATE, 32000
_FILTERS = frozenset({_GZIP, _LZF, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32})


class ForeignFileError(ValueError):
    """What is wrong in a file; whoever opened it knows its name."""


def look_through(file: h5py.h5f.FileID, path: Path) -> None:
    """Refuse a file that leads out of itself, or asks for more memory or time than it is worth.

    Raises
    ------
    ForeignFileError
        It does.
    OSError, RuntimeError, LookupError
        h5py's, where it is damaged.
    """
    root = h5py.h5g.open(file, b"/")
    require_small(root, "/")
    waiting: list[tuple[str, h5py.h5g.GroupID]] = [("", root)]
    seen = {h5py.h5o.get_info(root).addr}
    number_of_links, declared = 0, 0
    while waiting:
        where, group = waiting.pop()
        number_of_links += group.get_num_objs()
        if number_of_links > _MOST_OBJECTS:
            raise ForeignFileError(f"it holds more than {_MOST_OBJECTS} groups and datasets")
        for name in _inside(group, where):
            item = h5py.h5o.open(group, name)
            info = h5py.h5o.get_info(item)  # by the name, it would be opened a second time
            if info.addr in seen:
                continue
            seen.add(info.addr)
            called = f"{where}/{outside_text(name)}"
            require_small(item, called, info)
            if isinstance(item, h5py.h5g.GroupID):
                waiting.append((called, item))
            elif isinstance(item, h5py.h5d.DatasetID):
                declared += _look_at(item, called)
    if declared > _FREELY_DECLARED:  # then the disk is asked, which costs a moment
        there = _bytes_on_disk(path)
        if declared > _FREELY_DECLARED + _MOST_TIMES * there:
            raise ForeignFileError(
                f"it declares {format_bytes(declared)} of data, and has {format_bytes(there)} on the disk"
            )


def _inside(group: h5py.h5g.GroupID, where: str) -> list[bytes]:
    """Names of what lies in a group itself."""
    names: list[bytes] = []
    kinds = {h5py.h5l.TYPE_HARD, h5py.h5l.TYPE_SOFT}

    def look_at(name: bytes, info: Any) -> str | None:
        if len(name) > _LONGEST_NAME:
            return f"{where}/{outside_text(name, 40)} has a name of {len(name)} bytes"
        if info.type not in kinds:
            return f"{where}/{outside_text(name)} is a link to another file, and those are not followed"
        if info.type == h5py.h5l.TYPE_HARD:
            names.append(name)
        return None

    wrong, _ = group.links.iterate(look_at, info=True)
    if wrong is not None:
        raise ForeignFileError(wrong)
    return names


def require_small(item: Any, called: str, info: Any = None) -> None:
    """Refuse an object with too many metadata; before its attributes are opened, which loads them.

    Parameters
    ----------
    called
        Its name, for the message.
    info
        What HDF5 says of it, where that was asked already.

    Raises
    ------
    ForeignFileError
        It has.
    """
    info = info or h5py.h5o.get_info(item)
    kept = info.hdr.space.total + info.meta_size.attr.heap_size + info.meta_size.attr.index_size
    if isinstance(item, h5py.h5g.GroupID):
        kept += info.meta_size.obj.heap_size + info.meta_size.obj.index_size
    if info.num_attrs > _MOST_ATTRIBUTES or kept > _MOST_METADATA:
        raise ForeignFileError(f"{called} has {info.num_attrs} attributes and {format_bytes(kept)} of metadata")
    for index in range(info.num_attrs):
        attribute = h5py.h5a.open(item, index=index)
        name = f"the attribute {outside_text(attribute.name)!r} of {called}"
        if len(attribute.name) > _LONGEST_NAME:
            raise ForeignFileError(f"{name} has a name of {len(attribute.name)} bytes")
        kind, length = attribute.get_type(), attribute.get_space().get_select_npoints()
        if length * _open_ended(kind) > MOST_TEXTS:
            raise ForeignFileError(f"{name} holds {length:,} texts or lists, and at most {MOST_TEXTS} are read")
        if length * kind.get_size() > LARGEST_VALUE:
            raise ForeignFileError(f"{name} has {format_bytes(length * kind.get_size())}")


def _open_ended(kind: h5py.h5t.TypeID) -> float:
    """How many texts and lists of any length are in a value of a type; endless for lists of them."""
    if isinstance(kind, h5py.h5t.TypeStringID):
        return float(kind.is_variable_str())
    if isinstance(kind, h5py.h5t.TypeVlenID):
        return math.inf if _open_ended(kind.get_super()) else 1
    if isinstance(kind, h5py.h5t.TypeArrayID):
        return float(math.prod(kind.get_array_dims())) * _open_ended(kind.get_super())
    if isinstance(kind, h5py.h5t.TypeCompoundID):
        return sum(_open_ended(kind.get_member_type(index)) for index in range(kind.get_nmembers()))
    return 0


def _look_at(item: h5py.h5d.DatasetID, called: str) -> int:
    """Refuse a dataset whose reading does harm; the bytes that it declares."""
    properties = item.get_create_plist()
    layout = properties.get_layout()
    if layout == h5py.h5d.VIRTUAL or properties.get_external_count():
        raise ForeignFileError(f"{called} lies in other files, and those are not read")
    shape, itemsize = item.shape, item.get_type().get_size()
    if shape is None:  # a dataset that is empty, and has not even a shape
        return 0
    nbytes = int(math.prod(shape) * itemsize)
    if layout == h5py.h5d.CHUNKED and nbytes:
        chunk = properties.get_chunk()
        size = math.prod(chunk) * itemsize
        if size < _SMALLEST_CHUNK:
            chunks = math.prod(-(-length // step) for length, step in zip(shape, chunk, strict=True))
            if chunks > _MOST_TINY_CHUNKS:
                raise ForeignFileError(f"{called} is cut into {chunks} chunks of {size} bytes")
        filters = [properties.get_filter(index)[0] for index in range(properties.get_nfilters())]
        if filters:
            _look_at_filtered(item, called, filters, size)
    return nbytes


def _look_at_filtered(item: h5py.h5d.DatasetID, called: str, filters: list[int], size: int) -> None:
    """Refuse filters that are not read, and chunks that are large or unpack to more than they say."""
    strange = set(filters) - _FILTERS
    if strange or len(set(filters)) < len(filters) or {_GZIP, _LZF} <= set(filters):
        named = ", ".join(map(str, strange or filters))
        raise ForeignFileError(f"{called} is packed by filters that are not read here (HDF5's number {named})")
    if size > _LARGEST_CHUNK:
        raise ForeignFileError(
            f"{called} has chunks of {format_bytes(size)}, and at most {format_bytes(_LARGEST_CHUNK)} are read"
        )
    stored: list[Any] = []
    item.chunk_iter(stored.append)
    for chunk in stored:
        if chunk.size > size + size // 64 + _SMALLEST_CHUNK or (
            _GZIP in filters and chunk.size > _SURELY_HARMLESS and _unpacks_to_more(item, chunk.chunk_offset, size)
        ):
            raise ForeignFileError(f"{called} has a chunk that unpacks to more than the {format_bytes(size)} it says")


def _unpacks_to_more(item: h5py.h5d.DatasetID, offset: tuple[int, ...], size: int) -> bool:
    _, packed = item.read_direct_chunk(offset)
    unpacker, left, found = zlib.decompressobj(), bytes(packed), 0
    try:
        while left and not unpacker.eof and found <= size + _SMALLEST_CHUNK:
            found += len(unpacker.decompress(left, _MIB))
            left = unpacker.unconsumed_tail
    except zlib.error:
        return False  # HDF5 says what is wrong with it, when it comes to that byte
    return found > size + _SMALLEST_CHUNK


def _bytes_on_disk(path: Path) -> int:
    """Bytes of a file that are no holes.

    The number of its blocks is no measure: some file systems know it only when they have written.
    """
    if isinstance(path, RemotePath):
        return path.stat().st_size
    found = 0
    with path.open("rb") as file:
        end = os.fstat(file.fileno()).st_size
        try:
            start = os.lseek(file.fileno(), 0, os.SEEK_DATA)
            while True:
                stop = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                found += stop - start
                start = os.lseek(file.fileno(), stop, os.SEEK_DATA)
        except OSError:  # no more data
            return found or end
        except AttributeError:  # a system that knows no holes
            return end
