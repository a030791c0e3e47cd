"""Fixed sets of signals made again: each at its own place, whatever makes it, and none left out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from burst_runs import SIGNALS, assert_same_arrays, contents, validate

from aframe_data import merge, timeslide_waveforms, training_waveforms
from aframe_data.errors import UsageError, WaveformError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

COUNT = 150  # more than two units of training waveforms
TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 4, "buffer": 2, "jitter": 0.1, "psd_length": 16}
TRAINING = {name: value for name, value in SIGNALS.items() if name not in ("ifos", "snr_threshold")}


@pytest.fixture(scope="module")
def fixed(bursts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of signals that was made before."""
    assert bursts.exists()
    path = tmp_path_factory.mktemp("fixed") / "training.hdf5"
    training_waveforms(**TRAINING, num_signals=COUNT, output_file=path)
    return path


def train(path: Path, fixed: Path, **changes: Any) -> Any:
    return training_waveforms(**{**TRAINING, "prior": fixed, "num_signals": COUNT, "output_file": path, **changes})


def test_training_waveforms_are_made_again_to_the_bit_with_any_seed(fixed: Path, tmp_path: Path) -> None:
    train(tmp_path / "again.hdf5", fixed, seed=99)
    assert_same_arrays(tmp_path / "again.hdf5", fixed)


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_parts_and_workers_make_the_same_rows(fixed: Path, tmp_path: Path, workers: int) -> None:
    parts = [tmp_path / f"{number}.hdf5" for number in (1, 2, 3)]
    for number, path in enumerate(parts, 1):
        train(path, fixed, part=f"{number}/3", workers=workers)
    merge(files=parts, output_file=tmp_path / "whole.hdf5")
    assert_same_arrays(tmp_path / "whole.hdf5", fixed)


def test_fewer_are_the_first_ones(fixed: Path, tmp_path: Path) -> None:
    train(tmp_path / "some.hdf5", fixed, num_signals=70)
    whole = contents(fixed)
    for name, values in contents(tmp_path / "some.hdf5").items():
        np.testing.assert_array_equal(values, whole[name][:70])


def test_validation_signals_stand_in_the_order_of_the_file(fixed: Path, flat_noise: Path, tmp_path: Path) -> None:
    settings = {"prior": fixed, "snr_threshold": 0, "num_signals": 100}
    report = validate(tmp_path, flat_noise, **settings)
    assert (report.num_signals, report.num_injections) == (100, 100)
    found, whole = contents(tmp_path / "val.hdf5"), contents(fixed)
    for name in whole:
        if name.startswith("parameters/"):
            np.testing.assert_array_equal(found[name], whole[name][:100])
    parts = tmp_path / "parts"
    for number in (1, 2):
        folder = parts / str(number)
        folder.mkdir(parents=True)
        validate(folder, flat_noise, **settings, part=f"{number}/2")
    merge(files=[parts / "1" / "val.hdf5", parts / "2" / "val.hdf5"], output_file=tmp_path / "whole.hdf5")
    assert_same_arrays(tmp_path / "whole.hdf5", tmp_path / "val.hdf5")


