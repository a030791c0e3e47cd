"""``--remove-inputs``: files are removed once the one that holds them is safe, and never before."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import AframeDataError, DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import ledger
from aframe_data.merging import plan as merging
from aframe_data.requests.merge import Merge
from aframe_data.work.carry_out import NothingToDo, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from ledger_pieces import assert_rows, campaign, digest, merge, write_foreign, write_ours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTENTS = [campaign(2 + seed, seed) for seed in range(4)]


@pytest.fixture
def pieces(tmp_path: Path) -> list[Path]:
    """Four files in folders of their own, two of this package and two of another."""
    paths = []
    for number, content in enumerate(CONTENTS):
        folder = tmp_path / "branches" / str(number)
        folder.mkdir(parents=True)
        paths.append((write_ours if number % 2 else write_foreign)(folder / "waveforms.hdf5", content))
    return paths


def by_paths(pieces: list[Path]) -> dict[str, Any]:
    return {"files": pieces}


def by_pattern(pieces: list[Path]) -> dict[str, Any]:
    return {"files": pieces[0].parent.parent / "**" / "waveforms.hdf5"}


def by_list(pieces: list[Path]) -> dict[str, Any]:
    listed = pieces[0].parent.parent / "list.txt"
    listed.write_text("\n".join(map(str, pieces)))
    return {"files_from": listed}


def by_folder(pieces: list[Path]) -> dict[str, Any]:
    """All in one folder, which is what `pieces` are after it."""
    folder = pieces[0].parent.parent / "all"
    folder.mkdir()
    for number, path in enumerate(pieces):
        pieces[number] = path.rename(folder / f"{number}.hdf5")
    return {"files": folder}


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


# --- when nothing is removed --------------------------------------------------------------------------


def test_the_output_is_never_removed(pieces: list[Path], tmp_path: Path) -> None:
    os.link(pieces[0], tmp_path / "out.hdf5")
    for files in (pieces, [*pieces, tmp_path / "out.hdf5"]):
        with pytest.raises(UsageError, match="among the files to read"):
            merge(files=files, output_file=tmp_path / "out.hdf5", remove_inputs=True, overwrite=True)
    assert all(path.exists() for path in [*pieces, tmp_path / "out.hdf5"])


def test_the_output_in_the_folder_of_the_inputs_stays(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_ours(tmp_path / f"{seed}.hdf5", campaign(2, seed))
    for _ in range(2):
        merge(files=tmp_path, output_file=tmp_path / "out.hdf5", remove_inputs=True)
        assert [path.name for path in tmp_path.iterdir()] == ["out.hdf5"]
    assert_rows(tmp_path / "out.hdf5", campaign(2, 1), campaign(2, 2))


def test_a_damaged_input_removes_nothing(pieces: list[Path], tmp_path: Path) -> None:
    with h5py.File(pieces[3], "r+") as file:
        file["parameters/ra"][0] += 1
    with pytest.raises(DataQualityError, match="changed since it was written"):
        merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert all(path.exists() for path in pieces)
    assert not (tmp_path / "out.hdf5").exists()


def test_an_input_that_changed_since_it_was_joined_removes_nothing(pieces: list[Path], tmp_path: Path) -> None:
    merge(files=pieces, output_file=tmp_path / "out.hdf5")
    with h5py.File(pieces[3], "r+") as file:
        file["parameters/ra"][0] += 1
    with pytest.raises(DataQualityError, match="changed since it was joined"):
        merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert all(path.exists() for path in pieces)


def test_an_input_that_is_replaced_while_it_is_joined_removes_nothing(
    pieces: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(sources: object) -> None:
        del sources
        write_ours(tmp_path / "new.hdf5", CONTENTS[3]).replace(pieces[3])

    monkeypatch.setattr(merging, "tell_what_is_left_out", tell)
    with pytest.raises(DataQualityError, match=r"3/waveforms.hdf5 changed after it was read: no input was removed"):
        merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert all(path.exists() for path in pieces)


def test_an_output_that_is_not_what_was_written_removes_nothing(pieces: list[Path], tmp_path: Path) -> None:
    merge(files=pieces, output_file=tmp_path / "out.hdf5")
    with h5py.File(tmp_path / "out.hdf5", "r+") as file:
        file["parameters/ra"][0] += 1
    with pytest.raises(OutputExistsError, match="changed since it was written"):
        merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert all(path.exists() for path in pieces)


def test_files_that_the_output_does_not_hold_are_not_removed(pieces: list[Path], tmp_path: Path) -> None:
    folder = by_folder(pieces)["files"]
    merge(files=folder, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    write_ours(folder / "9.hdf5", campaign(2, 9))
    with pytest.raises(OutputExistsError, match="joined from other files"):
        merge(files=folder, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert (folder / "9.hdf5").exists()


def test_overwriting_does_not_lose_what_was_removed(pieces: list[Path], tmp_path: Path) -> None:
    """Half of the files are gone: joining the other half again would lose the first one."""
    shutil.copy(pieces[3], tmp_path / "kept")
    pattern = tmp_path / "branches" / "*" / "waveforms.hdf5"
    merge(files=pattern, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    shutil.copy(tmp_path / "kept", pieces[3])
    before = digest(tmp_path / "out.hdf5")
    for remove in (True, False):
        with pytest.raises(UsageError, match=r"of 3 that were removed, such as .*: they would be lost"):
            merge(files=pattern, output_file=tmp_path / "out.hdf5", remove_inputs=remove, overwrite=True)
    assert digest(tmp_path / "out.hdf5") == before
    pieces[3].unlink()
    write_ours(pieces[2], campaign(3, 77)).rename(tmp_path / "branches" / "new.hdf5")
    new = tmp_path / "branches" / "new.hdf5"
    assert merge(files=new, output_file=tmp_path / "out.hdf5", overwrite=True).length == 3


def test_a_file_that_cannot_be_removed_is_told_and_the_rest_is_left(
    pieces: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = type(pieces[0]).unlink

    def refused(path: Path, *, missing_ok: bool = False) -> None:
        if path == pieces[1]:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(type(pieces[0]), "unlink", refused)
        with pytest.raises(AframeDataError, match=r"cannot remove .*1/waveforms.hdf5: Permission denied.*is complete"):
            merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True)
    assert [path.exists() for path in pieces] == [False, True, True, True]
    assert merge(files=pieces, output_file=tmp_path / "out.hdf5", remove_inputs=True).num_removed == 3


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
