"""Validation signals that many machines make: the parts, joined, are to the byte what one machine makes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from burst_runs import SIGNALS, contents, record_of, validate
from part_runs import FAILING, assert_same_files, joined

from aframe_data import inspect
from aframe_data.errors import OutputExistsError, WaveformError
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.work.carry_out import forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


@pytest.mark.parametrize(
    ("count", "changes"),
    [
        (2, FAILING),
        *(pytest.param(count, {}, marks=pytest.mark.slow) for count in (1, 2, 3)),
        pytest.param(3, FAILING, marks=pytest.mark.slow),
    ],
)
def test_parts_of_validation_signals_are_the_whole(
    flat_noise: Path, tmp_path: Path, count: int, changes: dict[str, Any]
) -> None:
    one = validate(tmp_path / "one", flat_noise, **changes)
    assert bool(one.failures) == bool(changes)
    whole = joined(tmp_path, count, "val.hdf5", lambda part, k: validate(part, flat_noise, part=k, **changes))
    assert_same_files(whole, tmp_path / "one", "val.hdf5", "rejected.hdf5")
    report = validate(whole, flat_noise, **changes)
    assert report.present
    assert (report.num_injections, report.failures) == (one.num_injections, one.failures)
    assert inspect(whole / "val.hdf5").facts == inspect(tmp_path / "one" / "val.hdf5").facts


def test_a_part_says_which_it_is_and_is_taken_for_no_other(flat_noise: Path, tmp_path: Path) -> None:
    validate(tmp_path, flat_noise, part="2/3")
    record = record_of(tmp_path / "val.hdf5")
    assert record["arguments"]["part"] == record["identity"]["share"] == "2/3"
    assert len(contents(tmp_path / "val.hdf5")["parameters/ra"]) == 16
    assert validate(tmp_path, flat_noise, part="2/3").present
    for part, words in ((None, "part = 2/3, not none"), ("1/3", "part = 2/3, not 1/3"), ("2/2", "part = 2/3, not 2/2")):
        with pytest.raises(OutputExistsError, match=words):
            validate(tmp_path, flat_noise, part=part)


def test_a_whole_is_not_taken_for_a_part(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    shutil.copytree(reference, tmp_path / "whole")
    assert "part" not in record_of(reference / "val.hdf5")["arguments"]
    with pytest.raises(OutputExistsError, match="part = none, not 1/1"):
        validate(tmp_path / "whole", flat_noise, part="1/1")


@pytest.mark.slow
def test_a_part_that_was_given_too_few_draws_goes_on(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    with pytest.raises(WaveformError, match="16 signals need"):
        validate(tmp_path / "machine-2", flat_noise, part="2/3", max_draws=40)
    whole = joined(tmp_path, 3, "val.hdf5", lambda part, k: validate(part, flat_noise, part=k))
    assert_same_files(whole, reference, "val.hdf5", "rejected.hdf5")


def test_a_dry_run_tells_of_the_part(flat_noise: Path, tmp_path: Path) -> None:
    def expected(**changes: Any) -> Any:
        settings = {**SIGNALS, "num_signals": 40, "psd": flat_noise, "output_file": tmp_path / "val.hdf5", **changes}
        with engine_for(0) as engine:
            return forecast(ValidationWaveforms(**settings), Work(engine))

    whole, part = expected(), expected(part="3/3")
    assert (whole.num_signals, part.num_signals) == (40, 8)
    assert part.nbytes * 5 == whole.nbytes
