"""The arrays and attributes of an open ledger, by whoever wrote it: checked, and read in blocks of bounded size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.formats import foreign
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import h5py

_BLOCK_BYTES = 32 * 2**20
#: Bytes of a row that is read: 512 s at 16384 Hz.
_LARGEST_ROW = 64 * 2**20
#: Root attributes that are numbers, or numbers above zero, where they are there.
_NUMBERS = frozenset({"length", "num_injections", "right_pad"})
_POSITIVE = frozenset({"sample_rate", "duration"})


def arrays_of(file: h5py.File, group: str) -> dict[str, h5py.Dataset]:
    """The arrays of a group, all of numbers, whose rows can be read one by one."""
    arrays = {name: foreign.dataset(file, f"{group}/{name}", "biufc", None) for name in file.get(group, {})}
    for name, item in arrays.items():
        if _row_nbytes(item) > _LARGEST_ROW:
            raise foreign.ForeignFileError(
                f"a row of {name!r} has {format_bytes(_row_nbytes(item))}, and at most {format_bytes(_LARGEST_ROW)} "
                "are read"
            )
    return arrays


def require_numbers(file: h5py.File) -> None:
    """Check the root attributes that are numbers, of those that are there."""
    for name in _NUMBERS & set(file.attrs):
        foreign.number(file, name)
    for name in _POSITIVE & set(file.attrs):
        foreign.positive(file, name)


def require_attributes(file: h5py.File) -> None:
    """Check the types of the root attributes that are read; of those that are there."""
    require_numbers(file)
    ifos = np.asarray(file.attrs.get("ifos", ()))
    if ifos.ndim != 1 or not all(isinstance(name, (str, bytes)) for name in ifos.tolist()):
        raise foreign.ForeignFileError("its attribute 'ifos' is not a list of names")


def iterate_rows(dataset: h5py.Dataset) -> Iterator[np.ndarray[Any, Any]]:
    """The rows of a dataset in blocks of bounded size."""
    step = rows_at_once(dataset)
    for start in range(0, len(dataset), step):
        yield dataset[start : start + step]


def rows_at_once(dataset: h5py.Dataset) -> int:
    """Rows of a block."""
    return max(1, _BLOCK_BYTES // max(1, _row_nbytes(dataset)))


def _row_nbytes(dataset: h5py.Dataset) -> int:
    return int(dataset.dtype.itemsize * math.prod(dataset.shape[1:]))
