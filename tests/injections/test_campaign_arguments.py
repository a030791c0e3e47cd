"""Wrong arguments of a campaign are refused before anything is written, and odd ones told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from campaign_runs import END, START, campaign

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


def test_what_is_probably_not_meant_is_said_once(
    flat_noise: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="aframe_data"):
        campaign(tmp_path, flat_noise, jitter=3, spacing=4, num_signals=2, snr_threshold=1)
    assert sum("jitter = 3 is not below half of spacing" in record.message for record in caplog.records) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shifts": [0, -1]}, "only numbers of at least 0"),
        ({"shifts": [1, 1]}, "all equal"),
        ({"shifts": [0, 0]}, "zero-lag"),
        ({"shifts": [0, 1, 2]}, "must be 2 numbers"),
        ({"shifts": []}, "must be 2 numbers"),
        ({"shifts": [0, float("nan")]}, "is not a finite number"),
        ({"spacing": -1}, "spacing = -1"),
        ({"jitter": -1}, "jitter = -1"),
        ({"buffer": float("inf")}, "buffer = inf"),
        ({"psd_length": -1}, "psd_length = -1"),
        ({"num_signals": 0}, "num_signals = 0"),
        ({"livetime": 0}, "livetime = 0"),
        ({"start": END, "end": START}, "must come before"),
        ({"start": 12}, "not a plausible GPS time"),
        ({"end": None}, "--start and --end"),
        ({"start": None, "end": None}, "--background"),
        ({"psd": None}, "--psd"),
        ({"background": "somewhere"}, "leave out --start and --end"),
        ({"max_draws": 39}, "max_draws = 39"),
        ({"ifos": ["H1", "H1"]}, "H1"),
        ({"right_pad": 1}, "right_pad = 1"),
        ({"workers": -1}, "workers = -1"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_and_nothing_is_written(
    flat_noise: Path, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as told:
        campaign(tmp_path, flat_noise, **change)
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_that_is_a_file_is_refused(flat_noise: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError):
        campaign(tmp_path / "file", flat_noise)
    assert (tmp_path / "file").read_text() == "mine"
