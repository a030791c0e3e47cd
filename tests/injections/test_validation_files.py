"""What is in the files of validation signals: fields, physics, SNRs, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import lal
import numpy as np
import pytest
from burst_runs import LEVEL, RATE, SIZE, assert_same_arrays, contents, record_of, validate
from burst_waves import expected_responses

from ledger_reader import BASE_FIELDS, read_rejected, read_validation_waveforms

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


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
