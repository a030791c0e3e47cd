"""Training waveforms where something is there already: whole, unfinished, damaged or of another request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import pytest
from training_runs import ARGUMENTS, assert_same, make

from aframe_data.errors import OutputExistsError, WaveformError
from aframe_data.formats import ledger
from aframe_data.requests.waveforms import TrainingWaveforms

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_command_again_does_nothing(reference: Path) -> None:
    before = reference.stat().st_mtime_ns
    assert make(reference).present
    assert make(reference, seed=None).seed == 7
    assert reference.stat().st_mtime_ns == before


@pytest.mark.parametrize("change", [{"seed": 8}, {"num_signals": 299}, {"minimum_frequency": 21}, {"dtype": "float64"}])
def test_another_request_is_refused_before_any_work(reference: Path, change: dict[str, Any]) -> None:
    before = reference.read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        make(reference, **change)
    assert reference.read_bytes() == before


def test_a_file_that_is_no_ledger_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.hdf5"
    path.write_text("my notes")
    with pytest.raises(OutputExistsError):
        make(path)
    assert path.read_text() == "my notes"


def test_a_damaged_file_is_told(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.hdf5"
    path.write_bytes(reference.read_bytes())
    with h5py.File(path, "r+") as file:
        file["waveforms/plus"][17, 5] += 1
    with pytest.raises(OutputExistsError, match="changed"):
        make(path)


def test_a_prior_file_that_changed_is_another_request(tmp_path: Path) -> None:
    population = tmp_path / "mine.prior"
    lines = [f"{name} = 0.1" for name in ("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "psi", "phase")]
    lines += ["ra = Uniform(0, 6.28)", "dec = Cosine(name='dec')", "theta_jn = Sine(name='theta_jn')"]
    lines += ["redshift = Uniform(0.1, 0.2)", "mass_2 = 10.0"]
    population.write_text("\n".join([*lines, "mass_1 = Uniform(20, 30)"]))
    path = tmp_path / "training.hdf5"
    settings = {"prior": str(population), "num_signals": 4}
    make(path, **settings)
    assert make(path, **settings).present
    population.write_text("\n".join([*lines, "mass_1 = Uniform(20, 40)"]))
    with pytest.raises(OutputExistsError, match=r"another prior"):
        make(path, **settings)


def test_overwrite_replaces(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    path.write_text("something")
    make(path, overwrite=True)
    assert_same(path, reference)


def test_finished_units_are_not_made_again(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    mark = tmp_path / "died"
    # The worker dies once; the run survives it, and its units are those of an undisturbed run.
    make(path, workers=1, generator_options={"die_once": str(mark)})
    assert mark.exists()
    assert_same(path, reference)
    assert not path.with_name("training.hdf5.parts").exists()


@pytest.mark.slow
def test_a_failed_run_leaves_finished_units_and_goes_on_from_them(tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    with pytest.raises(WaveformError):
        make(path, num_signals=2000, generator_options={"fail_above": 120}, max_failed_fraction=0.0)
    assert not path.exists()
    parts = path.with_name("training.hdf5.parts")
    finished = {unit: unit.stat().st_mtime_ns for unit in parts.glob("unit-*.hdf5")}
    assert finished
    make(path, num_signals=2000, generator_options={"fail_above": 120}, max_failed_fraction=1.0, seed=None)
    assert not parts.exists()
    assert ledger.summarize(path).intact


def test_unfinished_work_of_another_command_is_in_nobodys_way(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    with pytest.raises(WaveformError):
        make(path, generator_options={"fail_above": 20}, max_failed_fraction=0.0)
    make(path)
    assert_same(path, reference)
    assert [entry.name for entry in tmp_path.iterdir()] == ["training.hdf5"]


def test_a_broken_unit_is_made_again(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    parts = path.with_name("training.hdf5.parts")
    parts.mkdir()
    identity = TrainingWaveforms(**ARGUMENTS, output_file=path).planned().identity
    (parts / "manifest.json").write_text(json.dumps({"identity": identity}))
    (parts / "unit-00000001.hdf5").write_bytes(b"\x89HDF\r\n\x1a\n cut off")
    make(path)
    assert_same(path, reference)
