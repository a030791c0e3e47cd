"""Files of spectra: gwpy reads ours, we read gwpy's and PyCBC's, and damage is told."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError
from aframe_data.formats import psd
from aframe_data.formats.kinds import kind_of
from aframe_data.types import PowerSpectra

RECORD = {"software": "aframe-data", "version": "0.1.0", "command": "psd", "arguments": {}}
FREQUENCIES = np.arange(1025) / 8
VALUES = np.random.default_rng(0).exponential(1e-46, (2, 1025))


@pytest.fixture
def psd_file(tmp_path):
    path = tmp_path / "psd.hdf5"
    psd.write_spectra(path, PowerSpectra(("H1", "L1"), FREQUENCIES, VALUES), RECORD)
    return path


def test_gwpy_reads_each_interferometer(psd_file):
    from gwpy.frequencyseries import FrequencySeries

    for number, ifo in enumerate(("H1", "L1")):
        series = FrequencySeries.read(psd_file, path=ifo)
        np.testing.assert_array_equal(series.value, VALUES[number])
        np.testing.assert_array_equal(series.frequencies.value, FREQUENCIES)
        assert (str(series.unit), series.name) == ("1 / Hz", ifo)


def test_what_was_written_is_read_back(psd_file):
    spectra = psd.read_spectra(psd_file)
    assert spectra.ifos == ("H1", "L1")
    np.testing.assert_array_equal(spectra.frequencies, FREQUENCIES)
    np.testing.assert_array_equal(spectra.values, VALUES)
    np.testing.assert_array_equal(spectra.of("L1"), VALUES[1])
    assert spectra.record == RECORD
    assert psd.summarize(psd_file).intact
    with h5py.File(psd_file) as file:
        assert json.loads(file.attrs["provenance"]) == RECORD


def test_the_file_says_the_spacing_as_aframe_reads_it(psd_file):
    with h5py.File(psd_file) as file:
        assert file.attrs["df"] == 1 / 8
        assert file.attrs.get_id("df").dtype == np.float64
        assert {ifo: file[ifo].dtype for ifo in ("H1", "L1")} == dict.fromkeys(("H1", "L1"), np.float64)


@pytest.mark.parametrize(("seconds", "rate"), [(8, 2048), (3, 2048), (2.2, 1000), (0.3, 4000), (49, 16384)])
def test_df_is_one_over_the_duration_to_the_last_bit(tmp_path, seconds, rate):
    frequencies = np.arange(round(seconds * rate) // 2 + 1) / seconds
    psd.write_spectra(tmp_path / "psd.hdf5", PowerSpectra(("H1",), frequencies, np.ones((1, len(frequencies)))), RECORD)
    with h5py.File(tmp_path / "psd.hdf5") as file:
        assert file.attrs["df"] == 1 / seconds


def test_files_of_version_0_1_0_are_read(psd_file):
    with h5py.File(psd_file, "a") as file:
        del file.attrs["df"]
    np.testing.assert_array_equal(psd.read_spectra(psd_file).frequencies, FREQUENCIES)
    assert psd.summarize(psd_file).intact


def write_of_aframe(path):
    """As Aframe's script does: the spacing at the root, and datasets without attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["df"] = 1 / 8
        file["H1"], file["L1"] = VALUES
        file["notes/H1"] = VALUES[0]
        file["table"] = VALUES
    return path


def test_files_of_aframe_are_read(psd_file, tmp_path):
    path = write_of_aframe(tmp_path / "aframe.hdf5")
    assert kind_of(path) == "psd"
    spectra = psd.read_spectra(path)
    assert spectra.ifos == ("H1", "L1")
    np.testing.assert_array_equal(spectra.frequencies, FREQUENCIES)
    np.testing.assert_array_equal(spectra.values, VALUES)
    found = psd.summarize(path)
    assert (found.intact, found.record, found.sha256) == (None, None, psd.summarize(psd_file).sha256)


