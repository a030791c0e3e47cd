"""Curves, tables and files of spectra as the noise of a detector, and what is refused."""

from __future__ import annotations

import hashlib

import h5py
import numpy as np
import pytest
from given_noise import FREQUENCIES, INSIDE, RATE, SIZE, find, load, spectra_file

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import psd
from aframe_data.psd.band import Band
from aframe_data.psd.curves import load_curve


def test_a_curve_is_taken_at_the_windows_frequencies():
    found = load("aLIGOZeroDetHighPower")
    np.testing.assert_allclose(
        found.values[0, INSIDE], load_curve("aLIGOZeroDetHighPower").amplitude(FREQUENCIES[INSIDE]) ** 2, rtol=1e-12
    )
    assert np.isfinite(found.values).all()
    assert found.record == {"H1": {"given": "aLIGOZeroDetHighPower", "kind": "curve"}}
    assert find("aLIGOZeroDetHighPower")["H1"].identity == found.record["H1"]


def test_a_formula_reaches_as_low_as_the_band():
    assert load("aLIGOZeroDetHighPower", band=Band(5)).values[0, 20] > 0
    with pytest.raises(UsageError, match=r"covers 10\.3125 to 4989\.94 Hz, and 5 to 127\.75 Hz are needed: --highpass"):
        load("aLIGO140MpcT1800545", band=Band(5))


def test_amplitude_and_power_of_the_same_curve_are_the_same(tmp_path):
    amplitude, power = tmp_path / "a.txt", tmp_path / "p.txt"
    amplitude.write_text("# f asd\n10 1e-22\n100 1e-23\n1000 1e-22\n")
    power.write_text("10,1e-44\n100,1e-46\n1000,1e-44\n")
    found = load(f"H1={amplitude}", f"L1={power}", ifos=("H1", "L1"))
    np.testing.assert_allclose(found.of("H1"), found.of("L1"), rtol=1e-12)
    # A straight line in the logarithms: 1e-46 * (f / 100)**-2 below 100 Hz.
    np.testing.assert_allclose(found.of("H1")[INSIDE][:100], 1e-42 / FREQUENCIES[INSIDE][:100] ** 2, rtol=1e-9)
    assert [found.record[ifo]["kind"] for ifo in found.ifos] == ["asd file", "psd file"]
    assert len({found.record[ifo]["sha256"] for ifo in found.ifos}) == 2
    content = hashlib.sha256(amplitude.read_bytes()).hexdigest()
    assert find(amplitude)["H1"].identity == {"kind": "asd file", "sha256": content}


def test_the_measured_noise_of_the_third_run_is_read(shared_data):
    files = {ifo: str(shared_data / "psd" / f"aligo_O3actual_{ifo}.txt") for ifo in ("H1", "L1")}
    given = [f"{ifo}={path}" for ifo, path in files.items()]
    found = load(*given, ifos=("H1", "L1"), size=16384, sample_rate=2048, band=Band(32))
    table = np.loadtxt(files["L1"])
    np.testing.assert_allclose(found.of("L1")[800], table[table[:, 0] == 100, 1] ** 2, rtol=1e-9)


def test_spectra_of_a_file_are_interpolated_linearly(tmp_path):
    values = 1e-46 * (1 + np.arange(400.0))
    found = load(spectra_file(tmp_path, values))
    np.testing.assert_allclose(found.values[0], 1e-46 * (1 + FREQUENCIES / 0.5), rtol=1e-12)
    assert found.record["H1"]["kind"] == "psd file"


def test_spectra_are_the_same_under_another_path(tmp_path):
    path = spectra_file(tmp_path, np.full(400, 1e-46))
    before = find(path)["H1"].identity
    assert before == {"kind": "psd file", "sha256": psd.summarize(path).sha256, "df": 0.5}
    assert find(path.rename(tmp_path / "other.hdf5"))["H1"].identity == before


