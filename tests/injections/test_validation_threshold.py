"""Thresholds that are reached seldom or never, and the cap on draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from burst_runs import assert_same_arrays, validate

from aframe_data.errors import WaveformError
from ledger_reader import read_validation_waveforms

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


def test_a_threshold_that_is_never_reached_ends_with_an_error_and_a_warning_at_once(
    flat_noise: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Trap 4."""
    with pytest.raises(WaveformError) as told:
        validate(tmp_path, flat_noise, snr_threshold=10_000, max_draws=500)
    assert "none of 500 draws reaches the SNR threshold of 10000" in str(told.value)
    assert "at most 500 are allowed" in str(told.value)
    assert "\n" not in str(told.value)
    (warning,) = [record for record in caplog.records if "loudest" in record.message]
    assert warning.levelname == "WARNING"
    assert "few if any reach 10000" in warning.message
    assert not (tmp_path / "val.hdf5").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("generator", "workers"), [("burst", 2), pytest.param("plain-burst", 1, marks=pytest.mark.slow)]
)
def test_the_cap_on_draws_holds_and_the_error_tells_the_acceptance(
    reference: Path, flat_noise: Path, tmp_path: Path, generator: str, workers: int
) -> None:
    """Trap 3: to the draw. What is finished is kept, and more draws give the file that they would have given."""
    needed = read_validation_waveforms(reference / "val.hdf5").num_injections
    settings = {"generator": generator, "workers": workers}
    with pytest.raises(WaveformError) as told:
        validate(tmp_path, flat_noise, max_draws=needed - 1, **settings)
    assert f"at most {needed - 1} are allowed" in str(told.value)
    assert "reach the SNR threshold of 8, and 40 signals need about" in str(told.value)
    assert "--max-draws" in str(told.value)
    assert "\n" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["val.hdf5.parts"]
    assert len(list(tmp_path.glob("*/accepted-*.hdf5"))) >= 2
    report = validate(tmp_path, flat_noise, max_draws=needed, **settings)
    assert report.num_injections == needed
    assert_same_arrays(tmp_path / "val.hdf5", reference / "val.hdf5")


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 3000])
def test_draws_in_work_at_a_time_change_nothing(reference: Path, flat_noise: Path, tmp_path: Path, most: int) -> None:
    """Aframe's scripts call it the size of a round."""
    report = validate(tmp_path, flat_noise, max_num_samples=most, workers=2)
    assert report.num_injections > 40
    assert_same_arrays(tmp_path / "val.hdf5", reference / "val.hdf5")
