"""Training waveforms whose signals fail, and whose workers die."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from training_runs import ARGUMENTS, assert_same, contents, make

from aframe_data.errors import WaveformError
from aframe_data.formats import ledger
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe
from aframe_data.waveforms.request import recipe_of
from ledger_reader import read_training_waveforms

if TYPE_CHECKING:
    from pathlib import Path


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
