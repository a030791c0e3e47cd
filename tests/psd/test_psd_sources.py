"""What a user may give as the noise of a detector, and what is refused."""

from __future__ import annotations

import hashlib

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import background, psd
from aframe_data.injections.noise import given_texts
from aframe_data.psd.assignment import assign
from aframe_data.psd.band import Band
from aframe_data.psd.curves import load_curve
from aframe_data.psd.grid import Grid
from aframe_data.psd.sources import find_sources, load_spectra
from aframe_data.psd.spectra import filtered_from
from aframe_data.requests.signals import noise_given
from aframe_data.types import PowerSpectra
from psd_strain import START, gwosc_strain, noise, write_strain

RATE, SIZE = 256, 1024
FREQUENCIES = np.fft.rfftfreq(SIZE, 1 / RATE)
BAND = Band(20)
INSIDE = (FREQUENCIES >= 20) & (FREQUENCIES < 128)


def load(*given, ifos=("H1",), size=SIZE, sample_rate=RATE, band=BAND):
    return load_spectra([str(item) for item in given], ifos, Grid(size, sample_rate, band))


def find(*given, ifos=("H1",), size=SIZE, sample_rate=RATE, band=BAND):
    return find_sources([str(item) for item in given], ifos, Grid(size, sample_rate, band))


@pytest.fixture
def strain_file(tmp_path):
    return write_strain(tmp_path, {"H1": noise(60, seed=1), "L1": noise(60, seed=2, level=3e-22)})


# --- background -----------------------------------------------------------------------------------------


def test_real_strain_gives_gwpys_estimate_at_the_windows_frequencies(shared_data, tmp_path):
    from gwpy.timeseries import TimeSeries

    samples, start = gwosc_strain(shared_data / "strain" / "H-H1_LOSC_4_V2-1126259446-32.hdf5")
    path = write_strain(tmp_path, {"H1": samples}, rate=4096, start=start)
    found = load(path, size=8192, sample_rate=2048)
    expected = TimeSeries(samples, sample_rate=4096).psd(fftlength=4, method="median", window="hann")
    assert found.values.shape == (1, 4097)
    # The strain has twice the asked rate: the frequencies are the same, and half of them.
    np.testing.assert_allclose(found.values[0], expected.value[:4097], rtol=1e-10)
    np.testing.assert_array_equal(found.frequencies, expected.frequencies.value[:4097])


def test_the_record_tells_the_span_that_was_used(strain_file):
    record = load(strain_file, ifos=("H1", "L1"), size=7 * RATE).record
    assert list(record) == ["H1", "L1"]
    assert record["L1"]["given"] == record["L1"]["path"] == str(strain_file)
    assert record["L1"]["kind"] == "background"
    # Segments of 7 s start every 3.5 s: the last one of 60 s ends at 59.5 s.
    assert record["L1"]["span"] == [START, START + 59.5]
    with h5py.File(strain_file) as file:
        assert record["L1"]["content_sha256"] == file.attrs["content_sha256"]


def test_each_interferometer_gets_its_own_strain(strain_file):
    found = load(strain_file, ifos=("H1", "L1"))
    # White noise has the one-sided density 2 sigma**2 / rate; the median of 433 frequencies scatters by 2 %.
    assert np.median(found.of("H1")[INSIDE]) == pytest.approx(2e-44 / RATE, rel=0.1)
    assert np.median(found.of("L1")[INSIDE]) == pytest.approx(18e-44 / RATE, rel=0.1)


@pytest.mark.parametrize(("ifo", "bad"), [("H1", {700: np.nan, 900: np.inf, 901: np.nan}), ("L1", {5: np.nan})])
def test_strain_that_is_not_finite_is_named(strain_file, ifo, bad):
    with h5py.File(strain_file, "a") as file:
        for index, value in bad.items():
            file[ifo][index] = value
    first = START + min(bad) / RATE
    message = rf"60\.hdf5 has {len(bad)} samples that are not finite in {ifo}, the first at GPS {first:.16g}:"
    with pytest.raises(DataQualityError, match=message):
        load(strain_file, ifos=("H1", "L1"))


def test_what_no_segment_reaches_is_not_asked_for(strain_file):
    with h5py.File(strain_file, "a") as file:
        file["H1"][-1] = np.nan
    assert np.isfinite(load(strain_file, size=7 * RATE).values[0, 1:]).all()


