"""What is refused, or told, before training waveforms are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from training_runs import ARGUMENTS, make

from aframe_data.errors import AframeDataError, PluginError, UsageError, WaveformError
from aframe_data.formats import ledger_pieces
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.work.carry_out import forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from pathlib import Path


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
        next(ledger_pieces.read_rows(tmp_path / "unit-7.hdf5", 1))
