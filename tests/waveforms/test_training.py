"""Training waveforms end to end: the file, the seed, resuming, failing signals, dying workers, bad arguments.

Models of a stranger's plugin make it quick; the built-in model has its own tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import training_waveforms
from aframe_data.errors import AframeDataError, OutputExistsError, PluginError, UsageError, WaveformError
from aframe_data.formats import ledger, ledger_pieces
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe
from aframe_data.waveforms.request import recipe_of
from aframe_data.work.carry_out import forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from ledger_reader import read_training_waveforms

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


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an undisturbed run."""
    path = tmp_path_factory.mktemp("reference") / "training.hdf5"
    make(path)
    return path


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


# --- what is there already ----------------------------------------------------------------------------


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


# --- signals that fail --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["fail_above", "nan_above"])
def test_a_failing_signal_is_named_and_replaced_by_the_next_draw_of_its_unit(tmp_path: Path, way: str) -> None:
    path = tmp_path / "training.hdf5"
    report = make(path, generator_options={way: 140}, max_failed_fraction=0.2)
    assert report.num_signals == 300
    assert report.drawn == 300 + len(report.failures)
    assert report.failures
    assert all("mass_1=" in failure and "draw " in failure for failure in report.failures)
    read = read_training_waveforms(path)
    assert (read.parameters["mass_1"] + read.parameters["mass_2"] <= 140).all()
    assert np.isfinite(read.waveforms).all()
    assert read.num_injections == 300
    record = ledger.summarize(path).record
    assert record is not None
    assert tuple(record["failures"]) == report.failures


@pytest.mark.slow
def test_failures_are_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    settings = {"generator_options": {"fail_above": 140}, "max_failed_fraction": 0.2}
    first = make(tmp_path / "a.hdf5", **settings)
    second = make(tmp_path / "b.hdf5", workers=2, **settings)
    assert first.failures == second.failures
    assert (tmp_path / "a.hdf5").read_bytes() == (tmp_path / "b.hdf5").read_bytes()


