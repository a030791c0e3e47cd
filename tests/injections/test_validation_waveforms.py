"""Validation signals end to end: the file, its physics, the seed, counting, failing signals, bad arguments.

Models of a stranger's plugin make it quick; that rejection is exact is the matter of `test_rejection`.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import h5py
import lal
import numpy as np
import pytest
from burst_runs import LEVEL, assert_same_arrays, bursts, contents, flat_noise, validate
from burst_waves import expected_responses

from aframe_data.errors import DataQualityError, OutputExistsError, UsageError, WaveformError
from aframe_data.formats import ledger
from aframe_data.injections.validation import plan
from aframe_data.requests.validation import ValidationWaveforms
from ledger_reader import BASE_FIELDS, read_rejected, read_validation_waveforms
from psd_strain import noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bursts", "flat_noise"]
pytestmark = pytest.mark.usefixtures("bursts")

SIZE, RATE = 512, 512


@pytest.fixture(scope="module")
def reference(bursts: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run: ``val.hdf5`` and ``rejected.hdf5``."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("reference")
    validate(folder, flat_noise)
    return folder


def record_of(path: Path) -> dict[str, Any]:
    record = ledger.summarize(path, check=False).record
    assert record is not None
    return record


# --- the files ------------------------------------------------------------------------------------------


def test_the_file_is_what_validation_reads(reference: Path) -> None:
    read = read_validation_waveforms(reference / "val.hdf5")
    assert (read.ifos, read.sample_rate, read.duration, read.right_pad) == (["H1", "L1"], RATE, 1, 0.5)
    assert read.waveforms.shape == (40, 2, SIZE)
    assert np.isfinite(read.waveforms).all()
    assert all(np.isfinite(values).all() for values in read.parameters.values())
    assert (read.parameters["mass_1"] >= read.parameters["mass_2"]).all()
    assert (read.snr >= 8).all()
    np.testing.assert_array_equal(read.snr, np.sqrt((read.ifo_snrs**2).sum(axis=1)))


def test_fields_chunks_and_types_are_those_of_the_format(reference: Path) -> None:
    more = {"reference_frequency", "minimum_frequency", "snr", "ifo_snrs"}
    with h5py.File(reference / "val.hdf5") as file:
        assert set(file.attrs) >= {"length", "sample_rate", "duration", "right_pad", "num_injections", "ifos"}
        assert set(file["parameters"]) == {*BASE_FIELDS, *more}
        assert set(file["waveforms"]) == {"h1", "l1"}
        for dataset in file["waveforms"].values():
            assert (dataset.chunks, dataset.dtype) == ((40, SIZE), np.float32)
        assert set(file["parameters/minimum_frequency"][:]) == {20}
        assert set(file["parameters/reference_frequency"][:]) == {50}
    with h5py.File(reference / "rejected.hdf5") as file:
        assert set(file["parameters"]) == {*BASE_FIELDS, *more, "snr_is_estimate"}
        assert set(file) >= {"parameters"}
        assert bool(file.attrs["snr_estimated"]) is True


def test_rejected_draws_are_marked_where_their_snr_is_an_estimate(
    reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    rejected = read_rejected(reference / "rejected.hdf5")
    assert rejected.ifos == ["H1", "L1"]
    np.testing.assert_array_equal(rejected.snr, np.sqrt((rejected.ifo_snrs**2).sum(axis=1)))
    with h5py.File(reference / "rejected.hdf5") as file:
        flags = file["parameters/snr_is_estimate"][:]
    assert set(flags) == {0, 1}
    assert (rejected.snr[flags == 0] < 8).all()
    validate(tmp_path, flat_noise, full_evaluation=True, num_signals=2)
    with h5py.File(tmp_path / "rejected.hdf5") as file:
        assert bool(file.attrs["snr_estimated"]) is False
        assert not file["parameters/snr_is_estimate"][:].any()


def test_snrs_are_those_of_the_waveforms_in_the_file(reference: Path) -> None:
    """By plain sums over the FFT of what is stored: 1 s, flat noise, 32 Hz to Nyquist."""
    read = read_validation_waveforms(reference / "val.hdf5")
    frequencies = np.arange(SIZE // 2 + 1)
    counted = (frequencies >= 32) & (frequencies < 256)
    spectra = np.fft.rfft(read.waveforms.astype(np.float64)) / RATE
    squares = 4 * (np.abs(spectra[..., counted]) ** 2).sum(axis=-1) / LEVEL**2
    # rounding of float32, of hundreds of samples
    np.testing.assert_allclose(np.sqrt(squares), read.ifo_snrs, rtol=1e-6)


@pytest.mark.parametrize("band", [(60, None), (32, 150), (100, 101)])
def test_only_frequencies_in_the_band_count(flat_noise: Path, tmp_path: Path, band: tuple[float, float | None]) -> None:
    low, high = band
    validate(tmp_path, flat_noise, highpass=low, lowpass=high, snr_threshold=0.01, num_signals=5)
    read = read_validation_waveforms(tmp_path / "val.hdf5")
    frequencies = np.arange(SIZE // 2 + 1)
    counted = (frequencies >= low) & (frequencies < 256) & (frequencies <= (high or 256))
    spectra = np.fft.rfft(read.waveforms.astype(np.float64)) / RATE
    squares = 4 * (np.abs(spectra[..., counted]) ** 2).sum(axis=-1) / LEVEL**2
    np.testing.assert_allclose(np.sqrt(squares), read.ifo_snrs, rtol=1e-5)


def test_waveforms_are_the_model_as_lals_detectors_see_it(reference: Path) -> None:
    """Sine-Gaussians in closed form, with lal's patterns and travel times and `ra` fixed to the Earth."""
    read = read_validation_waveforms(reference / "val.hdf5")
    expected = expected_responses(read.parameters, read.ifos, RATE, SIZE, 256, gmst=np.zeros(40))
    assert np.abs(expected).max() > 1e-22
    # rounding of float32; a burst's spectrum has fallen to exp(-30) at the Nyquist frequency
    np.testing.assert_allclose(read.waveforms, expected, rtol=0, atol=2e-7 * np.abs(expected).max())


