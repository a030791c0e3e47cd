"""The estimate into a file: what it holds, when it is done again, and what is refused before any work."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import background, psd
from aframe_data.formats import record as records
from aframe_data.psd.curves import design_curves
from aframe_data.psd.welch import median_welch
from aframe_data.requests.psd import EstimatePsd
from aframe_data.store import identity
from aframe_data.work.carry_out import do, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from psd_strain import START, gwosc_strain, noise, write_strain


def estimate_psd(**arguments):
    return do(EstimatePsd(**arguments))


def write_foreign(path, strain, *, start=START, rate=256):
    """Strain as gwpy and Aframe's own scripts write it: no hash, no provenance."""
    with h5py.File(path, "w") as file:
        for ifo, samples in strain.items():
            file[ifo] = samples
            file[ifo].attrs.update({"x0": float(start), "dx": 1 / rate, "xunit": "s", "unit": "strain", "name": ifo})
    return path


@pytest.fixture
def files(tmp_path):
    """Two files with a gap between them."""
    return [
        write_strain(tmp_path / "background", {ifo: noise(seconds, seed=seed) for ifo in ("H1", "L1")}, start=start)
        for seed, (start, seconds) in enumerate([(START, 60), (START + 100, 40)])
    ]


def test_gwpy_reads_what_it_would_have_estimated(shared_data, tmp_path):
    from gwpy.frequencyseries import FrequencySeries
    from gwpy.timeseries import TimeSeriesDict

    strain = {}
    for ifo in ("H1", "L1", "V1"):
        path = shared_data / "strain" / f"{ifo[0]}-{ifo}_GWOSC_O3a_4KHZ_R1-1242442952-31.hdf5"
        strain[ifo], start = gwosc_strain(path)
    file = write_strain(tmp_path, strain, rate=4096, start=start)
    report = estimate_psd(files=[file], output_file=tmp_path / "psd.hdf5", fft_length=4)
    assert report.segments == 14
    for ifo, series in TimeSeriesDict.read(file, format="hdf5").items():
        found = FrequencySeries.read(tmp_path / "psd.hdf5", path=ifo)
        expected = series.psd(fftlength=4, method="median", window="hann")
        assert found.df == expected.df
        # Above, the archive's filter left less than the rounding of a transform in double precision.
        audible = expected.frequencies.value < 0.9 * 2048
        np.testing.assert_allclose(found.value[audible], expected.value[audible], rtol=1e-10)


def test_all_files_together_give_one_estimate(files, tmp_path):
    report = estimate_psd(files=files[::-1], output_file=tmp_path / "deep" / "psd.hdf5", fft_length=4)
    assert (report.path, report.present) == (tmp_path / "deep" / "psd.hdf5", False)
    assert report.segments == 29 + 19
    stretches = [noise(60, seed=0), noise(40, seed=1)]
    spectra = psd.read_spectra(report.path)
    for ifo in ("H1", "L1"):
        np.testing.assert_array_equal(spectra.of(ifo), median_welch(stretches, 1024, 256))
        np.testing.assert_array_equal(report.spectra.of(ifo), spectra.of(ifo))


def test_the_record_tells_files_spans_and_method(files, tmp_path):
    estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=7)
    record = psd.read_spectra(tmp_path / "psd.hdf5").record
    assert record["command"] == "psd"
    assert record["arguments"] == {"files": [str(file) for file in files], "ifos": ["H1", "L1"], "fft_length": 7}
    assert (
        record["identity"]["method"]
        == record["method"]
        == {"window": "hann", "overlap": 0.5, "average": "median", "segments": 16 + 10}
    )
    assert [strain["span"] for strain in record["strain"]] == [
        [START, START + 59.5],  # 16 segments of 7 s, every 3.5 s
        [START + 100, START + 138.5],
    ]
    with h5py.File(files[1]) as file:
        assert record["strain"][1]["content_sha256"] == file.attrs["content_sha256"]


def test_the_same_request_finds_its_work_done(files, tmp_path):
    output = tmp_path / "psd.hdf5"
    first = estimate_psd(files=files, output_file=output, fft_length=4)
    before = output.stat().st_mtime_ns
    again = estimate_psd(files=list(reversed(files)), output_file=output, fft_length=4, ifos=["L1", "H1"])
    assert again.present
    assert output.stat().st_mtime_ns == before
    np.testing.assert_array_equal(again.spectra.values, first.spectra.values)


def as_version_0_1_0_wrote_it(path):
    """Leave of a record what that version knew of: no identity, other versions, other paths."""
    with h5py.File(path, "r+") as file:
        record = records.read(file)
        del record["identity"]
        record |= {"version": "0.1.0", "packages": {"scipy": "1.0"}}
        record["arguments"] |= {"files": ["/gone.hdf5"], "fft_length": 4}
        for strain in record["strain"]:
            strain["path"] = "/gone.hdf5"
        file.attrs["provenance"] = identity.encode(record)
        del file.attrs["df"]


