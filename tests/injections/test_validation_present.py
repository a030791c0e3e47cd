"""Validation signals that are there already: the same request, another one, files that are damaged or gone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from burst_runs import LEVEL, validate

from aframe_data.errors import OutputExistsError
from ledger_reader import read_validation_waveforms

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


def test_the_same_command_again_does_nothing(reference: Path, flat_noise: Path) -> None:
    before = [path.stat().st_mtime_ns for path in sorted(reference.iterdir())]
    report = validate(reference, flat_noise)
    assert report.present
    assert report.num_injections == read_validation_waveforms(reference / "val.hdf5").num_injections
    assert [path.stat().st_mtime_ns for path in sorted(reference.iterdir())] == before


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"num_signals": 39},
        {"snr_threshold": 7},
        {"highpass": 33},
        {"lowpass": 200},
        {"ifos": ["H1", "V1"]},
        {"dtype": "float64"},
        {"full_evaluation": True},
        {"generator_options": {"fail_above": 49}},
    ],
    ids=str,
)
def test_another_request_is_refused_before_any_work(reference: Path, flat_noise: Path, change: dict[str, Any]) -> None:
    before = (reference / "val.hdf5").read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        validate(reference, flat_noise, **change)
    assert (reference / "val.hdf5").read_bytes() == before


def test_noise_that_changed_is_another_request(flat_noise: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    shutil.copy(flat_noise, mine)
    validate(tmp_path, mine, num_signals=2)
    assert validate(tmp_path, mine, num_signals=2).present
    np.savetxt(mine, [(frequency, 1.1 * LEVEL) for frequency in range(1, 4097)])
    with pytest.raises(OutputExistsError, match=r"another psd"):
        validate(tmp_path, mine, num_signals=2)


@pytest.mark.parametrize("gone", ["val.hdf5", "rejected.hdf5"])
def test_one_file_of_two_is_not_taken_for_both(reference: Path, flat_noise: Path, tmp_path: Path, gone: str) -> None:
    for path in reference.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(OutputExistsError, match="what belongs to it is gone"):
        validate(tmp_path, flat_noise)
    validate(tmp_path, flat_noise, overwrite=True)
    assert (tmp_path / gone).read_bytes() == (reference / gone).read_bytes()


@pytest.mark.parametrize(("name", "item"), [("val.hdf5", "waveforms/l1"), ("rejected.hdf5", "parameters/ra")])
def test_a_damaged_file_is_told(reference: Path, flat_noise: Path, tmp_path: Path, name: str, item: str) -> None:
    for path in reference.iterdir():
        shutil.copy(path, tmp_path)
    with h5py.File(tmp_path / name, "r+") as file:
        file[item][17] += 1
    with pytest.raises(OutputExistsError, match=rf"{name}.*changed"):
        validate(tmp_path, flat_noise)


def test_a_file_that_is_no_ledger_is_not_touched(flat_noise: Path, tmp_path: Path) -> None:
    (tmp_path / "rejected.hdf5").write_text("my notes")
    with pytest.raises(OutputExistsError):
        validate(tmp_path, flat_noise)
    assert (tmp_path / "rejected.hdf5").read_text() == "my notes"
    assert [path.name for path in tmp_path.iterdir()] == ["rejected.hdf5"]