@pytest.mark.slow
def test_columns_are_in_the_order_of_the_interferometers_as_many_as_wanted(
    reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    validate(tmp_path, flat_noise, ifos=["L1", "H1"])
    assert_same_arrays(tmp_path / "val.hdf5", reference / "val.hdf5", besides=("parameters/ifo_snrs",))
    ours, theirs = (contents(folder / "val.hdf5")["parameters/ifo_snrs"] for folder in (tmp_path, reference))
    np.testing.assert_array_equal(ours, theirs[:, ::-1])
    for ifos in (["V1", "K1", "H1"], ["L1"]):
        folder = tmp_path / ifos[0]
        validate(folder, flat_noise, ifos=ifos, num_signals=3)
        read = read_validation_waveforms(folder / "val.hdf5")
        assert read.ifos == ifos
        # Its reader has the waveforms by the names of the detectors, as Aframe's has.
        expected = expected_responses(read.parameters, sorted(ifos), RATE, SIZE, 256, gmst=np.zeros(3))
        np.testing.assert_allclose(read.waveforms, expected, rtol=0, atol=2e-7 * np.abs(expected).max())
        assert lal.cached_detector_by_prefix[ifos[0]] is not None


def test_float64_is_there_for_who_wants_it(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    validate(tmp_path, flat_noise, dtype="float64", num_signals=5)
    ours, theirs = contents(tmp_path / "val.hdf5"), contents(reference / "val.hdf5")
    assert ours["waveforms/h1"].dtype == np.float64
    np.testing.assert_array_equal(ours["waveforms/h1"].astype(np.float32), theirs["waveforms/h1"][:5])


@pytest.mark.slow
def test_each_interferometer_is_measured_in_its_own_noise(flat_noise: Path, tmp_path: Path) -> None:
    loud = tmp_path / "loud.txt"
    np.savetxt(loud, [(frequency, 100 * LEVEL) for frequency in range(1, 4097)])
    validate(tmp_path, flat_noise, psd={"H1": flat_noise, "L1": loud}, num_signals=5)
    read = read_validation_waveforms(tmp_path / "val.hdf5")
    validate(tmp_path / "list", flat_noise, psd=[f"L1={loud}", f"H1={flat_noise}"], num_signals=5)
    assert read_validation_waveforms(tmp_path / "list" / "val.hdf5").snr.tolist() == read.snr.tolist()
    spectra = np.abs(np.fft.rfft(read.waveforms.astype(np.float64))[..., 32:256]) / RATE
    expected = 2 * np.sqrt((spectra**2).sum(axis=-1)) / [LEVEL, 100 * LEVEL]
    np.testing.assert_allclose(read.ifo_snrs, expected, rtol=1e-6)


def test_provenance_tells_how_the_file_was_made(reference: Path, flat_noise: Path) -> None:
    record = record_of(reference / "val.hdf5")
    assert record["command"] == "validation-waveforms"
    arguments = record["arguments"]
    assert arguments["snr_threshold"] == 8
    assert arguments["ifos"] == ["H1", "L1"]
    assert str(flat_noise) in str(arguments["psd"])
    assert str(flat_noise) in str(record["noise"])
    assert str(flat_noise) not in str(record["identity"])
    assert arguments["seed"] == 7
    assert record["cosmology"] == "Planck15"
    assert record["estimates"]["draws"] >= 200
    report = record["report"]
    assert (report["accepted"], report["failures"]) == (40, [])
    assert record == record_of(reference / "rejected.hdf5")


def test_the_rejected_parameters_need_not_be_kept(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    report = validate(tmp_path, flat_noise, rejected_file=None)
    assert report.rejected_path is None
    assert [path.name for path in tmp_path.iterdir()] == ["val.hdf5"]
    assert (tmp_path / "val.hdf5").read_bytes() == (reference / "val.hdf5").read_bytes()


# --- counting -------------------------------------------------------------------------------------------


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
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name][:dropped], err_msg=name)


def test_all_draws_may_be_accepted(flat_noise: Path, tmp_path: Path) -> None:
    report = validate(tmp_path, flat_noise, snr_threshold=0, num_signals=3)
    assert report.num_injections == 3
    assert len(read_rejected(tmp_path / "rejected.hdf5").snr) == 0
    assert read_validation_waveforms(tmp_path / "val.hdf5").num_injections == 3


# --- the seed -------------------------------------------------------------------------------------------


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


# --- what is there already ------------------------------------------------------------------------------


def test_the_same_command_again_does_nothing(reference: Path, flat_noise: Path) -> None:
    before = [path.stat().st_mtime_ns for path in sorted(reference.iterdir())]
    report = validate(reference, flat_noise)
    assert report.present
    assert report.num_injections == read_validation_waveforms(reference / "val.hdf5").num_injections
    assert [path.stat().st_mtime_ns for path in sorted(reference.iterdir())] == before


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"num_signals": 39},
        {"snr_threshold": 7},
        {"highpass": 33},
        {"lowpass": 200},
        {"ifos": ["H1", "V1"]},
        {"dtype": "float64"},
        {"full_evaluation": True},
        {"generator_options": {"fail_above": 49}},
    ],
    ids=str,
)
def test_another_request_is_refused_before_any_work(reference: Path, flat_noise: Path, change: dict[str, Any]) -> None:
    before = (reference / "val.hdf5").read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        validate(reference, flat_noise, **change)
    assert (reference / "val.hdf5").read_bytes() == before


