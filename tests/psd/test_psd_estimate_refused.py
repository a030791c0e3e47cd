"""Files of which no PSD can be estimated, and wrong arguments, are refused before anything is written."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from aframe_data import estimate_psd
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.requests.psd import EstimatePsd
from aframe_data.work.carry_out import forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from psd_strain import START, noise, write_strain


def test_a_folder_without_background_is_refused(files, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"there is no background in '.*empty': it has no \.hdf5 file"):
        estimate_psd(files=[*files, tmp_path / "empty"], output_file=tmp_path / "psd.hdf5")


def test_the_output_is_not_put_among_the_background(files):
    folder = files[0].parent
    with pytest.raises(UsageError, match=r"is in the folder of the background, where every \.hdf5 file is read"):
        estimate_psd(files=folder, output_file=folder / "psd.hdf5")
    assert sorted(folder.iterdir()) == files


def test_nothing_is_written_where_strain_is_not_finite(files, tmp_path):
    with h5py.File(files[1], "a") as file:
        file["L1"][1000:1003] = np.nan
    message = rf"has 3 samples that are not finite in L1, the first at GPS {START + 100 + 1000 / 256:.16g}"
    with pytest.raises(DataQualityError, match=message):
        estimate_psd(files=files, output_file=tmp_path / "out" / "psd.hdf5", fft_length=4)
    assert not (tmp_path / "out").exists()
    assert estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=4, ifos=["H1"]).segments == 48


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
