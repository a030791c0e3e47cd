"""Campaigns again: the same bytes from the same seed, and what is there already or was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from campaign_runs import END, FILES, START, campaign

from aframe_data.errors import OutputExistsError, WaveformError
from aframe_data.formats import ledger
from ledger_reader import read_campaign

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


@pytest.mark.parametrize("workers", [3])
def test_same_seed_same_bytes_for_any_number_of_workers(
    undisturbed: Path, flat_noise: Path, tmp_path: Path, workers: int
) -> None:
    campaign(tmp_path, flat_noise, workers=workers)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (undisturbed / name).read_bytes()


@pytest.mark.slow
def test_another_seed_gives_other_signals_at_other_times(undisturbed: Path, flat_noise: Path, tmp_path: Path) -> None:
    campaign(tmp_path, flat_noise, seed=8)
    ours, theirs = read_campaign(tmp_path / FILES[0]), read_campaign(undisturbed / FILES[0])
    assert not np.intersect1d(ours.parameters["ra"], theirs.parameters["ra"]).size
    assert (ours.injection_time != theirs.injection_time).all()
    np.testing.assert_allclose(ours.injection_time, theirs.injection_time, rtol=0, atol=0.2)


def test_the_same_command_again_does_nothing_and_another_is_refused(undisturbed: Path, flat_noise: Path) -> None:
    assert campaign(undisturbed, flat_noise).present
    assert campaign(undisturbed, flat_noise, seed=None).seed == 7
    for change in ({"shifts": [0, 2]}, {"jitter": 0.2}, {"num_signals": 39}, {"end": END + 1}, {"buffer": 3}):
        with pytest.raises(OutputExistsError, match="--overwrite"):
            campaign(undisturbed, flat_noise, **change)


def test_whole_slides_at_other_times_are_another_campaign(undisturbed: Path, flat_noise: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputExistsError, match="grid = windows, not aframe"):
        campaign(undisturbed, flat_noise, grid="aframe")
    made = campaign(tmp_path, flat_noise, grid="aframe")
    assert made.num_signals > 40
    with pytest.raises(OutputExistsError, match="grid = aframe, not windows"):
        campaign(tmp_path, flat_noise, num_signals=made.num_signals)
    assert campaign(tmp_path, flat_noise, grid="aframe").present


@pytest.mark.slow
def test_an_interrupted_campaign_goes_on(undisturbed: Path, flat_noise: Path, tmp_path: Path) -> None:
    needed = read_campaign(undisturbed / FILES[0]).num_injections
    with pytest.raises(WaveformError, match=f"at most {needed - 1} are allowed"):
        campaign(tmp_path, flat_noise, max_draws=needed - 1)
    assert [path.name for path in tmp_path.iterdir()] == ["waveforms.hdf5.parts"]
    campaign(tmp_path, flat_noise, workers=2)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (undisturbed / name).read_bytes()


def test_provenance_tells_the_times_and_the_noise(undisturbed: Path) -> None:
    record = ledger.summarize(undisturbed / FILES[0], check=False).record
    assert record is not None
    assert record["command"] == "timeslide-waveforms"
    times = record["identity"]["times"]
    assert times["segments"] == [[START, END]]
    assert (times["shifts"], times["spacing"], times["psd_length"]) == ([0, 1], 4, 16)
    assert "flat.txt" in str(record["noise"])