def test_noise_that_changed_is_another_request(flat_noise: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    shutil.copy(flat_noise, mine)
    validate(tmp_path, mine, num_signals=2)
    assert validate(tmp_path, mine, num_signals=2).present
    np.savetxt(mine, [(frequency, 1.1 * LEVEL) for frequency in range(1, 4097)])
    with pytest.raises(OutputExistsError, match=r"noise.*sha256"):
        validate(tmp_path, mine, num_signals=2)


@pytest.mark.parametrize("gone", ["val.hdf5", "rejected.hdf5"])
def test_one_file_of_two_is_not_taken_for_both(reference: Path, flat_noise: Path, tmp_path: Path, gone: str) -> None:
    for path in reference.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(OutputExistsError, match="what belongs to it is gone"):
        validate(tmp_path, flat_noise)
    validate(tmp_path, flat_noise, overwrite=True)
    assert (tmp_path / gone).read_bytes() == (reference / gone).read_bytes()


@pytest.mark.parametrize(("name", "item"), [("val.hdf5", "waveforms/l1"), ("rejected.hdf5", "parameters/ra")])
def test_a_damaged_file_is_told(reference: Path, flat_noise: Path, tmp_path: Path, name: str, item: str) -> None:
    for path in reference.iterdir():
        shutil.copy(path, tmp_path)
    with h5py.File(tmp_path / name, "r+") as file:
        file[item][17] += 1
    with pytest.raises(OutputExistsError, match=rf"{name}.*changed"):
        validate(tmp_path, flat_noise)


def test_a_file_that_is_no_ledger_is_not_touched(flat_noise: Path, tmp_path: Path) -> None:
    (tmp_path / "rejected.hdf5").write_text("my notes")
    with pytest.raises(OutputExistsError):
        validate(tmp_path, flat_noise)
    assert (tmp_path / "rejected.hdf5").read_text() == "my notes"
    assert [path.name for path in tmp_path.iterdir()] == ["rejected.hdf5"]


# --- thresholds that are reached seldom or never --------------------------------------------------------


def test_a_threshold_that_is_never_reached_ends_with_an_error_and_a_warning_at_once(
    flat_noise: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Trap 4."""
    with pytest.raises(WaveformError) as told:
        validate(tmp_path, flat_noise, snr_threshold=10_000, max_draws=500)
    assert "none of 500 draws reaches the SNR threshold of 10000" in str(told.value)
    assert "allowed are 500" in str(told.value)
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
    assert f"allowed are {needed - 1}" in str(told.value)
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


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_noise_that_is_none_is_refused_before_the_work(flat_noise: Path, tmp_path: Path, bad: float) -> None:
    """Trap 4: one NaN in a PSD is enough; outside the band it does not matter."""
    table = np.insert(np.loadtxt(flat_noise), 1, (100, bad), axis=0)
    np.savetxt(tmp_path / "bad.txt", table)
    with pytest.raises((UsageError, DataQualityError), match=r"bad\.txt") as told:
        validate(tmp_path, tmp_path / "bad.txt")
    assert "\n" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.txt"]


def test_one_nan_in_the_background_is_told_before_the_work(tmp_path: Path) -> None:
    strain = {ifo: noise(64, rate=512, level=LEVEL * 16) for ifo in ("H1", "L1")}
    strain["L1"][10_000] = np.nan
    path = write_strain(tmp_path, strain, rate=512)
    with pytest.raises(DataQualityError, match=r"background-1240579783-64\.hdf5.*(finite|NaN)") as told:
        validate(tmp_path, path)
    assert "\n" not in str(told.value)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_the_noise_may_be_a_background_file_whose_span_is_kept(tmp_path: Path) -> None:
    """Trap 7. White noise of variance v has the density 2 v / rate; the median of 127 segments scatters by 1 %."""
    level = LEVEL * np.sqrt(RATE / 2)
    path = write_strain(tmp_path, {ifo: noise(64, rate=512, level=level, seed=2) for ifo in ("H1", "L1")}, rate=512)
    validate(tmp_path, path, num_signals=5)
    read = read_validation_waveforms(tmp_path / "val.hdf5")
    spectra = np.abs(np.fft.rfft(read.waveforms.astype(np.float64))[..., 32:256]) / RATE
    expected = 2 * np.sqrt((spectra**2).sum(axis=-1)) / LEVEL
    np.testing.assert_allclose(read.ifo_snrs, expected, rtol=0.05)
    kept = record_of(tmp_path / "val.hdf5")["identity"]["noise"]
    assert "1240579783" in str(kept)
    assert "1240579847" in str(kept)


# --- signals that fail ----------------------------------------------------------------------------------


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


# --- arguments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"num_signals": 0}, "num_signals = 0"),
        ({"max_draws": 39}, "max_draws = 39 is not allowed, only whole numbers of at least 40"),
        ({"snr_threshold": -1}, "snr_threshold = -1"),
        ({"snr_threshold": float("nan")}, "snr_threshold = nan"),
        ({"snr_threshold": float("inf")}, "snr_threshold = inf"),
        ({"highpass": 256}, "highpass = 256.*Nyquist"),
        ({"highpass": 0}, "highpass = 0"),
        ({"lowpass": 20}, "lowpass = 20"),
        ({"highpass": 100.2, "lowpass": 100.7}, "no frequency"),
        ({"ifos": []}, "interferometer"),
        ({"ifos": ["H1", "H1"]}, "H1"),
        ({"ifos": ["H1", "X9"]}, "X9"),
        ({"ifos": ["H1", "l1"]}, "Did you mean 'L1'"),
        ({"right_pad": 1}, "right_pad = 1 must be below"),
        ({"waveform_duration": 1.0001}, "not a whole number"),
        ({"max_failed_fraction": 2}, "from 0 to 1"),
        ({"seed": -1}, "seed = -1"),
        ({"dtype": "float16"}, "only one of float32, float64"),
        ({"prior": "skye"}, "Did you mean 'sky'"),
        ({"generator": "brust"}, "Did you mean 'burst'"),
        ({"psd": "nowhere.txt"}, "nowhere.txt"),
        ({"psd": []}, "no PSD was given"),
        ({"psd": {"H1": "aLIGOZeroDetHighPower"}}, "L1"),
        ({"psd": {"V1": "aLIGOZeroDetHighPower"}}, "V1"),
        ({"workers": -1}, "workers = -1"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_and_nothing_is_written(
    flat_noise: Path, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as told:
        validate(tmp_path, flat_noise, **change)
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_both_outputs_must_be_two_files(flat_noise: Path, tmp_path: Path) -> None:
    for name in ("val.hdf5", "sub/../val.hdf5"):
        (tmp_path / "sub").mkdir(exist_ok=True)
        with pytest.raises(UsageError, match="must be two files"):
            validate(tmp_path, flat_noise, rejected_file=tmp_path / name)


def test_a_plan_writes_nothing(flat_noise: Path, tmp_path: Path) -> None:
    settings = {"prior": "sky", "generator": "burst", "ifos": ["H1"], "sample_rate": 512, "waveform_duration": 1}
    output = tmp_path / "new" / "val.hdf5"
    planned = plan(ValidationWaveforms(**settings, num_signals=10, right_pad=0.5, psd=flat_noise, output_file=output))
    assert planned.nbytes == 10 * (SIZE * 4 + 18 * 8)
    assert planned.identity["num_signals"] == 10
    assert list(tmp_path.iterdir()) == []
