"""How many signals and draws there are, and what the seed and the number of workers have to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from burst_runs import contents, record_of, validate

from ledger_reader import read_rejected, read_validation_waveforms

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


# --- counting -----------------------------------------------------------------------------------------


def test_num_injections_is_accepted_and_rejected_and_ends_with_the_last_accepted(
    reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    """Trap 5. One signal fewer takes only the draws up to it: those after are of its own block, and none is lost."""
    read, rejected = read_validation_waveforms(reference / "val.hdf5"), read_rejected(reference / "rejected.hdf5")
    assert read.num_injections == len(read.snr) + len(rejected.snr)
    validate(tmp_path, flat_noise, num_signals=39)
    fewer, dropped = read_validation_waveforms(tmp_path / "val.hdf5"), read_rejected(tmp_path / "rejected.hdf5")
    assert fewer.num_injections == 39 + len(dropped.snr) < read.num_injections
    np.testing.assert_array_equal(dropped.parameters["ra"], rejected.parameters["ra"][: len(dropped.snr)])
    again = np.setdiff1d(rejected.parameters["ra"], dropped.parameters["ra"])
    assert len(again) == len(rejected.snr) - len(dropped.snr)


def test_no_draw_is_in_both_files_or_twice_in_one(reference: Path) -> None:
    ra = [
        read_validation_waveforms(reference / "val.hdf5").parameters["ra"],
        read_rejected(reference / "rejected.hdf5").parameters["ra"],
    ]
    assert len(np.unique(np.concatenate(ra))) == sum(map(len, ra))


@pytest.mark.parametrize("count", [1, 16, 20])
def test_fewer_signals_are_the_first_of_more(reference: Path, flat_noise: Path, tmp_path: Path, count: int) -> None:
    """Trap 6 besides: a file of one signal has every field."""
    report = validate(tmp_path, flat_noise, num_signals=count)
    fewer, more = contents(tmp_path / "val.hdf5"), contents(reference / "val.hdf5")
    assert fewer.keys() == more.keys()
    for name, values in fewer.items():
        np.testing.assert_array_equal(values, more[name][:count], err_msg=name)
    dropped = len(read_rejected(tmp_path / "rejected.hdf5").snr)
    assert report.num_injections == count + dropped
    ours, theirs = contents(tmp_path / "rejected.hdf5"), contents(reference / "rejected.hdf5")
    in_full = record_of(tmp_path / "val.hdf5")["estimates"] is None
    for name, values in ours.items():
        if in_full and "snr" in name:
            continue
        np.testing.assert_array_equal(values, theirs[name][:dropped], err_msg=name)
    if in_full:
        assert not ours["parameters/snr_is_estimate"].any()
        np.testing.assert_allclose(ours["parameters/snr"], theirs["parameters/snr"][:dropped], rtol=0.02)


def test_so_few_signals_that_a_calibration_does_not_pay_are_made_in_full(
    reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    """Which takes fewer full waveforms, and gives the same signals: see the test before."""
    validate(tmp_path, flat_noise, num_signals=1)
    assert record_of(tmp_path / "val.hdf5")["estimates"] is None
    assert record_of(reference / "val.hdf5")["estimates"] is not None


def test_all_draws_may_be_accepted(flat_noise: Path, tmp_path: Path) -> None:
    report = validate(tmp_path, flat_noise, snr_threshold=0, num_signals=3)
    assert report.num_injections == 3
    assert len(read_rejected(tmp_path / "rejected.hdf5").snr) == 0
    assert read_validation_waveforms(tmp_path / "val.hdf5").num_injections == 3


# --- the seed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_same_seed_same_bytes_for_any_number_of_workers(
    reference: Path, flat_noise: Path, tmp_path: Path, workers: int
) -> None:
    validate(tmp_path, flat_noise, workers=workers)
    for name in ("val.hdf5", "rejected.hdf5"):
        assert (tmp_path / name).read_bytes() == (reference / name).read_bytes()


def test_another_seed_gives_other_signals(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    validate(tmp_path, flat_noise, seed=8, num_signals=10)
    for name in ("val.hdf5", "rejected.hdf5"):
        ours, theirs = (contents(folder / name)["parameters/ra"] for folder in (tmp_path, reference))
        assert not np.intersect1d(ours, theirs).size


@pytest.mark.slow
def test_no_seed_is_drawn_reported_and_stored(flat_noise: Path, tmp_path: Path) -> None:
    report = validate(tmp_path / "a", flat_noise, seed=None, num_signals=3)
    validate(tmp_path / "b", flat_noise, seed=report.seed, num_signals=3)
    assert (tmp_path / "a" / "val.hdf5").read_bytes() == (tmp_path / "b" / "val.hdf5").read_bytes()
    assert record_of(tmp_path / "a" / "val.hdf5")["arguments"]["seed"] == report.seed
    assert validate(tmp_path / "a", flat_noise, seed=None, num_signals=3).present
