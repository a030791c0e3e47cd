"""Background as the noise of a detector: its files and folders, what is estimated of them, and what is refused."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from given_noise import INSIDE, RATE, find, load

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import background
from psd_strain import START, gwosc_strain, noise, write_strain


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
