"""A reader of ledger files written from the description of the formats alone, standing in for Aframe's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import h5py
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

BASE_FIELDS = (
    *("mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"),
    *("ra", "dec", "redshift", "psi", "theta_jn", "phase"),
)


@dataclass
class TrainingWaveforms:
    """What Aframe's training reads of a file of polarizations."""

    sample_rate: float
    duration: float
    right_pad: float
    num_injections: int
    parameters: dict[str, np.ndarray]
    waveforms: np.ndarray  # (N, 2, size), fields in alphabetical order


def read_training_waveforms(path: Path) -> TrainingWaveforms:
    with h5py.File(path, "r") as file:
        length = file.attrs["length"]
        assert isinstance(length, np.int64)
        parameters = {name: file["parameters"][name][:] for name in BASE_FIELDS}
        assert all(values.shape == (length,) and values.dtype == np.float64 for values in parameters.values())
        fields = sorted(file["waveforms"])
        assert fields == ["cross", "plus"]
        stacked = np.stack([file["waveforms"][name][:] for name in fields], axis=1)
        assert len(stacked) == length
        sample_rate, duration = float(file.attrs["sample_rate"]), float(file.attrs["duration"])
        assert stacked.shape[-1] / sample_rate == duration
        return TrainingWaveforms(
            sample_rate,
            duration,
            float(file.attrs["right_pad"]),
            int(file.attrs["num_injections"]),
            parameters,
            stacked,
        )
