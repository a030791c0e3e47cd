"""The noise that validation signals are measured in: curves, background, and what is refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest
from burst_runs import LEVEL, RATE, record_of, validate

from aframe_data.errors import DataQualityError, UsageError
from ledger_reader import read_validation_waveforms
from psd_strain import noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


# --- the files ----------------------------------------------------------------------------------------


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


# --- thresholds that are reached seldom or never ------------------------------------------------------


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


@pytest.mark.parametrize(("lowpass", "told"), [(None, True), (230, True), (180, False)])
def test_noise_that_a_filter_has_removed_near_the_nyquist_frequency_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, lowpass: float | None, told: bool
) -> None:
    """White noise, of which nothing is left above 220 Hz."""
    strain = {}
    for seed, ifo in enumerate(("H1", "L1")):
        spectrum = np.fft.rfft(noise(64, rate=RATE, level=LEVEL * np.sqrt(RATE / 2), seed=seed))
        spectrum[220 * 64 :] *= 1e-3
        strain[ifo] = np.fft.irfft(spectrum)
    path = write_strain(tmp_path, strain, rate=RATE)
    with caplog.at_level(logging.WARNING, logger="aframe_data"):
        validate(tmp_path, path, num_signals=2, lowpass=lowpass)
    warnings = [record.getMessage() for record in caplog.records if "filtered above" in record.getMessage()]
    assert len(warnings) == told
    if told:
        frequency = int(warnings[0].partition("--lowpass ")[2].partition(" ")[0])
        assert 217 <= frequency <= 221