def test_a_failing_signal_moves_none_of_another_unit(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    make(path, generator_options={"fail_above": 140}, max_failed_fraction=0.2)
    wanted, found = contents(reference), contents(path)
    heavy = wanted["parameters/mass_1"] + wanted["parameters/mass_2"] > 140
    kept = []
    for unit in range(0, 300, 64):
        good = wanted["parameters/mass_1"][unit : unit + 64][~heavy[unit : unit + 64]]
        there = found["parameters/mass_1"][unit : unit + 64]
        np.testing.assert_array_equal(there[: len(good)], good)
        kept.append(len(there) - len(good))
    assert sum(kept) == np.count_nonzero(heavy) > 0


def test_a_unit_that_an_earlier_version_left_short_is_made_again(tmp_path: Path) -> None:
    settings = {"generator_options": {"fail_above": 140}, "max_failed_fraction": 0.2}
    make(tmp_path / "wanted.hdf5", **settings)
    path = tmp_path / "training.hdf5"
    unfinished = path.with_name("training.hdf5.parts")
    unfinished.mkdir()
    identity = TrainingWaveforms(**{**ARGUMENTS, **settings}, output_file=path).planned().identity
    (unfinished / "manifest.json").write_text(json.dumps({"identity": identity}))
    rows = {name.split("/")[1]: values[:60] for name, values in contents(tmp_path / "wanted.hdf5").items()}
    parameters = {name: values for name, values in rows.items() if values.ndim == 1}
    waveforms = {name: values for name, values in rows.items() if values.ndim == 2}
    shape = ledger.Layout(60, {}, dict.fromkeys(parameters, ()), dict.fromkeys(waveforms, 1024))
    with ledger.create(unfinished / "unit-00000000.hdf5", shape) as writer:
        writer.append(parameters, waveforms)
        failed = [{"draw": draw, "reason": "too heavy"} for draw in range(4)]
        writer.finish({"wanted": 64, "accepted": list(range(60)), "drawn": 64, "failures": failed})
    make(path, **settings)
    assert_same(path, tmp_path / "wanted.hdf5")


def test_too_many_failures_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(WaveformError, match="too heavy for this model"):
        make(tmp_path / "training.hdf5", generator_options={"fail_above": 11})


def heaviest_of_each_unit(path: Path, seed: int) -> list[float]:
    made_of = recipe_of(TrainingWaveforms(**{**ARGUMENTS, "seed": seed}, output_file=path), Stream.TRAINING)
    draws = [recipe.draw(made_of, Stream.TRAINING, (unit,), made_of.unit_size) for unit in range(4)]
    return [float(np.max(drawn["mass_1"] + drawn["mass_2"])) for drawn in draws]


@pytest.mark.slow
def test_an_abort_in_the_model_costs_one_unit_and_not_the_run(tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    # A seed by which the heaviest signal of four units is in the second one, which is generated whole.
    seed, heaviest = next(
        (seed, totals) for seed in range(100) if np.argmax(totals := heaviest_of_each_unit(path, seed)) == 1
    )
    *_, second, most = sorted(heaviest)
    report = make(path, seed=seed, workers=1, generator_options={"abort_above": (second + most) / 2})
    (lost,) = report.failures
    assert "died" in lost
    assert "unit 1 " in lost
    assert report.drawn == 300 + 64
    assert len(read_training_waveforms(path).waveforms) == 300


# --- arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"num_signals": 0}, "num_signals = 0"),
        ({"right_pad": 4}, "right_pad = 4 must be below"),
        ({"right_pad": 0}, "right_pad = 0 is not allowed, only values above 0"),
        ({"right_pad": 1 / 3}, "not a whole number"),
        ({"waveform_duration": 4.3}, "not a whole number"),
        ({"minimum_frequency": 128}, "Nyquist"),
        ({"reference_frequency": 0}, "Nyquist"),
        ({"dtype": "float16"}, "only one of float32, float64"),
        ({"seed": -1}, "seed = -1"),
        ({"max_failed_fraction": 2}, "from 0 to 1"),
        ({"prior": "flatt"}, "Did you mean 'flat'"),
        ({"generator": "chrip"}, "Did you mean 'chirp'"),
        ({"prior": "no-spins"}, "does not give a_1, a_2"),
        ({"prior": "ringdown"}, "does not give mass_1"),
        ({"prior_options": {"lightest": 3}}, "lightest"),
        ({"prior_options": {"heaviest": 3}}, "at least 6"),
        ({"generator_options": {"fail_above": "much"}}, "not a finite number"),
        ({"workers": -1}, "workers = -1"),
    ],
)
def test_a_wrong_argument_is_refused_and_nothing_is_written(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make(tmp_path / "training.hdf5", **change)
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_measures_and_writes_nothing(tmp_path: Path) -> None:
    with engine_for(0) as engine:
        request = TrainingWaveforms(**ARGUMENTS, output_file=tmp_path / "training.hdf5")
        expected = forecast(request, Work(engine)).describe()
    assert 0 < expected["seconds_per_signal"] < 1
    assert expected["nbytes"] == 300 * (2 * 1024 * 4 + 16 * 8)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="are needed"):
        make(tmp_path / "training.hdf5", num_signals=10**8)


def test_a_missing_model_parameter_is_a_usage_error_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises((UsageError, PluginError)):
        make(tmp_path / "training.hdf5", prior="no_such_module.prior")


@pytest.mark.parametrize(
    ("returns", "error", "words"),
    [
        ("complex", PluginError, "complex128, not real numbers"),
        ("nothing", PluginError, "returned a NoneType"),
        ("strangers", PluginError, "none of its signals"),
        ("huge", WaveformError, "not finite in float32"),
    ],
)
def test_what_is_no_waveform_is_not_written(tmp_path: Path, returns: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make(tmp_path / "w.hdf5", generator_options={"returns": returns})
    assert not (tmp_path / "w.hdf5").exists()


def test_a_unit_that_vanished_is_told(tmp_path: Path) -> None:
    """As when the same command runs twice at once, and the other one is done first."""
    with pytest.raises(AframeDataError, match=r"unit-7.hdf5 has disappeared: another command"):
        next(ledger_pieces.read_rows([tmp_path / "unit-7.hdf5"], 1))
