"""Parameters of signals in a file: HDF5 as our files of parameters, or CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.checks import output_exists
from aframe_data.errors import UsageError
from aframe_data.formats import ledger
from aframe_data.store.atomic import replacing
from aframe_data.store.output import RecordedFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.types import FloatArray

_HDF5, _CSV = (".hdf5", ".h5", ".hdf"), ".csv"


def require_table(path: Path) -> None:
    """Refuse a name that says neither HDF5 nor CSV.

    Raises
    ------
    UsageError
        It does.
    """
    if path.suffix not in (*_HDF5, _CSV):
        raise UsageError(f"output_file = {str(path)!r} must end in .hdf5 or .csv.")


def table_at(path: Path) -> RecordedFile:
    """The output; a CSV file has no room for a record, and is never taken for the same."""
    return RecordedFile(path, _no_record if path.suffix == _CSV else ledger.read_record)


def _no_record(path: Path) -> None:
    raise output_exists(path)


def write_table(
    path: Path, columns: Mapping[str, FloatArray], attributes: Mapping[str, Any], record: Mapping[str, Any]
) -> None:
    """Write the parameters of n signals, (n,) or (n, number of interferometers) each; CSV has the former only."""
    if path.suffix == _CSV:
        flat = {name: values for name, values in columns.items() if np.ndim(values) == 1}
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(flat)
            writer.writerows(zip(*(np.asarray(values).tolist() for values in flat.values()), strict=True))
        return
    layout = ledger.Layout(
        length=len(next(iter(columns.values()))),
        attributes=attributes,
        parameters={name: values.shape[1:] for name, values in columns.items()},
    )
    with ledger.create(path, layout) as writer_of_ledger:
        writer_of_ledger.append(columns, {})
        writer_of_ledger.finish(record)
