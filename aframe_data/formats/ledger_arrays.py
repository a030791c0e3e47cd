"""The arrays and attributes of an open ledger, by whoever wrote it: checked, and read in blocks of bounded size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.formats import foreign, hdf5
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Array = np.ndarray[Any, Any]

GROUPS = ("parameters", "waveforms")
#: Rows in a chunk of waveforms: what the training's loader reads at once.
CHUNK_ROWS = 64
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
    step = _rows_at_once(_row_nbytes(dataset))
    for start in range(0, len(dataset), step):
        yield dataset[start : start + step]


def blocks(file: h5py.File, fields: Sequence[str], rows: slice) -> Iterator[dict[str, np.ndarray[Any, Any]]]:
    """Some rows of several fields (``parameters/mass_1``) in blocks of bounded size, whole chunks where that can be."""
    datasets = {name: h5py.h5d.open(file.id, name.encode()) for name in fields}
    step = _rows_at_once(sum(map(_row_nbytes, datasets.values())))
    step -= step % CHUNK_ROWS if step > CHUNK_ROWS else 0
    for start in range(rows.start, rows.stop, step):
        stop = min(start + step, rows.stop)
        yield {name: hdf5.read_rows(item, start, stop) for name, item in datasets.items()}


def fields_of(file: h5py.File) -> list[str]:
    """The fields of a ledger, as `blocks` takes them."""
    return [f"{group}/{name}" for group in GROUPS for name in file.get(group, {})]


def _rows_at_once(nbytes: int) -> int:
    return max(1, _BLOCK_BYTES // max(1, nbytes))


def _row_nbytes(dataset: h5py.Dataset | h5py.h5d.DatasetID) -> int:
    return int(dataset.dtype.itemsize * math.prod(dataset.shape[1:]))


def by_group(block: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """The parameters and the waveforms of a block of rows."""
    parameters, waveforms = (
        {name.removeprefix(f"{group}/"): values for name, values in block.items() if name.startswith(f"{group}/")}
        for group in GROUPS
    )
    return parameters, waveforms
