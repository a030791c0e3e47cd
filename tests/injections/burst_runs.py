"""Runs of rejection that take no time: the stranger's bursts in flat noise, in windows of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data import validation_waveforms
from aframe_data.formats import ledger
from ledger_reader import BASE_FIELDS

if TYPE_CHECKING:
    from pathlib import Path

#: Strain per root hertz.
LEVEL = 1e-23
#: Samples of a signal, and per second.
SIZE, RATE = 512, 512

SIGNALS: dict[str, Any] = {
    "prior": "sky",
    "generator": "burst",
    "ifos": ["H1", "L1"],
    "sample_rate": RATE,
    "waveform_duration": 1,
    "right_pad": 0.5,
    "snr_threshold": 8,
    "seed": 7,
    "workers": 0,
}


def validate(folder: Path, noise: Path, **changes: Any) -> Any:
    """Write ``val.hdf5`` and ``rejected.hdf5`` to a folder; forty signals where nothing else is said."""
    settings = {**SIGNALS, "num_signals": 40, "psd": noise, "output_file": folder / "val.hdf5"}
    return validation_waveforms(**{**settings, "rejected_file": folder / "rejected.hdf5", **changes})


def contents(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a ledger, by their paths."""
    found: dict[str, np.ndarray] = {}
    with h5py.File(path) as file:
        for group in set(file) & {"parameters", "waveforms"}:
            found |= {f"{group}/{name}": item[:] for name, item in file[group].items()}
    return found


def assert_same_arrays(first: Path, second: Path, *, besides: tuple[str, ...] = ()) -> None:
    """Every array, to the bit."""
    ours, theirs = contents(first), contents(second)
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - set(besides):
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


def record_of(path: Path) -> dict[str, Any]:
    record = ledger.summarize(path, check=False).record
    assert record is not None
    return record


def assert_exact(folder: Path, noise: Path, **settings: Any) -> tuple[Any, Any]:
    """With and without estimates: the same bits in the accepted file, the same draws in the rejected one."""
    reports = []
    for name, full in (("estimated", False), ("full", True)):
        (folder / name).mkdir()
        reports.append(validate(folder / name, noise, **{**settings, "full_evaluation": full}))
    ours, theirs = (folder / name for name in ("estimated", "full"))
    assert_same_arrays(ours / "val.hdf5", theirs / "val.hdf5")
    assert reports[0].num_injections == reports[1].num_injections
    rejected, everything = contents(ours / "rejected.hdf5"), contents(theirs / "rejected.hdf5")
    for name in BASE_FIELDS:
        np.testing.assert_array_equal(rejected[f"parameters/{name}"], everything[f"parameters/{name}"], err_msg=name)
    made = rejected["parameters/snr_is_estimate"] == 0
    for name in ("snr", "ifo_snrs"):
        np.testing.assert_array_equal(rejected[f"parameters/{name}"][made], everything[f"parameters/{name}"][made])
    assert (everything["parameters/snr"] < settings.get("snr_threshold", 8)).all()
    assert not everything["parameters/snr_is_estimate"].any()
    return tuple(reports)


def estimates_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = record_of(path)["estimates"]
    return found
