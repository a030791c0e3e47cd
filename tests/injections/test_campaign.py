"""Injection campaigns end to end: rows, times, shifts, sidereal time, the seed, what is there, bad arguments.

One segment and given noise; background has its own tests. Models are a stranger's bursts.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import h5py
import lal
import numpy as np
import pytest
from burst_runs import LEVEL, SIGNALS, assert_same_arrays, contents
from burst_waves import expected_responses, polarizations

from aframe_data import timeslide_waveforms
from aframe_data.errors import OutputExistsError, UsageError, WaveformError
from aframe_data.formats import ledger
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.timeslides.rule import SlideRule
from aframe_data.timeslides.slots import plan_slots
from aframe_data.types import Segment
from ledger_reader import BASE_FIELDS, read_campaign, read_rejected

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

START, END = 1240579783, 1240579783 + 200
RATE, SIZE = 512, 512
FILES = ("waveforms.hdf5", "rejected-parameters.hdf5")
TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 4, "buffer": 2, "jitter": 0.1, "psd_length": 16}


def campaign(folder: Path, noise: Path | None, **changes: Any) -> Any:
    """A campaign of forty injections, more than slide 1 holds."""
    settings = {**SIGNALS, **TIMES, "start": START, "end": END, "num_signals": 40, "psd": noise, "output_dir": folder}
    return timeslide_waveforms(**{**settings, **changes})


@pytest.fixture(scope="module")
def reference(bursts: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("reference")
    campaign(folder, flat_noise)
    return folder


def rule(ifos: tuple[str, ...] = ("H1", "L1"), shifts: tuple[float, ...] = (0.0, 1.0)) -> SlideRule:
    times = {name: TIMES[name] for name in ("spacing", "buffer", "jitter", "psd_length")}
    return SlideRule(ifos, shifts, **times, duration=1, right_pad=0.5)


# --- the files ------------------------------------------------------------------------------------------


def test_the_files_are_what_inference_and_plots_read(reference: Path) -> None:
    read, rejected = read_campaign(reference / FILES[0]), read_rejected(reference / FILES[1])
    assert sorted(path.name for path in reference.iterdir()) == sorted(FILES)
    assert (read.ifos, read.sample_rate, read.duration, read.right_pad) == (["H1", "L1"], RATE, 1, 0.5)
    assert read.waveforms.shape == (40, 2, SIZE)
    assert read.num_injections == 40 + len(rejected.snr)
    assert (read.snr >= 8).all()
    assert np.isfinite(read.waveforms).all()
    with h5py.File(reference / FILES[0]) as file:
        more = {"reference_frequency", "minimum_frequency", "snr", "ifo_snrs", "injection_time", "shift"}
        assert set(file["parameters"]) == {*BASE_FIELDS, *more}
        assert file["waveforms/h1"].chunks == (40, SIZE)
        assert file["waveforms/h1"].dtype == np.float32


def test_times_and_shifts_are_those_of_the_plan_in_its_order(reference: Path) -> None:
    read = read_campaign(reference / FILES[0])
    planned = TimeslideWaveforms(**{**SIGNALS, **TIMES}, start=START, end=END, psd="x", output_dir=reference).planned()
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


def test_whole_windows_lie_in_what_is_analysed(reference: Path) -> None:
    read = read_campaign(reference / FILES[0])
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


def test_a_span_and_a_slide_can_be_read(reference: Path) -> None:
    whole = read_campaign(reference / FILES[0])
    some = read_campaign(reference / FILES[0], start=START + 50, end=START + 150, shifts=[0, 1])
    assert 0 < len(some.snr) < (whole.shift == [0, 1]).all(axis=1).sum()
    assert (some.shift == [0, 1]).all()
    assert len(read_campaign(reference / FILES[0], shifts=[0, 3]).snr) == 0


@pytest.mark.slow
def test_shifts_are_in_the_order_of_the_interferometers(flat_noise: Path, tmp_path: Path) -> None:
    """Inference compares them with its own, which are in that order."""
    campaign(tmp_path, flat_noise, ifos=["V1", "H1", "L1"], shifts=[3, 0, 1], num_signals=3)
    read = read_campaign(tmp_path / FILES[0])
    assert read.ifos == ["V1", "H1", "L1"]
    assert (read.shift == [3, 0, 1]).all()


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


def test_fewer_injections_of_a_slide_are_the_first_of_more(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    campaign(tmp_path, flat_noise, num_signals=20)
    fewer, more = contents(tmp_path / FILES[0]), contents(reference / FILES[0])
    for name, values in fewer.items():
        np.testing.assert_array_equal(values, more[name][:20], err_msg=name)


# --- sidereal time --------------------------------------------------------------------------------------


def test_right_ascension_is_fixed_to_the_earth_by_default(reference: Path) -> None:
    read = read_campaign(reference / FILES[0])
    expected = expected_responses(read.parameters, read.ifos, RATE, SIZE, 256, gmst=np.zeros(40))
    # rounding of float32
    np.testing.assert_allclose(read.waveforms, expected, rtol=0, atol=2e-7 * np.abs(expected).max())


@pytest.fixture(scope="module")
def turning(bursts: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign of a day, so that the detectors turn once round."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("turning")
    campaign(folder, flat_noise, **TURNING)
    return folder


TURNING: dict[str, Any] = {"end": START + 86400, "spacing": 2000, "num_signals": 40, "true_right_ascension": True}


def test_true_right_ascension_is_seen_at_the_sidereal_time_of_the_injection(turning: Path) -> None:
    read = read_campaign(turning / FILES[0])
    gmst = np.array([lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in read.injection_time.tolist()])
    assert np.ptp(np.sin(gmst)) > 1.9
    expected = expected_responses(read.parameters, read.ifos, RATE, SIZE, 256, gmst=gmst)
    np.testing.assert_allclose(read.waveforms, expected, rtol=0, atol=2e-7 * np.abs(expected).max())
    fixed = expected_responses(read.parameters, read.ifos, RATE, SIZE, 256, gmst=np.zeros(40))
    assert np.abs(read.waveforms - fixed).max() > 0.1 * np.abs(expected).max()


def test_true_right_ascension_has_bilbys_patterns_and_delays(turning: Path) -> None:
    from bilby.gw.detector import get_empty_interferometer

    read = read_campaign(turning / FILES[0])
    for column, ifo in enumerate(read.ifos):
        detector = get_empty_interferometer(ifo)
        for row, time in enumerate(read.injection_time.tolist()):
            signal = {name: float(values[row]) for name, values in read.parameters.items()}
            place = (signal["ra"], signal["dec"])
            delay = detector.time_delay_from_geocenter(*place, time)
            patterns = [detector.antenna_response(*place, time, signal["psi"], mode) for mode in ("plus", "cross")]
            plus, cross = polarizations(signal, (np.arange(SIZE) - 256) / RATE - delay)
            expected = patterns[0] * plus + patterns[1] * cross
            # bilby's sidereal time differs from lal's by less than 1e-6, besides rounding of float32
            error = np.abs(read.waveforms[row, column] - expected).max()
            assert error < 1e-5 * max(np.abs(plus).max(), np.abs(cross).max())


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"workers": 2}, pytest.param({"full_evaluation": True}, marks=pytest.mark.slow)], ids=str
)
def test_turning_detectors_give_the_same_bits(
    turning: Path, flat_noise: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    campaign(tmp_path, flat_noise, **TURNING, **change)
    assert_same_arrays(tmp_path / FILES[0], turning / FILES[0])
    if "workers" in change:
        assert (tmp_path / FILES[1]).read_bytes() == (turning / FILES[1]).read_bytes()
    else:
        ours, theirs = (contents(folder / FILES[1])["parameters/ra"] for folder in (tmp_path, turning))
        np.testing.assert_array_equal(ours, theirs)


# --- the seed and what is there -------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [3])
def test_same_seed_same_bytes_for_any_number_of_workers(
    reference: Path, flat_noise: Path, tmp_path: Path, workers: int
) -> None:
    campaign(tmp_path, flat_noise, workers=workers)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (reference / name).read_bytes()


@pytest.mark.slow
def test_another_seed_gives_other_signals_at_other_times(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    campaign(tmp_path, flat_noise, seed=8)
    ours, theirs = read_campaign(tmp_path / FILES[0]), read_campaign(reference / FILES[0])
    assert not np.intersect1d(ours.parameters["ra"], theirs.parameters["ra"]).size
    assert (ours.injection_time != theirs.injection_time).all()
    np.testing.assert_allclose(ours.injection_time, theirs.injection_time, rtol=0, atol=0.2)


def test_the_same_command_again_does_nothing_and_another_is_refused(reference: Path, flat_noise: Path) -> None:
    assert campaign(reference, flat_noise).present
    assert campaign(reference, flat_noise, seed=None).seed == 7
    for change in ({"shifts": [0, 2]}, {"jitter": 0.2}, {"num_signals": 39}, {"end": END + 1}, {"buffer": 3}):
        with pytest.raises(OutputExistsError, match="--overwrite"):
            campaign(reference, flat_noise, **change)


@pytest.mark.slow
def test_an_interrupted_campaign_goes_on(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    needed = read_campaign(reference / FILES[0]).num_injections
    with pytest.raises(WaveformError, match=f"at most {needed - 1} are allowed"):
        campaign(tmp_path, flat_noise, max_draws=needed - 1)
    assert [path.name for path in tmp_path.iterdir()] == ["waveforms.hdf5.parts"]
    campaign(tmp_path, flat_noise, workers=2)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (reference / name).read_bytes()


def test_provenance_tells_the_times_and_the_noise(reference: Path) -> None:
    record = ledger.summarize(reference / FILES[0], check=False).record
    assert record is not None
    assert record["command"] == "timeslide-waveforms"
    times = record["identity"]["times"]
    assert times["segments"] == [[START, END]]
    assert (times["shifts"], times["spacing"], times["psd_length"]) == ([0, 1], 4, 16)
    assert "flat.txt" in str(record["noise"])


# --- arguments ------------------------------------------------------------------------------------------


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


def test_the_snr_is_that_of_the_noise_that_was_given(reference: Path) -> None:
    read = read_campaign(reference / FILES[0])
    spectra = np.abs(np.fft.rfft(read.waveforms.astype(np.float64))[..., 32:256]) / RATE
    np.testing.assert_allclose(read.ifo_snrs, 2 * np.sqrt((spectra**2).sum(axis=-1)) / LEVEL, rtol=1e-6)