def test_only_other_frequencies_than_the_windows_are_told(tmp_path):
    values = np.full(SIZE // 2 + 1, 1e-46)
    same, other = (find(spectra_file(tmp_path, values, spacing=df))["H1"] for df in (RATE / SIZE, 0.5))
    assert (same.other_df, other.other_df) == (None, 0.5)
    # The densities, and so their hash, are the same.
    assert "df" not in same.identity
    assert other.identity == {**same.identity, "df": 0.5}


def test_a_file_of_aframe_gives_what_the_same_file_of_ours_does(tmp_path):
    values = np.random.default_rng(0).exponential(1e-46, SIZE // 2 + 1)
    ours = spectra_file(tmp_path, values, spacing=RATE / SIZE, ifos=("H1", "L1"))
    theirs = tmp_path / "theirs.hdf5"
    with h5py.File(theirs, "w") as file:
        file.attrs["df"] = RATE / SIZE
        file["H1"] = file["L1"] = values
    found, expected = (load(path, ifos=("H1", "L1")) for path in (theirs, ours))
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.values[0, INSIDE], values[INSIDE])
    assert find(theirs)["H1"].identity == find(ours)["H1"].identity


def test_amplitudes_in_a_file_of_gwpy_are_told_by_their_size(tmp_path):
    found = load(spectra_file(tmp_path, np.full(400, 1e-23)))
    np.testing.assert_allclose(found.values[0], 1e-46)
    assert found.record["H1"]["kind"] == "asd file"


def test_a_file_of_pycbc_serves_the_interferometer_it_is_given_for(shared_data):
    files = [f"{ifo}={shared_data / 'psd' / f'mlgwsc1_{ifo}_psd-0.hdf'}" for ifo in ("H1", "L1")]
    found = load(*files, ifos=("H1", "L1"))
    with h5py.File(files[1].removeprefix("L1=")) as file:
        np.testing.assert_allclose(found.of("L1")[INSIDE][::4], file["data"][20:128], rtol=1e-12)


def test_what_the_band_leaves_out_may_be_anything(tmp_path):
    values = np.full(400, 1e-46)
    values[:39], values[0] = np.nan, 0
    values[300:] = 0
    found = load(spectra_file(tmp_path, values))
    assert np.all(found.values[0, INSIDE] == 1e-46)
    assert np.all(found.values > 0)
    assert not np.isnan(found.values).any()


@pytest.mark.parametrize("value", [0.0, -1e-46, np.nan, np.inf])
@pytest.mark.parametrize("index", [40, 100, 255])
def test_a_density_that_is_not_finite_and_positive_in_the_band_is_refused(tmp_path, value, index):
    values = np.full(400, 1e-46)
    values[index] = value
    with pytest.raises(UsageError, match=r"of H1 is not finite and above zero at . of \d+ frequencies in the band"):
        load(spectra_file(tmp_path, values))
    load(spectra_file(tmp_path, values), band=Band(50.5, 127) if index == 100 else Band(21, 127))


def test_spectra_that_end_in_the_band_are_refused(tmp_path):
    path = spectra_file(tmp_path, np.full(201, 1e-46))
    with pytest.raises(UsageError, match=r"covers 0 to 100 Hz, and 20 to 127\.75 Hz are needed: --highpass and --low"):
        load(path)
    assert np.all(load(path, band=Band(20, 100)).values == 1e-46)


def test_a_changed_file_of_ours_is_refused(tmp_path):
    path = spectra_file(tmp_path, np.full(400, 1e-46))
    with h5py.File(path, "a") as file:
        file["H1"][100] = 2e-46
    with pytest.raises(DataQualityError, match="changed since it was written"):
        load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("aLIGOZeroDetHighPowr", "unknown noise curve 'aLIGOZeroDetHighPowr'. Did you mean 'aLIGOZeroDetHighPower'"),
        ("{folder}/nothing.hdf5", "there is no such file, nor a curve of that name"),
        ("{folder}", r"empty\.hdf5' is an HDF5 file of another kind; a background file, as written by"),
        ("/dev/null", "is neither a file nor a folder"),
        ("{folder}/prose.txt", "line 1: 'once upon a time' is not a frequency and a density"),
        ("{folder}/counts.txt", "its lowest value, 1, is not plausible for a detector's strain"),
        ("{folder}/binary", "cannot be read as text"),
        ("{folder}/empty.hdf5", "is an HDF5 file of another kind; a background file, as written by"),
    ],
)
def test_what_is_no_noise_is_refused(tmp_path, text, message):
    (tmp_path / "prose.txt").write_text("once upon a time\n")
    (tmp_path / "counts.txt").write_text("10 1\n1000 1\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    h5py.File(tmp_path / "empty.hdf5", "w").close()
    with pytest.raises(UsageError, match=message):
        load(text.format(folder=tmp_path))


def test_spectra_of_another_interferometer_are_refused(tmp_path):
    path = spectra_file(tmp_path, np.full(400, 1e-46), ifos=("H1", "L1"))
    with pytest.raises(UsageError, match="holds spectra of H1, L1, and none of V1"):
        load(path, ifos=("H1", "V1"))
    alone = spectra_file(tmp_path, np.full(400, 1e-46), name="alone.hdf5")
    with pytest.raises(UsageError, match="holds spectra of H1, and none of L1"):
        load(alone, ifos=("L1",))


def test_a_band_between_two_frequencies_is_refused():
    with pytest.raises(UsageError, match=r"no frequency of a window of 4 s lies in the band 20\.05 to 20\.1 Hz"):
        load("aLIGOZeroDetHighPower", band=Band(20.05, 20.1))
