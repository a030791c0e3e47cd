"""What `inspect` tells of a file of spectra."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from aframe_data.formats import psd
from aframe_data.requests.inspect import Inspect
from aframe_data.types import PowerSpectra
from aframe_data.work.carry_out import do

RECORD = {"software": "aframe-data", "version": "0.1.0", "command": "psd", "arguments": {}}


@pytest.fixture
def psd_file(tmp_path):
    values = np.full((2, 1025), 4e-46)
    values[0, 800] = 1e-46
    values[:, 1000:] = 1e-60  # the roll-off of a resampler is no sensitivity
    path = tmp_path / "psd.hdf5"
    psd.write_spectra(path, PowerSpectra(("H1", "L1"), np.arange(1025) / 8, values), RECORD)
    return path


def inspect(path):
    return do(Inspect(path))


def test_spectra_are_described(psd_file):
    found = inspect(psd_file)
    assert found.kind == "PSD"
    grid = {"min": 0, "max": 128, "step": 0.125}
    assert found.facts == {
        "ifos": ["H1", "L1"],
        "spectra": {
            "H1": {"frequencies": grid, "smallest_asd": {"asd": 1e-23, "frequency": 100}},
            "L1": {"frequencies": grid, "smallest_asd": {"asd": 2e-23, "frequency": 20}},
        },
        "intact": True,
    }
    assert found.sound
    assert found.record == RECORD


def test_what_is_wrong_with_spectra_is_told(psd_file):
    with h5py.File(psd_file, "a") as file:
        file["H1"][[7, 9]] = [np.nan, np.inf]
        file["L1"][[0, 20, 30, 40]] = [0, 0, -1, 0]
    assert inspect(psd_file).problems == (
        "2 values of H1 are not finite",
        "3 values of L1 are not above zero",
        "the densities changed since they were written",
    )


def test_a_spectrum_without_any_sound_value_is_described(psd_file):
    with h5py.File(psd_file, "a") as file:
        file["H1"][:] = np.nan
    found = inspect(psd_file)
    assert "smallest_asd" not in found.facts["spectra"]["H1"]
    assert "1024 values of H1 are not finite" in found.problems
