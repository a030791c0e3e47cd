"""The estimate into a file: what it holds, and what is told of it before."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from aframe_data import estimate_psd
from aframe_data.formats import psd
from aframe_data.psd.curves import design_curves
from aframe_data.psd.welch import median_welch
from aframe_data.requests.psd import EstimatePsd
from aframe_data.work.carry_out import forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from psd_strain import START, gwosc_strain, noise, write_strain


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


def test_a_folder_means_all_its_background_files(files, tmp_path):
    (files[0].parent / ".background-1240579999-99.hdf5.host-1-x.part").write_bytes(b"unfinished")
    (files[0].parent / "segments.txt").write_text("")
    report = estimate_psd(files=files[0].parent, output_file=tmp_path / "psd.hdf5", fft_length=4)
    assert report.segments == 48
    assert estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=4).present
    record = psd.read_record(tmp_path / "psd.hdf5")
    assert record["arguments"]["files"] == [str(files[0].parent)]
    assert [strain["path"] for strain in record["strain"]] == [str(file) for file in files]


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