@pytest.mark.parametrize("change", [lambda _: None, as_version_0_1_0_wrote_it], ids=["now", "0.1.0"])
def test_an_estimate_is_known_again_by_content_and_not_by_path(files, tmp_path, change):
    output = tmp_path / "psd.hdf5"
    first = estimate_psd(files=files, output_file=output, fft_length=4)
    change(output)
    before = output.read_bytes()
    files[0].parent.rename(tmp_path / "renamed")
    moved = [(tmp_path / "renamed" / file.name).rename(tmp_path / f"{number}.h5") for number, file in enumerate(files)]
    again = estimate_psd(files=moved, output_file=output, fft_length=4)
    assert (again.present, again.segments) == (True, 48)
    np.testing.assert_array_equal(again.spectra.values, first.spectra.values)
    with pytest.raises(OutputExistsError, match="holds something else"):
        estimate_psd(files=moved[:1], output_file=output, fft_length=4)
    assert output.read_bytes() == before


def test_a_file_without_a_hash_is_known_by_its_samples(tmp_path):
    strain = {"H1": noise(60), "L1": noise(60, seed=1)}
    request = {"output_file": tmp_path / "psd.hdf5", "fft_length": 4}
    estimate_psd(files=write_foreign(tmp_path / "foreign.hdf5", strain), **request)
    ours = write_strain(tmp_path / "background", strain)
    with h5py.File(ours) as file:
        written = file.attrs["content_sha256"]
    record = psd.read_record(tmp_path / "psd.hdf5")
    assert record["identity"]["strain"] == [{"span": [START, START + 60], "content_sha256": written}]
    assert estimate_psd(files=ours, **request).present
    with h5py.File(tmp_path / "foreign.hdf5", "a") as file:
        file["L1"][0] += 1e-22
    with pytest.raises(OutputExistsError, match="another set of files"):
        estimate_psd(files=tmp_path / "foreign.hdf5", **request)


def test_samples_are_not_read_to_tell_what_would_be_done(tmp_path, monkeypatch):
    foreign = write_foreign(tmp_path / "foreign.hdf5", {"H1": noise(60)})
    monkeypatch.setattr(background, "_blocks", lambda _: pytest.fail("samples were read"))
    monkeypatch.setattr(background, "read_samples", lambda *_: pytest.fail("samples were read"))
    said = forecast(EstimatePsd(files=foreign, output_file=tmp_path / "psd.hdf5"), Work(Inline()))
    assert said.segments == 14


def test_a_folder_means_all_its_background_files(files, tmp_path):
    (files[0].parent / ".background-1240579999-99.hdf5.host-1-x.part").write_bytes(b"unfinished")
    (files[0].parent / "segments.txt").write_text("")
    report = estimate_psd(files=files[0].parent, output_file=tmp_path / "psd.hdf5", fft_length=4)
    assert report.segments == 48
    assert estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=4).present
    record = psd.read_record(tmp_path / "psd.hdf5")
    assert record["arguments"]["files"] == [str(files[0].parent)]
    assert [strain["path"] for strain in record["strain"]] == [str(file) for file in files]


def test_a_folder_without_background_is_refused(files, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"there is no background in '.*empty': it has no \.hdf5 file"):
        estimate_psd(files=[*files, tmp_path / "empty"], output_file=tmp_path / "psd.hdf5")


def test_the_output_is_not_put_among_the_background(files):
    folder = files[0].parent
    with pytest.raises(UsageError, match=r"is in the folder of the background, where every \.hdf5 file is read"):
        estimate_psd(files=folder, output_file=folder / "psd.hdf5")
    assert sorted(folder.iterdir()) == files


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fft_length": 2}, r"holds something else \(fft_length = 4, not 2; another set of files"),
        ({"ifos": ["H1"]}, r"ifos = H1,L1, not H1"),
    ],
)
def test_another_request_does_not_replace_it_unasked(files, tmp_path, settings, message):
    output = tmp_path / "psd.hdf5"
    estimate_psd(files=files, output_file=output, fft_length=4)
    request = {"files": files, "output_file": output, "fft_length": 4, **settings}
    with pytest.raises(OutputExistsError, match=message):
        estimate_psd(**request)
    assert not estimate_psd(**request, overwrite=True).present
    assert estimate_psd(**request).present


def test_other_strain_under_the_same_name_is_another_request(files, tmp_path):
    output = tmp_path / "psd.hdf5"
    estimate_psd(files=files, output_file=output, fft_length=4)
    write_strain(files[0].parent, {ifo: noise(60, seed=7) for ifo in ("H1", "L1")})
    with pytest.raises(OutputExistsError, match="holds something else"):
        estimate_psd(files=files, output_file=output, fft_length=4)


@pytest.mark.parametrize("content", [b"precious", None])
def test_what_is_no_estimate_of_ours_is_not_replaced(files, tmp_path, content):
    output = tmp_path / "psd.hdf5"
    if content is None:
        estimate_psd(files=files, output_file=output, fft_length=4)
        with h5py.File(output, "a") as file:
            file["H1"][5] = 1.0
    else:
        output.write_bytes(content)
    before = output.read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite replaces it"):
        estimate_psd(files=files, output_file=output, fft_length=4)
    assert output.read_bytes() == before


