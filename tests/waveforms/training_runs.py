"""Runs of training waveforms that take no time: a stranger's models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data import training_waveforms

if TYPE_CHECKING:
    from pathlib import Path

ARGUMENTS: dict[str, Any] = {
    "prior": "flat",
    "generator": "chirp",
    "num_signals": 300,
    "sample_rate": 256,
    "waveform_duration": 4,
    "right_pad": 1,
    "seed": 7,
    "workers": 0,
}


def make(path: Path, **changes: Any) -> Any:
    return training_waveforms(**{**ARGUMENTS, "output_file": path, **changes})


def contents(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        return {
            f"{group}/{name}": item[:] for group in ("parameters", "waveforms") for name, item in file[group].items()
        }


def assert_same(first: Path, second: Path) -> None:
    ours, theirs = contents(first), contents(second)
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name], err_msg=name)