def test_datasets_without_attributes_are_no_spectra_where_the_file_does_not_say_so(tmp_path):
    path = write_of_aframe(tmp_path / "aframe.hdf5")
    with h5py.File(path, "a") as file:
        del file.attrs["df"]
    assert kind_of(path) == "other"
    with pytest.raises(DataQualityError, match="holds no spectra"):
        psd.summarize(path)


def test_the_record_is_read_alone(psd_file, tmp_path):
    assert psd.read_record(psd_file) == RECORD
    assert psd.read_record(write_of_aframe(tmp_path / "aframe.hdf5")) is None
    psd_file.write_text("my notes")
    with pytest.raises(DataQualityError, match="cannot be read as a file of spectra"):
        psd.read_record(psd_file)


def test_the_same_spectra_give_the_same_bytes(psd_file, tmp_path):
    again = tmp_path / "again.hdf5"
    psd.write_spectra(again, PowerSpectra(("H1", "L1"), FREQUENCIES, VALUES), RECORD)
    assert again.read_bytes() == psd_file.read_bytes()


def test_a_changed_density_is_told(psd_file):
    with h5py.File(psd_file, "a") as file:
        file["L1"][7] = 1e-40
    assert psd.summarize(psd_file).intact is False


def test_files_of_gwpy_are_read(tmp_path):
    from gwpy.frequencyseries import FrequencySeries

    path = tmp_path / "gwpy.hdf5"
    for ifo, first in (("H1", 0), ("L1", 10)):
        series = FrequencySeries(
            VALUES[0], f0=first, df=0.25, unit="strain^2/Hz", name=ifo, channel=f"{ifo}:X", epoch=1
        )
        series.write(path, path=ifo, append=True)
    found = psd.summarize(path)
    assert list(found.series) == ["H1", "L1"]
    assert (found.record, found.intact) == (None, None)
    np.testing.assert_array_equal(found.series["L1"].values, VALUES[0])
    np.testing.assert_array_equal(found.series["L1"].frequencies, 10 + np.arange(1025) / 4)
    with pytest.raises(DataQualityError, match="on different grids"):
        psd.read_spectra(path)


def test_a_file_of_pycbc_is_read(shared_data):
    found = psd.summarize(shared_data / "psd" / "mlgwsc1_H1_psd-0.hdf").series["data"]
    assert (found.spacing, found.frequencies[-1]) == (1, 1024)
    assert 1e-48 < found.values[100] < 1e-44


def test_the_names_of_old_gwpy_are_read(tmp_path):
    path = tmp_path / "old.hdf5"
    with h5py.File(path, "w") as file:
        file["H1"] = VALUES[0]
        file["H1"].attrs.update({"f0": 5.0, "df": 0.5})
    assert list(psd.summarize(path).series["H1"].frequencies[:2]) == [5, 5.5]


def _no_spacing(file):
    del file["H1"].attrs["dx"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_no_spacing, "cannot be read as a file of spectra"),
        (lambda file: file["H1"].attrs.update(dx="wide"), "cannot be read as a file of spectra"),
        (lambda file: file["H1"].attrs.update(dx=0.0), "no spectrum in H1: its frequencies do not ascend"),
        (lambda file: [file.pop(name) for name in ("H1", "L1")], "holds no spectra"),
    ],
    ids=["no spacing", "no number", "zero", "empty"],
)
def test_what_is_no_file_of_spectra_is_an_error(psd_file, change, message):
    with h5py.File(psd_file, "a") as file:
        change(file)
    with pytest.raises(DataQualityError, match=message):
        psd.summarize(psd_file)


@pytest.mark.parametrize("keep", [100, 1500, 12_000])
def test_a_truncated_file_is_an_error(psd_file, keep):
    psd_file.write_bytes(psd_file.read_bytes()[:keep])
    with pytest.raises(DataQualityError, match=r"psd\.hdf5"):
        psd.summarize(psd_file)


def test_nothing_is_left_where_writing_fails(tmp_path):
    with pytest.raises(TypeError):
        psd.write_spectra(tmp_path / "psd.hdf5", PowerSpectra(("H1",), FREQUENCIES, VALUES[:1]), {1: {2}, "b": 3})
    assert list(tmp_path.iterdir()) == []
