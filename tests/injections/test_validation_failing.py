"""Signals that a model cannot make are named and replaced, and are neither accepted nor rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from burst_runs import record_of, validate

from aframe_data.errors import WaveformError
from ledger_reader import read_rejected, read_validation_waveforms

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("generator", "way", "reason"),
    [
        ("burst", "fail_above", "too heavy for this model"),
        pytest.param("plain-burst", "fail_above", "too heavy for this model", marks=pytest.mark.slow),
        pytest.param("burst", "nan_above", "not finite", marks=pytest.mark.slow),
        ("burst", "huge_above", "not finite in float32"),
        ("plain-burst", "silent_above", "zero everywhere"),
    ],
)
def test_a_failing_signal_is_named_and_replaced(
    flat_noise: Path, tmp_path: Path, generator: str, way: str, reason: str
) -> None:
    """Trap 8: and it is neither accepted nor rejected."""
    settings = {"generator": generator, "generator_options": {way: 45}, "max_failed_fraction": 0.5}
    report = validate(tmp_path, flat_noise, **settings)
    assert report.failures
    assert all(reason in failure and "draw " in failure and "mass_1=4" in failure for failure in report.failures)
    read, rejected = read_validation_waveforms(tmp_path / "val.hdf5"), read_rejected(tmp_path / "rejected.hdf5")
    assert len(read.snr) == 40
    assert (read.parameters["mass_1"] <= 45).all()
    assert np.isfinite(read.waveforms).all()
    assert read.num_injections == report.num_injections == 40 + len(rejected.snr)
    assert np.isfinite(rejected.snr).all()
    with h5py.File(tmp_path / "rejected.hdf5") as file:
        made = file["parameters/snr_is_estimate"][:] == 0
    assert (rejected.parameters["mass_1"][made] <= 45).all()
    assert record_of(tmp_path / "val.hdf5")["report"]["failures"] == list(report.failures)


@pytest.mark.slow
def test_failures_are_the_same_for_any_number_of_workers(flat_noise: Path, tmp_path: Path) -> None:
    settings = {"generator_options": {"fail_above": 45}, "max_failed_fraction": 0.5}
    reports = [validate(tmp_path / str(n), flat_noise, workers=n, **settings) for n in (1, 2)]
    assert reports[0].failures == reports[1].failures
    assert (tmp_path / "1" / "val.hdf5").read_bytes() == (tmp_path / "2" / "val.hdf5").read_bytes()


@pytest.mark.parametrize("generator", ["burst", "plain-burst"])
def test_too_many_failures_end_the_run(flat_noise: Path, tmp_path: Path, generator: str) -> None:
    """At once: not when all draws that are allowed have failed."""
    with pytest.raises(WaveformError, match="too heavy for this model") as told:
        validate(tmp_path, flat_noise, generator=generator, generator_options={"fail_above": 5}, num_signals=1000)
    assert "--max-failed-fraction" in str(told.value)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "val.hdf5").exists()


def test_as_many_failures_are_allowed_in_a_short_last_block(flat_noise: Path, tmp_path: Path) -> None:
    """A whole block's worth of failures is always allowed, also where the last block has one place."""
    settings = {"generator_options": {"fail_above": 48}, "max_failed_fraction": 0.0, "seed": 3}
    report = validate(tmp_path, flat_noise, num_signals=33, **settings)
    assert 1 < len(report.failures) <= 16
