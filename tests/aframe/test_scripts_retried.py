"""Aframe's scripts after a kill: the same call goes on, another begins anew, and nobody is asked to clean up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import pytest
from aframe_pipeline import fetch_line, read_background, read_ledger, training_line
from aframe_scripts import INLINE, SIMULATED, START, kill_script, names, script

import aframe_data

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_retry_goes_on_and_other_arguments_start_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a seed all that is made anew has other draws, so those of before the kill tell what was kept."""
    path = tmp_path / "training.hdf5"
    parts = path.with_name("training.hdf5.parts")
    line = [*training_line(400, str(path)), *INLINE]

    begun = kill_script(*line, begun=parts, pieces=2)
    drawn = draws(begun)
    assert len(drawn) > len(begun) >= 2
    assert script(*line) == 0
    assert f"resuming: {len(begun)} finished blocks" in capsys.readouterr().err
    found = read_ledger(path, waveforms=("cross", "plus"))
    assert len(found) == 400
    assert drawn < set(found.parameters["ra"])
    assert names(tmp_path) == ["training.hdf5"]

    path.unlink()
    drawn = draws(kill_script(*line, begun=parts, pieces=2))
    assert script(*line, "--right_pad", "1.0") == 0
    found = read_ledger(path, waveforms=("cross", "plus"))
    assert (len(found), found.attributes["right_pad"]) == (400, 1)
    assert drawn.isdisjoint(found.parameters["ra"])
    assert names(tmp_path) == ["training.hdf5"]


def draws(units: list[Path]) -> set[float]:
    """One parameter of each signal in some units of unfinished work."""
    found: set[float] = set()
    for unit in units:
        with h5py.File(unit) as file:
            found.update(file["parameters/ra"][:].tolist())
    return found


@pytest.mark.slow
def test_a_fetch_that_was_killed_and_then_asked_for_another_file_leaves_nothing_to_do(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"background-{START}-64.hdf5"
    parts = tmp_path / f".{path.name}.fetching" / "background.parts"
    first = fetch_line(START, START + 16384, str(path))
    assert kill_script(*first, *SIMULATED, *INLINE, begun=parts)
    assert not path.exists()
    other = fetch_line(START, START + 64, str(path))
    assert script(*other, "--sample_rate", "1024", *SIMULATED, *INLINE) == 0
    said = capfd.readouterr()
    assert "delete" not in said.out + said.err
    read_background(path, 1024)
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("shift", [0, 8])
def test_a_fetch_that_was_killed_before_its_file_got_its_name_is_in_nobodys_way(tmp_path: Path, shift: int) -> None:
    path = tmp_path / f"background-{START}-16.hdf5"
    start = START + shift
    aframe_data.fetch(
        channels=["H1", "L1"],
        start=start,
        end=start + 16,
        sample_rate=1024,
        source="simulated",
        workers=0,
        output_directory=tmp_path / f".{path.name}.fetching",
    )
    assert script(*fetch_line(START, START + 16, str(path)), *SIMULATED, *INLINE) == 0
    read_background(path, 2048)
    assert names(tmp_path) == [path.name]


def test_a_fetch_that_was_killed_before_its_file_got_its_name_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / f"background-{START}-16.hdf5"
    line = (*fetch_line(START, START + 16, str(path)), *SIMULATED, *INLINE)
    assert script(*line) == 0
    folder = tmp_path / f".{path.name}.fetching"
    folder.mkdir()
    made = path.rename(folder / path.name).stat()
    assert script(*line) == 0
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    assert names(tmp_path) == [path.name]
