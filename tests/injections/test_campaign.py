"""Injection campaigns end to end: rows, times, shifts and SNRs, and where a campaign stops.

One segment and given noise; background has its own tests. Models are a stranger's bursts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from burst_runs import LEVEL, RATE, SIGNALS, SIZE, contents
from campaign_runs import END, FILES, START, TIMES, campaign

from aframe_data.errors import UsageError
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.timeslides.rule import SlideRule
from aframe_data.timeslides.slots import plan_slots
from aframe_data.types import Segment
from ledger_reader import BASE_FIELDS, read_campaign, read_rejected

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


def rule(ifos: tuple[str, ...] = ("H1", "L1"), shifts: tuple[float, ...] = (0.0, 1.0)) -> SlideRule:
    times = {name: TIMES[name] for name in ("spacing", "buffer", "jitter", "psd_length")}
    return SlideRule(ifos, shifts, **times, duration=1, right_pad=0.5)


# --- the files ------------------------------------------------------------------------------------------


def test_the_files_are_what_inference_and_plots_read(undisturbed: Path) -> None:
    read, rejected = read_campaign(undisturbed / FILES[0]), read_rejected(undisturbed / FILES[1])
    assert sorted(path.name for path in undisturbed.iterdir()) == sorted(FILES)
    assert (read.ifos, read.sample_rate, read.duration, read.right_pad) == (["H1", "L1"], RATE, 1, 0.5)
    assert read.waveforms.shape == (40, 2, SIZE)
    assert read.num_injections == 40 + len(rejected.snr)
    assert (read.snr >= 8).all()
    assert np.isfinite(read.waveforms).all()
    with h5py.File(undisturbed / FILES[0]) as file:
        more = {"reference_frequency", "minimum_frequency", "snr", "ifo_snrs", "injection_time", "shift"}
        assert set(file["parameters"]) == {*BASE_FIELDS, *more}
        assert file["waveforms/h1"].chunks == (40, SIZE)
        assert file["waveforms/h1"].dtype == np.float32


def test_times_and_shifts_are_those_of_the_plan_in_its_order(undisturbed: Path) -> None:
    read = read_campaign(undisturbed / FILES[0])
    planned = TimeslideWaveforms(
        **{**SIGNALS, **TIMES}, start=START, end=END, psd="x", output_dir=undisturbed
    ).planned()
    plan = plan_slots([Segment(START, END)], rule(), seed=planned.recipe.entropy, num_signals=40)
    (slots,) = plan.segments
    assert plan.num_slides == 2
    np.testing.assert_array_equal(read.injection_time, slots.times)
    np.testing.assert_array_equal(read.shift, slots.shifts)
    slides = read.shift[:, 1]
    assert set(slides) == {1, 2}
    assert (np.diff(slides) >= 0).all()
    for slide in (1, 2):
        assert (np.diff(read.injection_time[slides == slide]) >= 1 + 4 - 2 * 0.1).all()


def test_whole_windows_lie_in_what_is_analysed(undisturbed: Path) -> None:
    read = read_campaign(undisturbed / FILES[0])
    assert (read.injection_time - 0.5 >= START + 16 + 2).all()
    assert (read.injection_time + 0.5 <= END - read.shift.max(axis=1) - 2).all()


@pytest.mark.slow
def test_shifts_are_exact_multiples_and_are_found_by_equality(flat_noise: Path, tmp_path: Path) -> None:
    """Readers compare with ``==``: 3 times 0.1 is stored as Python computes it."""
    campaign(tmp_path, flat_noise, shifts=[0.1, 0.7], num_signals=75)
    shifts = read_campaign(tmp_path / FILES[0]).shift
    assert {tuple(shift) for shift in shifts} == {(k * 0.1, k * 0.7) for k in (1, 2, 3)}
    chosen = read_campaign(tmp_path / FILES[0], shifts=[3 * 0.1, 3 * 0.7])
    assert 0 < len(chosen.snr) < 75


def test_a_span_and_a_slide_can_be_read(undisturbed: Path) -> None:
    whole = read_campaign(undisturbed / FILES[0])
    some = read_campaign(undisturbed / FILES[0], start=START + 50, end=START + 150, shifts=[0, 1])
    assert 0 < len(some.snr) < (whole.shift == [0, 1]).all(axis=1).sum()
    assert (some.shift == [0, 1]).all()
    assert len(read_campaign(undisturbed / FILES[0], shifts=[0, 3]).snr) == 0


@pytest.mark.slow
def test_shifts_are_in_the_order_of_the_interferometers(flat_noise: Path, tmp_path: Path) -> None:
    """Inference compares them with its own, which are in that order."""
    campaign(tmp_path, flat_noise, ifos=["V1", "H1", "L1"], shifts=[3, 0, 1], num_signals=3)
    read = read_campaign(tmp_path / FILES[0])
    assert read.ifos == ["V1", "H1", "L1"]
    assert (read.shift == [3, 0, 1]).all()


def test_the_snr_is_that_of_the_noise_that_was_given(undisturbed: Path) -> None:
    read = read_campaign(undisturbed / FILES[0])
    spectra = np.abs(np.fft.rfft(read.waveforms.astype(np.float64))[..., 32:256]) / RATE
    np.testing.assert_allclose(read.ifo_snrs, 2 * np.sqrt((spectra**2).sum(axis=-1)) / LEVEL, rtol=1e-6)


# --- where it stops -------------------------------------------------------------------------------------


def test_without_a_number_slide_1_is_made(flat_noise: Path, tmp_path: Path) -> None:
    report = campaign(tmp_path, flat_noise, num_signals=None, snr_threshold=1)
    held = len(plan_slots([Segment(START, END)], rule(), seed=7))
    assert report.num_signals == held
    assert (read_campaign(tmp_path / FILES[0]).shift == [0, 1]).all()


def test_a_livetime_ends_with_the_slide_that_completes_it(flat_noise: Path, tmp_path: Path) -> None:
    one = len(plan_slots([Segment(START, END)], rule(), seed=7))
    campaign(tmp_path, flat_noise, num_signals=None, livetime=184, snr_threshold=1)
    read = read_campaign(tmp_path / FILES[0])
    # slide 1 has 200 - 16 - 1 s
    assert set(read.shift[:, 1]) == {1, 2}
    assert (read.shift[:, 1] == 1).sum() == one


def test_more_than_fit_are_refused_before_any_work(flat_noise: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"num_signals = 100000 cannot be reached: at most \d+ injections"):
        campaign(tmp_path, flat_noise, num_signals=100_000)
    with pytest.raises(UsageError, match="no segment is long enough for a single injection"):
        campaign(tmp_path, flat_noise, end=START + 20)
    assert list(tmp_path.iterdir()) == []


def test_fewer_injections_of_a_slide_are_the_first_of_more(undisturbed: Path, flat_noise: Path, tmp_path: Path) -> None:
    campaign(tmp_path, flat_noise, num_signals=20)
    fewer, more = contents(tmp_path / FILES[0]), contents(undisturbed / FILES[0])
    for name, values in fewer.items():
        np.testing.assert_array_equal(values, more[name][:20], err_msg=name)
