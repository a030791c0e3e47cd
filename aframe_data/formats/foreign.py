"""HDF5 files that anybody may have written: opened only if reading them can do no harm.

A file can name others, by external links, external storage and virtual datasets: HDF5 follows them, and the content of
local files would end in an output. And a small file can ask for all memory there is: by one huge chunk, by a chunk that
unpacks to more than it says, by millions of tiny ones, by texts and metadata without end, or by samples that it
declares and does not have. So a file is looked through before anything in it is read. Whoever reads it then checks
what it means.
"""

from __future__ import annotations

import math
import os
import stat
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.outside import outside_text
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MIB = 2**20
#: Groups, datasets and links of one file.
_MOST_OBJECTS = 20_000
#: Bytes of the name of a link or of an attribute.
_LONGEST_NAME = 1024
#: Attributes of one object, bytes that one has, and texts of any length in it.
_MOST_ATTRIBUTES, _LARGEST_ATTRIBUTE, _MOST_OPEN_ENDED = 1024, _MIB, 64
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


#: Hz; the rates of detectors' channels lie between 1 and 65536.
_LOWEST_RATE, _HIGHEST_RATE = 1e-3, 1e7
#: What belongs in a dataset, in words.
_DIMENSIONS = ("a single value", "one row")
_KINDS = {"f": "floating point", "iu": "whole numbers", "SO": "text", "biufc": "numbers", "fiu": "real numbers"}


class ForeignFileError(ValueError):
    """What is wrong in a file; whoever opened it knows its name."""


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a file to read it, after it was looked through.

    What it holds then lies in itself, soft links included. Chunks, attributes and all metadata are of a bounded size,
    and datasets declare little more than what is on the disk.

    Raises
    ------
    ForeignFileError
        It is harmful.
    OSError, RuntimeError, LookupError
        h5py's, where it is damaged.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ForeignFileError("it is a folder, a pipe or a device, and no file")
    with h5py.File(path, "r") as file:
        _look_through(file.id, path)
        yield file


def number(item: h5py.HLObject, name: str) -> float:
    """An attribute that is one finite number.

    Raises
    ------
    ForeignFileError
        It is not there, or something else.
    """
    if name not in item.attrs:
        raise ForeignFileError(f"{_called(item)} has no attribute {name!r}")
    value = np.asarray(item.attrs[name])
    if value.size != 1 or value.dtype.kind not in "biuf" or not math.isfinite(value.item()):
        raise ForeignFileError(f"the attribute {name!r} of {_called(item)} is {_shown(value)}, and no number")
    return float(value.item())


def positive(item: h5py.HLObject, name: str) -> float:
    """As `number`, for what is above zero."""
    value = number(item, name)
    if not value > 0:
        raise ForeignFileError(f"the attribute {name!r} of {_called(item)} is {value:g}, and not above zero")
    return value


def sample_rate(item: h5py.HLObject, name: str) -> float:
    """The rate, in Hz, of which an attribute is the inverse; errors as `number`, and for what no detector has."""
    rate = 1 / positive(item, name)
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise ForeignFileError(f"the attribute {name!r} of {_called(item)} means {rate:g} Hz, as no detector has")
    return rate


def dataset(file: h5py.Group, name: str, kinds: str, ndim: int | None = 1) -> h5py.Dataset:
    """A dataset of numbers or of texts, whose single values are small.

    Parameters
    ----------
    kinds
        Of numpy's types: ``f`` for floating point, ``iu`` for whole numbers, ``SO`` for texts, ``biufc`` for numbers.
    ndim
        Of its shape; None for any from 1.

    Raises
    ------
    ForeignFileError
        It is not there, or something else.
    """
    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        raise ForeignFileError(f"it has no dataset {name!r}")
    fits = found.ndim == ndim if ndim is not None else found.ndim > 0
    if not fits or found.dtype.kind not in kinds or found.dtype.itemsize > _LARGEST_ATTRIBUTE:
        shape = "" if found.shape is None else " x ".join(map(str, found.shape)) or "a single value"
        raise ForeignFileError(
            f"{_called(found)} is of type {outside_text(found.dtype, 40)} and of shape ({shape}), where "
            f"{'an array' if ndim is None else _DIMENSIONS[ndim]} of {_KINDS[kinds]} belongs"
        )
    return found


def texts(file: h5py.Group, name: str, ndim: int = 1) -> tuple[str, ...]:
    """The few texts of a dataset, each cut to what a line has room for; errors as `dataset`."""
    found = dataset(file, name, "SO", ndim)
    if found.dtype.kind == "O" and h5py.check_string_dtype(found.dtype) is None:
        raise ForeignFileError(f"{name!r} holds no text")
    if found.size > _MOST_OPEN_ENDED:
        raise ForeignFileError(f"{name!r} holds {found.size} texts, and at most {_MOST_OPEN_ENDED} are read")
    # One by one: each may be long, and all may be the same bytes of the file.
    return tuple(outside_text(found[index]).strip() for index in np.ndindex(found.shape))


def text(file: h5py.Group, name: str) -> str:
    """The one text of a dataset; errors as `dataset`."""
    return texts(file, name, 0)[0]


# --- looking through ----------------------------------------------------------------------------------


def _look_through(file: h5py.h5f.FileID, path: Path) -> None:
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
        if length * _open_ended(kind) > _MOST_OPEN_ENDED:
            raise ForeignFileError(f"{name} holds {length:,} texts or lists, and at most {_MOST_OPEN_ENDED} are read")
        if length * kind.get_size() > _LARGEST_ATTRIBUTE:
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


def _called(item: h5py.HLObject) -> str:
    return "the file" if item.name == "/" else repr(outside_text(str(item.name).strip("/")))


def _shown(value: np.ndarray[Any, Any]) -> str:
    return repr(outside_text(value.item(), 40)) if value.size == 1 else f"an array of {value.size}"