def test_injections_stand_in_the_order_of_the_file_across_segments(
    fixed: Path, flat_noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Units end with their segment, so that a unit's number does not tell its place."""
    from aframe_data.timeslides import schedule
    from aframe_data.types import Segment

    spans = (Segment(1240579783, 1240579783 + 130), Segment(1240580000, 1240580000 + 200))
    monkeypatch.setattr(schedule.Schedule, "segments", spans)
    settings = {**SIGNALS, **TIMES, "start": spans[0].start, "end": spans[-1].stop, "psd": flat_noise}
    settings |= {"prior": fixed, "snr_threshold": 0, "num_signals": 60}
    timeslide_waveforms(**settings, output_dir=tmp_path / "one")
    found, whole = contents(tmp_path / "one" / "waveforms.hdf5"), contents(fixed)
    assert len({time > spans[1].start for time in found["parameters/injection_time"]}) == 2
    for name in whole:
        if name.startswith("parameters/"):
            np.testing.assert_array_equal(found[name], whole[name][:60])
    for number in (1, 2):
        timeslide_waveforms(**settings, output_dir=tmp_path / str(number), part=f"{number}/2")
    files = [tmp_path / str(number) / "waveforms.hdf5" for number in (1, 2)]
    merge(files=files, output_file=tmp_path / "whole.hdf5")
    assert_same_arrays(tmp_path / "whole.hdf5", tmp_path / "one" / "waveforms.hdf5")


def test_more_than_there_are_is_refused_before_the_work(fixed: Path, tmp_path: Path, cli: Callable[..., Any]) -> None:
    with pytest.raises(UsageError, match="has 150 signals, and 151 are asked for"):
        train(tmp_path / "x.hdf5", fixed, num_signals=151)
    with pytest.raises(UsageError, match="has 150 signals, and 400 are asked for"):
        train(tmp_path / "x.hdf5", fixed, num_signals=400, part="1/4")
    done = cli(
        *("waveforms", "--prior", fixed, "--generator", "burst", "--num-signals", "200", "--waveform-duration", "1"),
        *("--sample-rate", "512", "--right-pad", "0.5", "--workers", "0", "-o", tmp_path / "x.hdf5", "--dry-run"),
    )
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_threshold_that_would_leave_some_out_is_refused(fixed: Path, flat_noise: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gives its signals in order, .* use --snr-threshold 0"):
        validate(tmp_path, flat_noise, prior=fixed)
    resampled = {"prior": fixed, "prior_options": {"order": "resampled"}}
    assert validate(tmp_path, flat_noise, **resampled).num_injections > 40


def test_a_signal_that_fails_is_named_and_not_replaced(fixed: Path, flat_noise: Path, tmp_path: Path) -> None:
    mass = contents(fixed)["parameters/mass_1"]
    options = {"fail_above": float(mass.max() - 1e-6)}
    told = rf"signal {int(np.argmax(mass))} \(counted from 0\) of prior 'parameter-file' failed: "
    with pytest.raises(WaveformError, match=told):
        train(tmp_path / "x.hdf5", fixed, generator_options=options)
    with pytest.raises(WaveformError, match=told):
        validate(tmp_path, flat_noise, prior=fixed, num_signals=150, snr_threshold=0, generator_options=options)
    resampled = {"prior_options": {"order": "resampled"}, "generator_options": options}
    assert train(tmp_path / "y.hdf5", fixed, **resampled).num_signals == COUNT


def test_resampled_signals_depend_on_the_seed_alone(fixed: Path, tmp_path: Path) -> None:
    options = {"prior_options": {"order": "resampled"}, "num_signals": 400}
    train(tmp_path / "one.hdf5", fixed, **options)
    train(tmp_path / "two.hdf5", fixed, **options, workers=2)
    assert_same_arrays(tmp_path / "one.hdf5", tmp_path / "two.hdf5")
    train(tmp_path / "other.hdf5", fixed, **options, seed=8)
    assert not np.array_equal(*(contents(tmp_path / name)["parameters/mass_1"] for name in ("one.hdf5", "other.hdf5")))


def test_another_content_under_the_same_name_is_another_set(fixed: Path, tmp_path: Path) -> None:
    from aframe_data.errors import OutputExistsError

    source = tmp_path / "source.hdf5"
    source.write_bytes(fixed.read_bytes())
    train(tmp_path / "x.hdf5", source, num_signals=10)
    assert train(tmp_path / "x.hdf5", fixed, num_signals=10).present  # the same, elsewhere
    training_waveforms(**{**TRAINING, "seed": 3}, num_signals=COUNT, output_file=source, overwrite=True)
    with pytest.raises(OutputExistsError):
        train(tmp_path / "x.hdf5", source, num_signals=10)
