"""What the report finds in a folder: data of all kinds, what is not there, and what is wrong."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from datasets import SPANS, T0, page_of, parameters, report, write_background, write_ledger, write_segments

from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished


@pytest.mark.slow
def test_what_is_not_there_has_no_section(tmp_path: Path) -> None:
    write_background(tmp_path, SPANS[0])
    headings = page_of(report(tmp_path).page).headings
    assert "Strain" in headings
    assert not {"Segments", "Signals", "Campaign", "Waveforms", "Cost"} & {*headings}


def test_an_empty_folder_has_a_page_that_says_so(tmp_path: Path) -> None:
    assert "There is no data here." in page_of(report(tmp_path).page).text


@pytest.mark.slow
def test_a_flat_folder_is_read_by_what_its_files_are(tmp_path: Path) -> None:
    write_segments(tmp_path / "segments.txt")
    for span in SPANS:
        write_background(tmp_path, span)
    write_ledger(tmp_path / "signals.hdf5", parameters(12, 1, snr=False), ("plus", "cross"), command="waveforms")
    (tmp_path / "notes.txt").write_text("not ours\n")
    found = report(tmp_path)
    assert [(file.name, file.kind) for file in found.files] == [
        ("background-1240579783-200.hdf5", "background"),
        ("background-1240580083-200.hdf5", "background"),
        ("segments.txt", "segments"),
        ("signals.hdf5", "waveforms"),
    ]
    assert found.strain[0].segments == "segments.txt"
    assert found.sound


@pytest.mark.slow
def test_of_signals_that_are_no_binaries_other_parameters_are_shown(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = {name: rng.uniform(0.1, 1, 40) for name in ("frequency", "quality", "distance", "ra", "psi")}
    values |= {"dec": rng.uniform(-1, 1, 40), "theta_jn": np.arccos(rng.uniform(-1, 1, 40))}
    write_ledger(tmp_path / "signals.hdf5", values, ("plus", "cross"), command="waveforms")
    found = report(tmp_path)
    assert list(found.signals[0].ranges)[:3] == ["frequency", "quality", "distance"]
    text = (tmp_path / "report.html").read_text()
    assert "Parameters." in page_of(found.page).text
    assert "From light to heavy" not in text
    assert "distance [Mpc]" in page_of(found.page).text


@pytest.mark.slow
def test_segments_outside_of_the_folder_do_not_count(tmp_path: Path) -> None:
    write_segments(tmp_path / "segments.txt", (Segment(T0, T0 + 5000),))
    write_background(tmp_path / "data", SPANS[0])
    assert report(tmp_path / "data").strain[0].segments is None


@pytest.mark.slow
def test_branches_are_counted_and_not_opened(root: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(root, tmp_path / "copy")
    branch = folder / "waveforms/test/branches/1240579783-200-1"
    branch.mkdir(parents=True)
    (branch / "waveforms.hdf5").write_bytes(b"anything")
    found = report(folder)
    assert found.sound
    assert (found.pieces, found.totals.injections) == (1, 9)


@pytest.mark.slow
def test_stages_of_a_build_show_what_they_cost(root: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(root, tmp_path / "copy")
    usage = {"seconds": 12.5, "cpu_seconds": 20.0, "peak_memory": 123_000_000, "bytes_per_second": 4e6, "workers": 2}
    stage = {"name": "train-segments", "command": "query", "nbytes": 5000, "usage": usage}
    unknown = {"name": "train-psd", "command": "psd", "nbytes": None, "usage": {**usage, "peak_memory": None}}
    build = {
        "arguments": ["build", "my config.toml", "-o", "data"],
        "configuration": "seed = 1\n",
        "configuration_name": "my config.toml",
        "stages": [stage, unknown],
    }
    (folder / "build.json").write_text(json.dumps(build))
    found = report(folder)
    assert [(one.name, one.seconds, one.peak_memory) for one in found.stages] == [
        ("train-segments", 12.5, 123_000_000),
        ("train-psd", 12.5, None),
    ]
    assert found.remake.commands == ("aframe-data build 'my config.toml' -o data",)
    shown = " ".join(page_of(found.page).text.split())
    assert "seed = 1" in shown
    assert "25 s" in shown  # of both stages
    assert "123.0 MB" in shown
    assert "4.0 MB/s" in shown


@pytest.mark.slow
def test_damaged_files_are_findings(cli: Callable[..., Finished], root: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(root, tmp_path / "copy")
    (background,) = folder.glob("data/train/background-1240579783-*.hdf5")
    with background.open("r+b") as file:
        file.truncate(40_000)
    with h5py.File(folder / "waveforms/train/val_waveforms.hdf5", "r+") as file:
        file["parameters/mass_1"][3] = 7.0
    (folder / "waveforms/train/psd.hdf5").write_text("no HDF5")
    (folder / "build.json").write_text("{")
    done = cli("report", folder, "--workers", "0")
    assert (done.code, done.err) == (1, "")
    assert "written to" in done.out
    told = {(one.where, one.text) for one in report(folder).problems}
    assert ("waveforms/train/val_waveforms.hdf5", "the content changed since it was written") in told
    assert ("waveforms/train/psd.hdf5", "no HDF5 file, 7 bytes") in told
    assert {"build.json", "data/train/background-1240579783-200.hdf5"} <= {where for where, _ in told}
    assert not [text for _, text in told if str(tmp_path) in text]
    assert f"{len(told)} problems." in page_of(folder / "report.html").text


@pytest.mark.slow
def test_time_without_a_file_is_a_finding(tmp_path: Path) -> None:
    write_segments(tmp_path / "segments.txt")
    write_background(tmp_path, SPANS[0])
    found = report(tmp_path)
    (missing,) = found.problems
    assert missing.kind == "missing"
    assert found.strain[0].missing == ((SPANS[1].start, SPANS[1].stop),)


@pytest.mark.slow
def test_a_quick_look_says_that_it_is_one(tmp_path: Path) -> None:
    path = write_background(tmp_path, SPANS[0])
    with h5py.File(path, "r+") as file:
        file["H1"][5] = 1e-22
    assert [one.kind for one in report(tmp_path).problems] == ["changed"]
    found = report(tmp_path, quick=True)
    assert found.sound
    shown = page_of(found.page).text
    assert "Samples were not read" in shown
    assert "Nothing is wrong" not in shown
    assert found.files[0].sha256 is None


@pytest.mark.slow
def test_very_many_files_still_make_a_page_that_can_be_sent(tmp_path: Path) -> None:
    for number in range(410):
        write_background(tmp_path, Segment(T0 + 20 * number, T0 + 20 * number + 10), server="x" * 5000)
    path = report(tmp_path, quick=True).page
    assert path.stat().st_size < 5_000_000
    assert "The first 400 of 410 files are shown" in page_of(path).text
