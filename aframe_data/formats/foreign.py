"""HDF5 files that anybody may have written: opened only where that does no harm, and what is in them, by its type."""

from __future__ import annotations

import math
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.formats import opening
from aframe_data.formats.screening import LARGEST_VALUE, MOST_TEXTS, ForeignFileError, look_through
from aframe_data.outside import outside_text
from aframe_data.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ForeignFileError", "dataset", "number", "opened", "positive", "sample_rate", "text", "texts"]

#: Hz; the rates of detectors' channels lie between 1 and 65536.
_LOWEST_RATE, _HIGHEST_RATE = 1e-3, 1e7
#: What belongs in a dataset, in words.
_DIMENSIONS = ("a single value", "one row")
_KINDS = {"f": "floating point", "iu": "whole numbers", "SO": "text", "biufc": "numbers", "fiu": "real numbers"}


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a file to read it, after it was looked through; for a ``with`` block.

    What it holds then lies in itself, soft links included. Chunks, attributes and all metadata are of a bounded size,
    and datasets declare little more than what is on the disk.

    Raises
    ------
    ForeignFileError
        It is harmful.
    OSError, RuntimeError, LookupError
        h5py's, where it is damaged.
    """
    # An object is asked for its kind where it is opened, once: each question takes its time.
    if not isinstance(path, RemotePath) and not stat.S_ISREG(path.stat().st_mode):
        raise ForeignFileError("it is a folder, a pipe or a device, not a file")
    with opening.opened(path) as file:
        look_through(file.id, path)
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
        raise ForeignFileError(f"the attribute {name!r} of {_called(item)} is {_shown(value)}, not a number")
    return float(value.item())


def positive(item: h5py.HLObject, name: str) -> float:
    """As `number`, for what is above zero."""
    value = number(item, name)
    if not value > 0:
        raise ForeignFileError(f"the attribute {name!r} of {_called(item)} is {value:g}, not above zero")
    return value


def sample_rate(item: h5py.HLObject, name: str) -> float:
    """The rate, in Hz, of which an attribute is the inverse; errors as `number`, and for what no detector has."""
    rate = 1 / positive(item, name)
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise ForeignFileError(f"the attribute {name!r} of {_called(item)} means {rate:g} Hz, which no detector has")
    return rate


def dataset(file: h5py.Group, name: str, kinds: str, ndim: int | None = 1) -> h5py.Dataset:
    """A dataset of numbers or of texts, whose single values are small.

    Parameters
    ----------
    kinds
        Of numpy's types: ``f`` for floating point, ``iu`` for whole numbers, ``SO`` for texts, ``biufc`` for numbers.
    ndim
        Of its shape: 0 for a single value, 1 for (n,); None for any from 1.

    Raises
    ------
    ForeignFileError
        It is not there, or something else.
    """
    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        raise ForeignFileError(f"it has no dataset {name!r}")
    fits = found.ndim == ndim if ndim is not None else found.ndim > 0
    if found.shape is None or not fits or found.dtype.kind not in kinds or found.dtype.itemsize > LARGEST_VALUE:
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
    if found.size > MOST_TEXTS:
        raise ForeignFileError(f"{name!r} holds {found.size} texts, and at most {MOST_TEXTS} are read")
    # One by one: each may be long, and all may be the same bytes of the file.
    return tuple(outside_text(found[index]).strip() for index in np.ndindex(found.shape))


def text(file: h5py.Group, name: str) -> str:
    """The one text of a dataset; errors as `dataset`."""
    return texts(file, name, 0)[0]


def _called(item: h5py.HLObject) -> str:
    return "the file" if item.name == "/" else repr(outside_text(str(item.name).strip("/")))


def _shown(value: np.ndarray[Any, Any]) -> str:
    return repr(outside_text(value.item(), 40)) if value.size == 1 else f"an array of {value.size}"
