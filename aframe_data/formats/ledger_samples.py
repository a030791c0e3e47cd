"""Parts of a ledger for a look at it: some of its parameters, a single signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.formats import hdf5
from aframe_data.formats.ledger_arrays import arrays_of, iterate_rows

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import h5py

    from aframe_data.formats.ledger_arrays import Array


def sample_parameters(path: Path, most: int, names: Collection[str] | None = None) -> dict[str, Array]:
    """Parameters of at most `most` rows of a ledger, taken at even steps, whatever number there is.

    Parameters
    ----------
    names
        Those that are wanted, where they are there; all if None.

    Raises
    ------
    DataQualityError
        It cannot be read, or is not a ledger.
    """
    with hdf5.reading(path, "a ledger file") as file:
        group = arrays_of(file, "parameters")
        return {name: _sampled(item, most) for name, item in group.items() if names is None or name in names}


def _sampled(dataset: h5py.Dataset, most: int) -> Array:
    step = -(-len(dataset) // most) or 1
    taken, start = [dataset[:0]], 0
    for block in iterate_rows(dataset):
        taken.append(block[-start % step :: step])
        start += len(block)
    return np.concatenate(taken)


def read_row(path: Path, row: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """The parameters and the waveforms of one row of a ledger.

    Raises
    ------
    DataQualityError
        It cannot be read, or is not a ledger.
    """
    with hdf5.reading(path, "a ledger file") as file:
        groups = (arrays_of(file, "parameters"), arrays_of(file, "waveforms"))
        parameters, waveforms = ({name: np.asarray(item[row]) for name, item in group.items()} for group in groups)
        return parameters, waveforms