def test_nothing_is_written_where_strain_is_not_finite(files, tmp_path):
    with h5py.File(files[1], "a") as file:
        file["L1"][1000:1003] = np.nan
    message = rf"has 3 samples that are not finite in L1, the first at GPS {START + 100 + 1000 / 256:.16g}"
    with pytest.raises(DataQualityError, match=message):
        estimate_psd(files=files, output_file=tmp_path / "out" / "psd.hdf5", fft_length=4)
    assert not (tmp_path / "out").exists()
    assert estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=4, ifos=["H1"]).segments == 48


def test_the_forecast_says_what_would_be_done_and_does_nothing(files, tmp_path):
    request = EstimatePsd(files=files, output_file=tmp_path / "out" / "psd.hdf5", fft_length=4)
    assert forecast(request, Work(Inline())).describe() == {
        "path": str(tmp_path / "out" / "psd.hdf5"),
        "ifos": ["H1", "L1"],
        "fft_length": 4,
        "num_files": 2,
        "livetime": 100,
        "segments": 48,
        "nbytes": 2 * 513 * 8,
    }
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_picture_is_drawn_of_what_was_estimated_and_of_what_is_there(files, tmp_path):
    from aframe_data.figures.psd import draw_asds

    pytest.importorskip("matplotlib")
    request = {"files": files, "output_file": tmp_path / "psd.hdf5", "fft_length": 4}
    estimate_psd(**request)
    for picture in ("of-present.png", "anew.png"):
        report = estimate_psd(**request, plot=tmp_path / picture, overwrite=picture == "anew.png")
        assert report.present == (picture == "of-present.png")
    pictures = [(tmp_path / picture).read_bytes() for picture in ("of-present.png", "anew.png")]
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")
    draw_asds(tmp_path / "expected.png", report.spectra, references=design_curves(["H1", "L1"]))
    assert (tmp_path / "expected.png").read_bytes() == pictures[0]


def test_the_output_may_be_none_of_the_inputs(files):
    with pytest.raises(UsageError, match="is among the files to read"):
        estimate_psd(files=files, output_file=files[0], overwrite=True)


def test_files_that_do_not_go_together_are_refused(files, tmp_path):
    def plan(*others, **settings):
        request = EstimatePsd(files=[files[0], *others], output_file=tmp_path / "psd.hdf5", **settings)
        return forecast(request, Work(Inline()))

    rate = write_strain(tmp_path, {"H1": noise(60, rate=512), "L1": noise(60, rate=512)}, rate=512, start=START + 1000)
    with pytest.raises(UsageError, match=r"a sample rate of 256 Hz and .*60\.hdf5 of 512 Hz: one PSD needs one rate"):
        plan(rate)
    overlapping = write_strain(tmp_path, {"H1": noise(60), "L1": noise(60)}, start=START + 59)
    with pytest.raises(UsageError, match="hold the same time: give each once"):
        plan(overlapping)
    with pytest.raises(UsageError, match="hold the same time: give each once"):
        plan(files[0])
    alone = write_strain(tmp_path, {"H1": noise(60)}, start=START + 2000)
    with pytest.raises(UsageError, match=r"holds H1, L1, and .* H1: choose with --ifos"):
        plan(alone)
    assert plan(alone, ifos=["H1"]).ifos == ("H1",)
    with pytest.raises(UsageError, match="holds H1, not L1: see --ifos"):
        plan(alone, ifos=["H1", "L1"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"files": []}, "no file was given"),
        ({"fft_length": 0}, "fft_length = 0 is not allowed, only values between 0 and 1e\\+06"),
        ({"fft_length": float("nan")}, "fft_length = nan is not a finite number"),
        ({"fft_length": 41}, r"-40\.hdf5 has 40 s of strain, less than the 41 s of one FFT: leave it out"),
        ({"fft_length": 0.001}, r"an FFT length of 0\.001 s is 0\.256 samples at the 256 Hz of"),
        ({"ifos": ["V1"]}, "holds H1, L1, not V1: see --ifos"),
        ({"files": ["nowhere.hdf5"]}, "cannot read 'nowhere.hdf5': No such file"),
    ],
)
def test_wrong_arguments_are_refused(files, tmp_path, settings, message):
    with pytest.raises(UsageError, match=message):
        estimate_psd(**{"files": files, "output_file": tmp_path / "out" / "psd.hdf5", **settings})
    assert not (tmp_path / "out").exists()


def test_files_without_strain_are_refused(files, tmp_path):
    estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=4)
    with pytest.raises(UsageError, match="is a file of PSDs; a background file, as written by"):
        estimate_psd(files=[tmp_path / "psd.hdf5"], output_file=tmp_path / "other.hdf5")
    (tmp_path / "segments.txt").write_text("# seg\tstart\tstop\tduration\n")
    with pytest.raises(UsageError, match="is not an HDF5 file; a background file, as written by"):
        estimate_psd(files=[tmp_path / "segments.txt"], output_file=tmp_path / "other.hdf5")
