"""The files of the data set of `small_build`, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "data/test/background-1240590000-2100.hdf5",
    "data/test/segments.txt",
    "data/train/background-1240579783-2048.hdf5",
    "data/train/segments.txt",
    "waveforms/test/branches/1240590000-2100-1/waveforms.hdf5",
    "waveforms/test/psd.hdf5",
    "waveforms/test/rejected_parameters.hdf5",
    "waveforms/test/waveforms.hdf5",
    "waveforms/train/psd.hdf5",
    "waveforms/train/training_waveforms.hdf5",
    "waveforms/train/val_waveforms.hdf5",
)


def data_of(folder: Path) -> dict[str, Any]:
    """All that the files of a data set hold, but for the records of how they were made."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("segments.txt")):
        lines = path.read_text().splitlines()
        found[str(path.relative_to(folder))] = [line for line in lines if not line.startswith("#")]
    for path in sorted(folder.rglob("*.hdf5")):
        name = str(path.relative_to(folder))
        with h5py.File(path) as file:
            keys: list[str] = []
            file.visit(keys.append)
            found |= {f"{name}/{key}": file[key][()] for key in keys if isinstance(file[key], h5py.Dataset)}
            found |= {f"{name}@{key}": value for key, value in file.attrs.items() if key != "provenance"}
    return found


def require_equal(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