@pytest.mark.parametrize(("first", "seconds"), [(10, 4), (10.5, 1), (10.5, 2.25)])
def test_strain_that_stands_still_is_named(tmp_path, first, seconds):
    samples = noise(60)
    samples[round(first * RATE) : round((first + seconds) * RATE)] = 0
    path = write_strain(tmp_path, {"H1": samples})
    message = f"has {seconds} seconds of constant strain in H1, the first at GPS {START + first}:"
    with pytest.raises(DataQualityError, match=message):
        load(path)


def test_strain_without_noise_in_the_band_is_refused(tmp_path):
    samples = 1e-21 * (np.arange(60 * RATE) % 2)  # at the Nyquist frequency, and nowhere else
    with pytest.raises(UsageError, match=r"of H1 is not finite and above zero at .* frequencies in the band"):
        load(write_strain(tmp_path, {"H1": samples}))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ifos": ("V1",)}, "holds strain of H1, L1, and none of V1"),
        ({"sample_rate": 512, "size": 2048}, "has a sample rate of 256 Hz, and 512 Hz was asked for"),
        ({"size": 61 * RATE}, "has 60 s of strain, less than the 61 s of one FFT"),
        ({"sample_rate": 255, "size": 257}, "is 258.0078431 samples at the 256 Hz of"),
    ],
)
def test_strain_that_does_not_serve_is_refused(strain_file, settings, message):
    with pytest.raises(UsageError, match=message):
        load(strain_file, **settings)


def test_strain_is_found_without_reading_it(strain_file, monkeypatch):
    monkeypatch.setattr(background, "read_samples", lambda *_: pytest.fail("samples were read"))
    monkeypatch.setattr(background, "_blocks", lambda _: pytest.fail("samples were read"))
    found = find(strain_file, ifos=("L1", "H1"))
    with h5py.File(strain_file) as file:
        content = file.attrs["content_sha256"]
    identity = {"kind": "background", "span": [START, START + 60], "content_sha256": content}
    assert {ifo: source.identity for ifo, source in found.items()} == {"H1": identity, "L1": identity}
    assert found["H1"].record == {"given": str(strain_file), "path": str(strain_file), **identity}


def test_strain_is_the_same_under_another_path_and_without_a_hash(strain_file, tmp_path):
    before = find(strain_file)["H1"]
    identity = before.identity
    density = before.load()
    moved = strain_file.rename(tmp_path / "other.hdf5")
    with h5py.File(moved, "a") as file:
        del file.attrs["content_sha256"]
    after = find(moved)["H1"]
    assert after.identity == identity
    np.testing.assert_array_equal(after.load(), density)
    with h5py.File(moved, "a") as file:
        file["L1"][-1] = 0
    assert find(moved)["H1"].identity != identity


def test_what_was_found_is_what_is_loaded(strain_file, tmp_path):
    spectra = spectra_file(tmp_path, np.full(400, 1e-46), ifos=("L1",))
    given = [f"H1={strain_file}", f"L1={spectra}", "aLIGOZeroDetHighPower"]
    ifos = ("H1", "L1", "V1")
    loaded = load(*given, ifos=ifos)
    found = find(*given, ifos=ifos)
    assert list(found) == list(loaded.ifos)
    for ifo, source in found.items():
        np.testing.assert_array_equal(source.load(), loaded.of(ifo))
        assert source.record == loaded.record[ifo]


# --- a folder of background ------------------------------------------------------------------------------


def test_a_folder_stands_for_its_last_file_of_at_least_2048_seconds(tmp_path):
    folder = tmp_path / "background"
    lengths = {0: 3000, 5000: 2048, 10_000: 2047}
    files = {
        offset: write_strain(folder, {"H1": noise(seconds, seed=offset)}, start=START + offset)
        for offset, seconds in lengths.items()
    }
    # Neither the order of names nor what they say counts.
    (folder / "segments.txt").write_text("")
    files[5000] = files[5000].rename(folder / "aaa.hdf5")
    by_folder, by_file = find(folder)["H1"], find(files[5000])["H1"]
    assert by_folder.identity == by_file.identity
    assert by_folder.record == {**by_file.record, "given": str(folder)}
    np.testing.assert_array_equal(by_folder.load(), by_file.load())


