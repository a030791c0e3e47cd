"""Training waveforms end to end: the file, its seed and its record.

Models of a stranger's plugin make it quick; the built-in model has its own tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from training_runs import assert_same, contents, make

from aframe_data.formats import ledger
from ledger_reader import read_training_waveforms

if TYPE_CHECKING:
    from pathlib import Path


def test_the_file_is_what_training_reads(reference: Path) -> None:
    read = read_training_waveforms(reference)
    assert (read.sample_rate, read.duration, read.right_pad, read.num_injections) == (256, 4, 1, 300)
    assert read.waveforms.shape == (300, 2, 1024)
    assert np.isfinite(read.waveforms).all()
    assert (read.parameters["mass_1"] >= read.parameters["mass_2"]).all()
    with h5py.File(reference) as file:
        assert file["waveforms/plus"].chunks == (64, 1024)
        assert file["waveforms/plus"].dtype == np.float32
        heavy = file["parameters/mass_1"][:] + file["parameters/mass_2"][:] > 1899 / 20
        assert heavy.any()
        assert not heavy.all()
        np.testing.assert_array_equal(file["parameters/minimum_frequency"][:] < 20, heavy)
        np.testing.assert_array_equal(file["parameters/reference_frequency"][:] != 50, heavy)


def test_the_merger_is_at_duration_minus_right_pad(reference: Path) -> None:
    loudest = np.argmax(np.hypot(*np.moveaxis(read_training_waveforms(reference).waveforms, 1, 0)), axis=1)
    assert (loudest == 3 * 256).all()


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_same_seed_same_bytes_for_any_number_of_workers(reference: Path, tmp_path: Path, workers: int) -> None:
    make(tmp_path / "other.hdf5", workers=workers)
    assert (tmp_path / "other.hdf5").read_bytes() == reference.read_bytes()


def test_another_seed_gives_other_signals(reference: Path, tmp_path: Path) -> None:
    make(tmp_path / "other.hdf5", seed=8)
    assert not np.intersect1d(
        contents(reference)["parameters/mass_1"], contents(tmp_path / "other.hdf5")["parameters/mass_1"]
    ).size


def test_fewer_signals_are_the_first_of_more(reference: Path, tmp_path: Path) -> None:
    make(tmp_path / "fewer.hdf5", num_signals=130)
    for name, values in contents(tmp_path / "fewer.hdf5").items():
        np.testing.assert_array_equal(values, contents(reference)[name][:130], err_msg=name)


def test_no_seed_is_drawn_reported_and_stored(tmp_path: Path) -> None:
    report = make(tmp_path / "a.hdf5", seed=None, num_signals=5)
    make(tmp_path / "b.hdf5", seed=report.seed, num_signals=5)
    assert_same(tmp_path / "a.hdf5", tmp_path / "b.hdf5")
    record = ledger.summarize(tmp_path / "a.hdf5").record
    assert record is not None
    assert record["arguments"]["seed"] == report.seed


def test_provenance_tells_how_the_file_was_made(reference: Path) -> None:
    record = ledger.summarize(reference).record
    assert record is not None
    assert record["command"] == "waveforms"
    assert record["cosmology"] == "Planck15"
    assert record["prior_frame"] == "detector"
    assert record["arguments"] == {
        "prior": "flat",
        "generator": "chirp",
        "num_signals": 300,
        "sample_rate": 256,
        "waveform_duration": 4,
        "right_pad": 1,
        "minimum_frequency": 20,
        "reference_frequency": 50,
        "dtype": "float32",
        "seed": 7,
    }
    assert record["generator"]["distribution"] == "aframe-data-stranger"
    assert record["generator"]["version"] == "1.2.3"
    assert record["prior"]["options"] == {"heaviest": 80.0}


def test_the_identity_of_a_file_names_no_path_and_no_version(reference: Path) -> None:
    record = ledger.summarize(reference).record
    assert record is not None
    text = json.dumps(record["identity"])
    assert str(reference.parent) not in text
    assert "1.2.3" not in text
    assert record["packages"]["numpy"] not in text


def test_float64_is_there_for_who_wants_it(reference: Path, tmp_path: Path) -> None:
    make(tmp_path / "double.hdf5", dtype="float64", num_signals=20)
    double = contents(tmp_path / "double.hdf5")["waveforms/plus"]
    assert double.dtype == np.float64
    np.testing.assert_array_equal(double.astype(np.float32), contents(reference)["waveforms/plus"][:20])
