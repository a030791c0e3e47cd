"""amplfi's folder and the strain file of MLGWSC-1, read as those read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import lal
import numpy as np
import pytest

from aframe_data import export, fetch, verify
from aframe_data.errors import UsageError
from aframe_data.formats import ledger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def amplfi(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """amplfi's folder of the data set."""
    return export(dataset, to="amplfi", output_file=tmp_path_factory.mktemp("amplfi") / "data").path


def test_amplfi_finds_background_to_train_and_to_test_on(dataset: Path, amplfi: Path) -> None:
    for split, files in (("train", 2), ("test", 1)):
        found = sorted((amplfi / split / "background").glob("*.hdf5"))
        assert len(found) == files
        for path in found:
            assert path.read_bytes() == (dataset / "data" / split / path.name).read_bytes()
            with h5py.File(path) as file:  # as its AmplfiDataset takes rate and duration
                assert 1 / file["H1"].attrs["dx"] == 512
                assert len(file["H1"]) == 512 * int(path.stem.split("-")[-1])
    assert verify(amplfi / "train" / "background", look_for_segments=False).sound


def test_amplfi_finds_the_parameters_of_its_test_set(amplfi: Path, injections: Path) -> None:
    ours = ledger.read_parameters(injections)
    with h5py.File(amplfi / "test" / "waveforms.hdf5") as file:
        for name in ("chirp_mass", "mass_ratio", "distance", "inclination", "phic", "chi1", "chi2", "ra", "dec", "psi"):
            assert file[name].shape == (3,)
        ratio, chirp = file["mass_ratio"][()], file["chirp_mass"][()]
        np.testing.assert_allclose(chirp * (1 + ratio) ** 0.2 / ratio**0.6, ours["mass_1"], rtol=1e-12)
        # By its own phi_from_ra the direction is ours, which is fixed to the Earth.
        turned = [lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in file["gpstime"]]
        np.testing.assert_allclose(np.exp(1j * (file["ra"][()] - turned)), np.exp(1j * ours["ra"]), atol=1e-9)
        np.testing.assert_allclose(file["phi"], ours["ra"] % (2 * np.pi))
        assert "signals" not in file  # responses of detectors are no polarizations


def test_amplfi_s_signals_have_their_merger_in_the_middle(amplfi: Path, dataset: Path) -> None:
    with (
        h5py.File(amplfi / "train" / "training_waveforms.hdf5") as file,
        h5py.File(dataset / "waveforms/train/training_waveforms.hdf5") as ours,
    ):
        signals = file["signals"]
        assert signals.shape == (4, 2, 6 * 2048)  # 3 s before t = 0, and as many behind it
        np.testing.assert_array_equal(signals[:, 0, : 4 * 2048], ours["waveforms/cross"])
        np.testing.assert_array_equal(signals[:, 1, : 4 * 2048], ours["waveforms/plus"])
        assert not signals[:, :, 4 * 2048 :].any()


def test_a_folder_says_where_its_files_came_from(amplfi: Path, dataset: Path) -> None:
    record = json.loads((amplfi / "export.json").read_text())
    assert (record["command"], record["export"]["name"]) == ("export", "amplfi")
    assert {source["file"] for source in record["sources"]} >= {str(dataset / "waveforms/test/waveforms.hdf5")}
    assert "train/training_waveforms.hdf5" in record["files"]


def test_the_challenge_s_file_is_read_by_pycbc(dataset: Path, tmp_path: Path) -> None:
    from pycbc.types import load_timeseries

    path = export(dataset / "data" / "train", to="mlgwsc", output_file=tmp_path / "background.hdf").path
    with h5py.File(path) as file:
        assert sorted(file) == ["H1", "L1"]
        assert sorted(file["H1"]) == sorted(file["L1"]) == ["1240579783", "1240579883"]
        starts = {name: (item.attrs["start_time"], item.attrs["delta_t"]) for name, item in file["H1"].items()}
    assert starts == {"1240579783": (1240579783.0, 1 / 512), "1240579883": (1240579883.0, 1 / 512)}
    for name, duration in (("1240579783", 64), ("1240579883", 32)):
        series = load_timeseries(str(path), group=f"L1/{name}")
        assert (float(series.start_time), series.duration) == (float(name), duration)
        with h5py.File(dataset / f"data/train/background-{name}-{duration}.hdf5") as ours:
            np.testing.assert_array_equal(series.numpy(), ours["L1"])


def test_files_of_different_rates_are_no_challenge(dataset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "both"
    folder.mkdir()
    for path in (dataset / "data" / "train").glob("*.hdf5"):
        (folder / path.name).write_bytes(path.read_bytes())
    fetch(
        channels=["H1", "L1"],
        start=1240700000,
        end=1240700032,
        sample_rate=256,
        output_directory=folder,
        source="simulated",
        workers=0,
    ).raise_for_failures()
    with pytest.raises(UsageError, match=r"at 512 Hz, and .* at 256 Hz"):
        export(folder, to="mlgwsc", output_file=tmp_path / "x.hdf")
    assert [path.name for path in tmp_path.iterdir()] == ["both"]