def test_a_folder_whose_files_are_short_is_refused_with_the_longest(tmp_path):
    folder = tmp_path / "background"
    for offset, seconds in {0: 60, 100: 90, 300: 40}.items():
        write_strain(folder, {"H1": noise(seconds)}, start=START + offset)
    with pytest.raises(
        UsageError, match=r"longest .* in '.*background' has 90 s, and at least 2048 s are needed"
    ) as told:
        find(folder)
    assert "\n" not in str(told.value)


def test_a_folder_without_background_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"there is no background in '.*': it has no \.hdf5 file"):
        find(tmp_path)


# --- files and curves -----------------------------------------------------------------------------------


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


def spectra_file(folder, values, *, spacing=0.5, name="psd.hdf5", ifos=("H1",)):
    path = folder / name
    frequencies = np.arange(len(values)) * spacing
    psd.write_spectra(path, PowerSpectra(ifos, frequencies, np.stack([values] * len(ifos))), {})
    return path


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


# --- which is whose -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a"], {"H1": "a", "L1": "a"}),
        ("a", {"H1": "a", "L1": "a"}),
        (["a", "L1=b"], {"H1": "a", "L1": "b"}),
        (["L1=b", "H1=c=d"], {"H1": "c=d", "L1": "b"}),
        ({"H1": "a", "L1": "b"}, {"H1": "a", "L1": "b"}),
    ],
)
def test_what_names_no_interferometer_serves_all_others(given, expected):
    assert assign(given_texts(noise_given(given)), ("H1", "L1")) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a", "b"], "two PSDs for every interferometer: 'a' and 'b'; write H1=a"),
        (["H1=a", "H1=b"], "two PSDs for H1: 'a' and 'b'"),
        (["H1=a"], "no PSD was given for L1: add L1=FILE or L1=CURVE"),
        ([], "no PSD was given for H1, L1: add H1=FILE"),
        (["a", "V1=b"], "a PSD was given for V1; the interferometers are H1, L1"),
        (["H1=a", "L1=b", "c"], "PSD 'c' is not used"),
    ],
)
def test_each_interferometer_has_exactly_one(given, message):
    with pytest.raises(UsageError, match=message):
        assign(given, ("H1", "L1"))


def test_a_band_between_two_frequencies_is_refused():
    with pytest.raises(UsageError, match=r"no frequency of a window of 4 s lies in the band 20\.05 to 20\.1 Hz"):
        load("aLIGOZeroDetHighPower", band=Band(20.05, 20.1))


# --- what filters leave ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ifo", ["H", "L", "V"])
def test_open_data_is_filtered_below_its_nyquist_frequency_and_not_below_half_of_it(shared_data, tmp_path, ifo):
    samples, start = gwosc_strain(shared_data / "strain" / f"{ifo}-{ifo}1_GWOSC_O3a_4KHZ_R1-1242442952-31.hdf5")
    path = write_strain(tmp_path, {f"{ifo}1": samples}, rate=4096, start=start)
    found = {}
    for rate in (4096, 2048):
        grid = Grid(rate * 4, rate, Band(20))
        density = load_spectra([str(path)], [f"{ifo}1"], grid).values[0]
        found[rate] = filtered_from(grid.frequencies, density, Band(20).mask(grid.frequencies, rate))
        assert filtered_from(grid.frequencies, density, Band(20, 1700).mask(grid.frequencies, rate)) is None
    assert 1700 < found[4096] < 1900
    assert found[2048] is None


def test_measured_noise_is_no_filters(shared_data):
    grid = Grid(2**15, 4096, Band(20))
    for name in ("aligo_O3actual_H1.txt", "aligo_O3actual_L1.txt"):
        density = load_spectra([str(shared_data / "psd" / name)], ["H1"], grid).values[0]
        assert filtered_from(grid.frequencies, density, Band(20).mask(grid.frequencies, 4096)) is None


@pytest.mark.parametrize("level", [1e-46, 3.3e-46, 7e-47])
def test_flat_noise_that_was_filtered_is_seen(level):
    density = np.where(FREQUENCIES < 110, level, 1e-3 * level)
    assert filtered_from(FREQUENCIES, density, INSIDE) == 109.75
    assert filtered_from(FREQUENCIES, density, INSIDE & (FREQUENCIES < 110)) is None
