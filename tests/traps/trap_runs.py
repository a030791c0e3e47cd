"""What the tests of the traps run, and a reader of the files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py

from aframe_data import fetch, training_waveforms

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

START = 1_240_579_783
RATE, DURATION, RIGHT_PAD = 2048, 4, 1
ZERO = (DURATION - RIGHT_PAD) * RATE


def make(path: Path, **changes: Any) -> dict[str, np.ndarray]:
    """Write training waveforms and read the file: parameters, plus, cross, and the provenance."""
    arguments: dict[str, Any] = {
        "prior": "end_o3_ratesandpops",
        "num_signals": 12,
        "sample_rate": RATE,
        "waveform_duration": DURATION,
        "right_pad": RIGHT_PAD,
        "seed": 3,
        "workers": 0,
    }
    training_waveforms(**{**arguments, "output_file": path, **changes})
    return read(path)


def read(path: Path) -> dict[str, Any]:
    with h5py.File(path) as file:
        found = {name: item[:] for group in ("parameters", "waveforms") for name, item in file[group].items()}
        return {**found, "provenance": json.loads(file.attrs["provenance"])}


def simulated(folder: Path, **changes: Any) -> Any:
    span = {} if "segments" in changes else {"start": START, "end": START + 16}
    arguments = {"channels": ["H1"], "sample_rate": 256, "source": "simulated", "output_directory": folder, **span}
    return fetch(**{**arguments, "workers": 0, **changes})
