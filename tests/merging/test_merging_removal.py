"""``--remove-inputs``: files are removed once the one that holds them is safe, and the same again finishes it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from four_pieces import CONTENTS, by_folder

from aframe_data.errors import OutputExistsError, UsageError
from aframe_data.formats import ledger
from aframe_data.requests.merge import Merge
from aframe_data.work.carry_out import NothingToDo, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from ledger_pieces import assert_rows, digest, merge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def by_paths(pieces: list[Path]) -> dict[str, Any]:
    return {"files": pieces}


def by_pattern(pieces: list[Path]) -> dict[str, Any]:
    return {"files": pieces[0].parent.parent / "**" / "waveforms.hdf5"}


def by_list(pieces: list[Path]) -> dict[str, Any]:
    listed = pieces[0].parent.parent / "list.txt"
    listed.write_text("\n".join(map(str, pieces)))
    return {"files_from": listed}


WAYS = pytest.mark.parametrize("named", [by_paths, by_pattern, by_list, by_folder])


@WAYS
def test_inputs_are_removed_and_the_same_again_does_nothing(
    pieces: list[Path], tmp_path: Path, named: Callable[[list[Path]], dict[str, Any]]
) -> None:
    given = named(pieces)
    report = merge(**given, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert (report.present, report.num_removed, report.num_files, report.length) == (False, 4, 4, 14)
    assert_rows(tmp_path / "out.hdf5", *CONTENTS)
    assert not any(path.exists() for path in pieces)
    before = digest(tmp_path / "out.hdf5")
    for remove in (True, False):
        again = merge(**given, output_file=tmp_path / "out.hdf5", remove_inputs=remove)
        assert (again.present, again.num_removed, again.num_files, again.length) == (True, 0, 4, 14)
        assert again.num_injections == report.num_injections == 98
    assert digest(tmp_path / "out.hdf5") == before
    assert pieces[0].parent.is_dir()


@WAYS
@pytest.mark.parametrize("left", [[3], [1, 2], [0, 1, 2, 3]])
def test_what_a_killed_removal_left_is_removed_by_the_same_command(
    pieces: list[Path], tmp_path: Path, named: Callable[[list[Path]], dict[str, Any]], left: list[int]
) -> None:
    given = named(pieces)
    for number in left:
        shutil.copy(pieces[number], tmp_path / f"kept-{number}")
    merge(**given, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    for number in left:
        shutil.copy(tmp_path / f"kept-{number}", pieces[number])
    before = digest(tmp_path / "out.hdf5")
    report = merge(**given, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert (report.present, report.num_removed, report.num_files, report.length) == (True, len(left), 4, 14)
    assert not any(path.exists() for path in pieces)
    assert digest(tmp_path / "out.hdf5") == before


#: Runs a command that kills itself when it has removed so many files.
KILLED = """
import os, pathlib, signal, sys
unlink, left = pathlib.Path.unlink, int(sys.argv[1])
def counted(path, *more, **options):
    global left
    if "branches" in path.parts:
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
    return unlink(path, *more, **options)
pathlib.Path.unlink = counted
from aframe_data.cli.app import run
run(sys.argv[2:])
"""


@pytest.mark.parametrize(
    "removed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_killed_while_it_removes_it_is_finished_by_the_same_command(
    pieces: list[Path], tmp_path: Path, removed: int
) -> None:
    pattern = tmp_path / "branches" / "**" / "waveforms.hdf5"
    command = ["merge", str(pattern), "-o", str(tmp_path / "out.hdf5"), "--remove-inputs"]
    killed = subprocess.run([sys.executable, "-c", KILLED, str(removed), *command], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [path.exists() for path in pieces] == [False] * removed + [True] * (4 - removed)
    assert ledger.summarize(tmp_path / "out.hdf5").intact
    report = merge(files=pattern, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert (report.present, report.num_removed) == (True, 4 - removed)
    assert not any(path.exists() for path in pieces)
    assert_rows(tmp_path / "out.hdf5", *CONTENTS)


def test_killed_before_the_result_is_there_nothing_is_removed(pieces: list[Path], tmp_path: Path) -> None:
    code = KILLED.replace('"branches" in path.parts', "path.suffix == '.part'")
    code = code.replace("pathlib.Path.unlink = counted", "pathlib.Path.replace = counted")
    command = ["merge", *map(str, pieces), "-o", str(tmp_path / "out.hdf5"), "--remove-inputs"]
    killed = subprocess.run([sys.executable, "-c", code, "0", *command], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "out.hdf5").exists()
    assert all(path.exists() for path in pieces)
    assert merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True).num_removed == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["branches", "out.hdf5"]


def test_inputs_may_be_removed_later(pieces: list[Path], tmp_path: Path) -> None:
    merge(files=pieces, output_file=tmp_path / "out.hdf5")
    assert all(path.exists() for path in pieces)
    report = merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert (report.present, report.num_removed) == (True, 4)


def test_missing_files_that_the_output_names_are_no_error_without_the_option(
    pieces: list[Path], tmp_path: Path
) -> None:
    merge(files=pieces, output_file=tmp_path / "out.hdf5")
    pieces[1].unlink()
    assert merge(files=pieces, output_file=tmp_path / "out.hdf5").present
    with pytest.raises(OutputExistsError, match="joined from other files"):
        merge(files=pieces[:2], output_file=tmp_path / "out.hdf5")
    with pytest.raises(UsageError, match="cannot read"):
        merge(files=pieces, output_file=tmp_path / "other.hdf5")
    with pytest.raises(UsageError, match="cannot read"):
        merge(files=pieces, output_file=tmp_path / "out.hdf5", overwrite=True)


def test_a_link_is_removed_and_not_what_it_leads_to(pieces: list[Path], tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    for number, path in enumerate(pieces):
        (tmp_path / "links" / f"{number}.hdf5").symlink_to(path)
    merge(files=tmp_path / "links", output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert not list((tmp_path / "links").iterdir())
    assert all(path.exists() for path in pieces)


# --- what is said -------------------------------------------------------------------------------------


def test_a_forecast_says_what_would_be_removed_and_removes_nothing(pieces: list[Path], tmp_path: Path) -> None:
    request = Merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    said = forecast(request, Work(Inline())).describe()
    assert (said["num_removed"], said["present"]) == (4, False)
    merge(files=pieces, output_file=tmp_path / "out.hdf5")
    pieces[0].unlink()
    said = forecast(request, Work(Inline())).describe()
    assert (said["num_removed"], said["present"], said["num_files"], said["length"]) == (3, True, 4, 14)
    assert all(path.exists() for path in pieces[1:])
    assert merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True).num_removed == 3
    assert isinstance(forecast(request, Work(Inline())), NothingToDo)


def test_the_result_is_that_of_a_merge_that_keeps_them_but_for_the_word(pieces: list[Path], tmp_path: Path) -> None:
    merge(files=pieces, output_file=tmp_path / "kept.hdf5")
    merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    kept, removed = ledger.read_record(tmp_path / "kept.hdf5"), ledger.read_record(tmp_path / "out.hdf5")
    assert kept is not None
    assert removed is not None
    assert removed["arguments"].pop("remove_inputs") is True
    assert kept == removed
    with h5py.File(tmp_path / "kept.hdf5") as first, h5py.File(tmp_path / "out.hdf5") as second:
        assert first.attrs["content_sha256"] == second.attrs["content_sha256"]
        np.testing.assert_array_equal(first["waveforms/h1"][:], second["waveforms/h1"][:])
