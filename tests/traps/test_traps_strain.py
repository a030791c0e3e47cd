"""What goes wrong in the reference implementation's strain and outputs, and must not here: one test a trap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from gwosc.api import v2
from trap_runs import START, simulated

from aframe_data.cli.app import run
from aframe_data.errors import AframeDataError, DataQualityError, NoDataError
from aframe_data.formats import background
from aframe_data.types import Segment
from ledger_reader import read_training_waveforms
from servers.gwosc import GwoscServer
from servers.gwosc_archive import GwoscArchive, Run
from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from pathlib import Path


# --- strain -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"nan": f"{START + 3}:{START + 5}"}, r"2 s of samples that are not finite"),
        ({"still": f"{START + 3}:{START + 8}"}, "5 s of constant strain"),
        ({"short": 1}, "was asked for"),
        ({"rate": 128}, "not upsampled"),
    ],
)
@pytest.mark.usefixtures("awkward")
def test_trap_26_flaws_of_the_strain_are_told(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    report = simulated(tmp_path, source="awkward", source_options=options)
    with pytest.raises(DataQualityError, match=words):
        report.raise_for_failures()
    assert list(tmp_path.glob("*.hdf5")) == []


def test_trap_27_pieces_that_touch_equal_the_whole(tmp_path: Path) -> None:
    cut = [Segment(START, START + 11), Segment(START + 11, START + 32)]
    options = {"simulated-rate": 1024}
    whole = simulated(tmp_path / "whole", source_options=options, segments=[Segment(START, START + 32)])
    parts = simulated(tmp_path / "parts", source_options=options, segments=cut)
    joined = np.concatenate([h5py.File(file.path)["H1"][:] for file in parts.files])
    np.testing.assert_array_equal(joined, h5py.File(whole.files[0].path)["H1"][:])


def test_trap_28_more_than_4_khz_asks_for_16_khz_and_nothing_is_upsampled(
    server: GwoscServer, archive: GwoscArchive, tmp_path: Path
) -> None:
    archive.add_file(write_strain_file(tmp_path, "H1", START, 16, sample_rate=4096), "O3a")
    options = {"host": server.url}
    with pytest.raises(NoDataError, match="16 kHz"):
        simulated(tmp_path, source="gwosc", source_options=options, sample_rate=8192).raise_for_failures()
    with pytest.raises(AframeDataError, match="32768"):
        simulated(tmp_path, source="gwosc", source_options=options, sample_rate=32768).raise_for_failures()
    assert server.asked(r"\.hdf5$") == []


@pytest.mark.parametrize("ifo", ["K1", "G1"])
def test_trap_29_every_open_detector_is_known(
    server: GwoscServer, archive: GwoscArchive, tmp_path: Path, ifo: str
) -> None:
    archive.runs.append(Run("O3GK", START - 100, START + 100, ("G1", "K1")))
    archive.add_file(write_strain_file(tmp_path, ifo, START, 16, run="O3GK"), "O3GK")
    options = {"gwosc-host": server.url}
    report = simulated(tmp_path / "out", source="auto", source_options=options, channels=[ifo], sample_rate=2048)
    report.raise_for_failures()
    assert background.summarize(report.files[0].path).ifos == (ifo,)


def test_trap_30_a_file_that_is_there_costs_no_download_and_is_laid_out_for_the_loader(
    server: GwoscServer, archive: GwoscArchive, tmp_path: Path
) -> None:
    archive.add_file(write_strain_file(tmp_path, "H1", START - 16, 64), "O3a")
    settings = {"source": "gwosc", "source_options": {"host": server.url}, "sample_rate": 2048}
    (file,) = simulated(tmp_path / "out", **settings).files
    asked = len(server.asked())
    assert [item.status for item in simulated(tmp_path / "out", **settings).files] == ["present"]
    assert len(server.asked()) == asked
    with h5py.File(file.path) as there:
        assert there["H1"].compression is None
        assert there["H1"].chunks == (min(16 * 2048, 131072),)


# --- outputs ------------------------------------------------------------------------------------------


def test_trap_32_the_documented_example_runs_as_written(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the reference's README, apart from the server, the number of signals, and that nothing is downloaded."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    window = ["--start", "1240579783", "--end", "1241443783"]
    piece = ["--start", "1240579783", "--end", "1240587612", '--channels=["H1", "L1"]', "--sample_rate", "2048"]
    signals = ["--prior", "priors.priors.end_o3_ratesandpops", "--num_signals", "2", "--waveform_duration", "8"]
    v2.JSON_CACHE.clear()
    with GwoscServer(GwoscArchive.of_real_data(shared_data)) as server:
        monkeypatch.setenv("GWOSC_SERVER_URL", server.url)
        flags = '--flags=["H1_DATA", "L1_DATA"]'
        assert run(["query", flags, *window, "--output_file", "segments.txt"]) == 0
        assert run(["fetch", *piece, "--output_directory", "background/", "--dry-run"]) == 0
    v2.JSON_CACHE.clear()
    here = ["--sample_rate", "2048", "--workers", "0"]
    assert run(["waveforms", *signals, *here, "--output_file", "train_waveforms.hdf5"]) == 0
    assert (tmp_path / "segments.txt").read_text().splitlines()[1] == "0\t1240579783\t1240587612\t7829.0"
    assert read_training_waveforms(tmp_path / "train_waveforms.hdf5").waveforms.shape == (2, 2, 8 * 2048)
