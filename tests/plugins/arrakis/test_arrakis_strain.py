"""What is fetched from a real Arrakis server: the samples of its frame files, and NaN where it has none."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import NoDataError, UsageError
from aframe_data.types import Piece, StrainRequest
from servers.arrakis import made_up, serving
from servers.arrakis_clients import CHANNEL, START, fetcher, get
from servers.gwosc_files import synthetic_strain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

RATE = 1024


def test_samples_are_those_of_the_frame_files(archive: str) -> None:
    series = get(archive, 5, 27)
    np.testing.assert_array_equal(series.data, synthetic_strain("H1", START + 5, START + 27, RATE))
    assert (series.start, series.sample_rate, series.ifo, series.channel) == (START + 5, RATE, "H1", CHANNEL)
    assert series.pieces == (Piece(START + 5, START + 27, f"{archive}/{CHANNEL}"),)


def test_a_gap_between_files_is_nan_to_the_sample(archive: str) -> None:
    data = get(archive, 30, 50).data
    gap = slice(2 * RATE, 18 * RATE)
    assert np.isnan(data[gap]).all()
    np.testing.assert_array_equal(data[: gap.start], synthetic_strain("H1", START + 30, START + 32, RATE))
    np.testing.assert_array_equal(data[gap.stop :], synthetic_strain("H1", START + 48, START + 50, RATE))


@pytest.mark.parametrize("span", [(-100, -90), (32, 48), (1000, 1010)])
def test_nothing_at_all_is_no_data(archive: str, span: tuple[int, int]) -> None:
    with pytest.raises(NoDataError, match=f"{archive} has no data of {CHANNEL} in .*: all of it is a gap"):
        get(archive, *span)


@pytest.mark.parametrize("fault", ["PARTIAL_GAPS", "FULL_GAPS"])
def test_single_samples_that_are_masked_are_nan(tmp_path: Path, fault: str) -> None:
    with serving(made_up(tmp_path, fault=fault, fault_interval=3)) as url:
        data = get(url, 0, 8).data
    seconds = np.arange(data.size) / 256
    present = np.isfinite(data)
    np.testing.assert_allclose(data[present], seconds[present], atol=1e-6)
    faulty = (seconds // 1 > 0) & (seconds // 1 % 3 == 0)
    assert present[~faulty].all()
    assert not present[faulty].all()
    assert present[faulty].any() == (fault == "PARTIAL_GAPS")


def test_a_block_that_is_sent_twice_is_taken_once(tmp_path: Path) -> None:
    with serving(made_up(tmp_path, fault="DUPLICATES", fault_interval=2)) as url:
        np.testing.assert_allclose(get(url, 0, 6).data, np.arange(6 * 256) / 256, atol=1e-6)


@pytest.mark.parametrize("stride", [0.0625, 1.0, 4.0])
def test_blocks_of_any_length_are_cut_to_the_span(tmp_path: Path, stride: float) -> None:
    with serving(made_up(tmp_path, stride=stride)) as url:
        data = get(url, 0, 3).data
    np.testing.assert_allclose(data, np.arange(3 * 256) / 256, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "expected"), [("float32", np.float32), ("float64", np.float64), ("int32", np.float64)]
)
def test_single_precision_stays_and_whole_numbers_become_floats(
    tmp_path: Path, kind: str, expected: type[np.floating]
) -> None:
    with serving(made_up(tmp_path, kind=kind)) as url:
        data = get(url, 5, 8).data
    assert data.dtype == expected
    assert data[256] == 6


def test_a_rate_above_that_of_the_channel_is_refused(archive: str) -> None:
    with pytest.raises(UsageError, match=rf"--sample-rate: {CHANNEL} has 1024 Hz on {archive}.*not 2048 Hz"):
        get(archive, sample_rate=2048)


def test_numbers_that_cannot_be_strain_are_refused(tmp_path: Path) -> None:
    with serving(made_up(tmp_path, kind="complex64")) as url, pytest.raises(UsageError, match=r"complex64.*real"):
        get(url)


def test_a_channel_that_may_be_no_strain_is_told_once(archive: str, caplog: pytest.LogCaptureFixture) -> None:
    asked = fetcher(archive)
    with caplog.at_level(logging.WARNING, "aframe_data"):
        for name in ("H1:LSC-DARM_IN1_DQ", CHANNEL, "H1:LSC-DARM_IN1_DQ"):
            assert asked.fetch(StrainRequest((name,), START, START + 1, 128))[name].unit == "unknown"
    assert [record.getMessage() for record in caplog.records] == [
        "H1:LSC-DARM_IN1_DQ is assumed to be strain: Arrakis does not tell the units of its channels."
    ]


def test_several_channels_are_answered_together(archive: str) -> None:
    names = (CHANNEL, "H1:LSC-DARM_IN1_DQ")
    answer = fetcher(archive).fetch(StrainRequest(names, START, START + 2, 128))
    assert tuple(answer) == names
    np.testing.assert_array_equal(answer[names[1]].data, answer[CHANNEL].data.astype(np.float32))
