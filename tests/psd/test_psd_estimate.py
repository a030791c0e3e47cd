"""The estimate into a file: what it holds, when it is done again, and what is refused before any work."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import psd
from aframe_data.psd.estimate import estimate_psd, plan_psd
from aframe_data.psd.welch import median_welch
from psd_strain import START, gwosc_strain, noise, write_strain


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
    estimate_psd(files=[file], output_file=tmp_path / "psd.hdf5", fft_length=4)
    for ifo, series in TimeSeriesDict.read(file, format="hdf5").items():
        found = FrequencySeries.read(tmp_path / "psd.hdf5", path=ifo)
        expected = series.psd(fftlength=4, method="median", window="hann")
        assert found.df == expected.df
        # Above, the archive's filter left less than the rounding of a transform in double precision.
        audible = expected.frequencies.value < 0.9 * 2048
        np.testing.assert_allclose(found.value[audible], expected.value[audible], rtol=1e-10)


def test_all_files_together_give_one_estimate(files, tmp_path):
    report = estimate_psd(files=reversed(files), output_file=tmp_path / "deep" / "psd.hdf5", fft_length=4)
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
    assert record["method"] == {"window": "hann", "overlap": 0.5, "average": "median", "segments": 16 + 10}
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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fft_length": 2}, r"holds something else \(.*fft_length: 4 there, 2 now"),
        ({"ifos": ["H1"]}, r"arguments.ifos: \['H1', 'L1'\] there, \['H1'\] now"),
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


def test_the_plan_says_what_would_be_done_and_does_nothing(files, tmp_path):
    plan = plan_psd(files=files, output_file=tmp_path / "out" / "psd.hdf5", fft_length=4)
    assert (plan.segments, plan.livetime, plan.nbytes, plan.present) == (48, 100, 2 * 513 * 8, False)
    assert not (tmp_path / "out").exists()


def test_the_output_may_be_none_of_the_inputs(files):
    with pytest.raises(UsageError, match="is among the files to read"):
        estimate_psd(files=files, output_file=files[0], overwrite=True)


def test_files_that_do_not_go_together_are_refused(files, tmp_path):
    def plan(*others, **settings):
        return plan_psd(files=[files[0], *others], output_file=tmp_path / "psd.hdf5", **settings)

    rate = write_strain(tmp_path, {"H1": noise(60, rate=512), "L1": noise(60, rate=512)}, rate=512, start=START + 1000)
    with pytest.raises(UsageError, match=r"a sample rate of 256 Hz and .*60\.hdf5 of 512 Hz: one PSD needs one rate"):
        plan(rate)
    overlapping = write_strain(tmp_path, {"H1": noise(60), "L1": noise(60)}, start=START + 59)
    with pytest.raises(UsageError, match="hold the same time: give each once"):
        plan(overlapping)
    with pytest.raises(UsageError, match="hold the same time: give each once"):
        plan(files[0])
    alone = write_strain(tmp_path, {"H1": noise(60)}, start=START + 2000)
    with pytest.raises(UsageError, match=r"holds H1, L1, and .* H1: say which with --ifos"):
        plan(alone)
    assert plan(alone, ifos=["H1"]).ifos == ("H1",)
    with pytest.raises(UsageError, match="holds H1, not L1: see --ifos"):
        plan(alone, ifos=["H1", "L1"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"files": []}, "no file was given"),
        ({"fft_length": 0}, "fft_length = 0 is not allowed, only values above 0"),
        ({"fft_length": float("nan")}, "fft_length = nan is not allowed"),
        ({"fft_length": 41}, r"-40\.hdf5 has 40 s of strain, less than the 41 s of one FFT: leave it out"),
        ({"fft_length": 0.001}, r"an FFT length of 0\.001 s is 0\.256 samples at the 256 Hz of"),
        ({"ifos": ["V1"]}, "holds H1, L1, not V1: see --ifos"),
        ({"files": ["nowhere.hdf5"]}, "cannot read 'nowhere.hdf5': No such file"),
    ],
)
def test_wrong_arguments_are_refused(files, tmp_path, settings, message):
    with pytest.raises(UsageError, match=message):
        plan_psd(**{"files": files, "output_file": tmp_path / "psd.hdf5", **settings})


def test_files_without_strain_are_refused(files, tmp_path):
    estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=4)
    with pytest.raises(UsageError, match="holds no strain as `aframe-data fetch` writes it"):
        plan_psd(files=[tmp_path / "psd.hdf5"], output_file=tmp_path / "other.hdf5")
    (tmp_path / "segments.txt").write_text("# seg\tstart\tstop\tduration\n")
    with pytest.raises(UsageError, match="is no background file: those are HDF5"):
        plan_psd(files=[tmp_path / "segments.txt"], output_file=tmp_path / "other.hdf5")
