"""A reader of ledger files written from the description of the formats alone, standing in for Aframe's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


@dataclass
class DetectorResponses:
    """What validation, inference and the plots read of signals in their detectors."""

    ifos: list[str]
    sample_rate: float
    duration: float
    right_pad: float
    num_injections: int
    parameters: dict[str, np.ndarray]
    snr: np.ndarray  # (N,)
    ifo_snrs: np.ndarray  # (N, n_ifo)
    waveforms: np.ndarray  # (N, n_ifo, size), fields in alphabetical order


@dataclass
class Campaign(DetectorResponses):
    """The same, at times in shifted background."""

    injection_time: np.ndarray  # (N,)
    shift: np.ndarray  # (N, n_ifo)


@dataclass
class RejectedParameters:
    """What the sensitive volume needs of the draws that were not accepted."""

    ifos: list[str]
    parameters: dict[str, np.ndarray]
    snr: np.ndarray
    ifo_snrs: np.ndarray


def read_validation_waveforms(path: Path) -> DetectorResponses:
    with h5py.File(path, "r") as file:
        return DetectorResponses(**_responses(file))


def read_campaign(
    path: Path, *, start: float | None = None, end: float | None = None, shifts: list[float] | None = None
) -> Campaign:
    """Read a campaign, or what inference takes of it for a span of background in one slide."""
    with h5py.File(path, "r") as file:
        found = _responses(file)
        times = _column(file, "injection_time", ())
        shift = _column(file, "shift", (len(found["ifos"]),))
    kept = np.ones(len(times), dtype=bool)
    if start is not None:
        kept &= times + (found["duration"] - found["right_pad"]) >= start
    if end is not None:
        kept &= times <= end
    if shifts is not None:
        kept &= (shift == shifts).all(axis=1)
    rows = {name: found.pop(name)[kept] for name in ("snr", "ifo_snrs", "waveforms")}
    found["parameters"] = {name: values[kept] for name, values in found["parameters"].items()}
    return Campaign(**found, **rows, injection_time=times[kept], shift=shift[kept])


def read_rejected(path: Path) -> RejectedParameters:
    with h5py.File(path, "r") as file:
        assert "waveforms" not in file
        ifos = _ifos(file)
        return RejectedParameters(ifos, _base(file), _column(file, "snr", ()), _column(file, "ifo_snrs", (len(ifos),)))


def _responses(file: h5py.File) -> dict[str, Any]:
    ifos = _ifos(file)
    fields = sorted(file["waveforms"])
    assert fields == sorted(ifo.lower() for ifo in ifos)
    waveforms = np.stack([file["waveforms"][name][:] for name in fields], axis=1)
    assert len(waveforms) == file.attrs["length"]
    sample_rate, duration = float(file.attrs["sample_rate"]), float(file.attrs["duration"])
    assert waveforms.shape[-1] / sample_rate == duration
    return {
        "ifos": ifos,
        "sample_rate": sample_rate,
        "duration": duration,
        "right_pad": float(file.attrs["right_pad"]),
        "num_injections": int(file.attrs["num_injections"]),
        "parameters": _base(file),
        "snr": _column(file, "snr", ()),
        "ifo_snrs": _column(file, "ifo_snrs", (len(ifos),)),
        "waveforms": waveforms,
    }


def _ifos(file: h5py.File) -> list[str]:
    ifos = file.attrs["ifos"]
    assert h5py.check_string_dtype(ifos.dtype) or all(isinstance(ifo, str) for ifo in ifos)
    return [ifo.decode() if isinstance(ifo, bytes) else str(ifo) for ifo in ifos]


def _base(file: h5py.File) -> dict[str, np.ndarray]:
    return {name: _column(file, name, ()) for name in BASE_FIELDS}


def _column(file: h5py.File, name: str, shape: tuple[int, ...]) -> np.ndarray:
    length = file.attrs["length"]
    assert isinstance(length, np.int64)
    values: np.ndarray = file["parameters"][name][:]
    assert (values.shape, values.dtype) == ((length, *shape), np.float64)
    return values
