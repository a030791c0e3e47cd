"""How the files to join are named: paths, folders, patterns and lists, and in which order they come."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import pytest

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import ledger
from aframe_data.requests.merge import Merge
from ledger_pieces import campaign, merge, write_foreign, write_ours

if TYPE_CHECKING:
    from collections.abc import Sequence

BRANCHES = ("1000-8-1", "1000-8-2", "1000-8-10", "998-20-1")


@pytest.fixture
def branches(tmp_path: Path) -> Path:
    """A folder as Aframe's pipeline has it."""
    for seed, branch in enumerate(BRANCHES):
        folder = tmp_path / "branches" / branch
        folder.mkdir(parents=True)
        write_ours(folder / "waveforms.hdf5", campaign(2, seed))
        write_ours(folder / "rejected_parameters.hdf5", campaign(3, 100 + seed))
    return tmp_path / "branches"


def names(path: Path, above: Path) -> list[str]:
    """What a joined file says that it was joined from."""
    record = ledger.read_record(path)
    assert record is not None
    return [str(Path(source["file"]).relative_to(above)) for source in record["sources"]]


def joined(files: object, above: Path, tmp_path: Path, **more: object) -> list[str]:
    merge(files=files, output_file=tmp_path / "out.hdf5", **more)
    return names(tmp_path / "out.hdf5", above)


ORDERED = [f"{branch}/waveforms.hdf5" for branch in ("998-20-1", "1000-8-1", "1000-8-2", "1000-8-10")]


@pytest.mark.parametrize("pattern", ["**/waveforms.hdf5", "*/waveforms.hdf5", "*/w*[!x].hdf5", "../**/wave?orms.hdf5"])
def test_a_pattern_takes_what_matches_with_numbers_by_their_value(branches: Path, tmp_path: Path, pattern: str) -> None:
    found = joined(
        os.path.normpath(branches / pattern) if ".." not in pattern else branches / pattern, tmp_path, tmp_path
    )
    assert [os.path.normpath(tmp_path / name) for name in found] == [str(branches / name) for name in ORDERED]


def test_a_folder_takes_its_ledgers_and_none_below(tmp_path: Path) -> None:
    folder = tmp_path / "pieces"
    (folder / "below").mkdir(parents=True)
    for seed, name in enumerate(("10.hdf5", "9.h5", "a.hdf5", "below/1.hdf5", ".hidden.hdf5", ".9.h5.host-1-x.part")):
        write_ours(folder / name, campaign(2, seed))
    (folder / "notes.txt").write_text("mine")
    with h5py.File(folder / "psd.hdf5", "w") as file:
        file.attrs["df"] = 0.125
        file["H1"] = [1.0, 2.0]
    assert joined(folder, folder, tmp_path) == ["9.h5", "10.hdf5", "a.hdf5"]


def test_what_is_given_stays_in_its_order(branches: Path, tmp_path: Path) -> None:
    last, folder = branches / BRANCHES[3] / "waveforms.hdf5", tmp_path / "more"
    folder.mkdir()
    write_ours(folder / "0.hdf5", campaign(2, 50))
    given = [last, folder, branches / "1000-8-*" / "waveforms.hdf5"]
    assert joined(given, tmp_path, tmp_path) == [
        "branches/998-20-1/waveforms.hdf5",
        "more/0.hdf5",
        *(f"branches/{branch}/waveforms.hdf5" for branch in ("1000-8-1", "1000-8-2", "1000-8-10")),
    ]


def test_a_list_takes_the_place_of_arguments_and_follows_them(branches: Path, tmp_path: Path) -> None:
    paths = [branches / branch / "waveforms.hdf5" for branch in BRANCHES]
    # Lines end as editors of any system end them, and empty ones are nothing.
    (tmp_path / "list.txt").write_bytes(f"{paths[2]}\r\n\n{paths[0]}\n{branches}/998*/wave*".encode())
    found = joined([paths[1]], branches, tmp_path, files_from=tmp_path / "list.txt")
    assert found == [str(path.relative_to(branches)) for path in (paths[1], paths[2], paths[0], paths[3])]
    merge(files_from=tmp_path / "list.txt", output_file=tmp_path / "alone.hdf5")
    record = ledger.read_record(tmp_path / "alone.hdf5")
    assert record is not None
    assert record["arguments"] == {"files": [], "files_from": str(tmp_path / "list.txt")}


def test_a_name_that_looks_like_a_pattern_is_a_name_where_there_is_such_a_file(tmp_path: Path) -> None:
    (tmp_path / "p[12]").mkdir()
    for seed, name in enumerate(("[1].hdf5", "1.hdf5", "p[12]/x.hdf5")):
        write_ours(tmp_path / name, campaign(2, seed))
    assert joined([tmp_path / "[1].hdf5", tmp_path / "p[12]"], tmp_path, tmp_path) == ["[1].hdf5", "p[12]/x.hdf5"]


def test_the_output_in_the_folder_is_not_one_of_the_files(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_ours(tmp_path / f"{seed}.hdf5", campaign(2, seed))
    for files in (tmp_path, tmp_path / "*.hdf5"):
        merge(files=files, output_file=tmp_path / "0.hdf5", overwrite=True)
        assert names(tmp_path / "0.hdf5", tmp_path) == ["1.hdf5", "2.hdf5"]
        assert merge(files=files, output_file=tmp_path / "0.hdf5").present


def test_a_file_more_in_the_folder_is_another_merge(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_ours(tmp_path / f"{seed}.hdf5", campaign(2, seed))
    merge(files=tmp_path, output_file=tmp_path / "out" / "all.hdf5")
    write_ours(tmp_path / "3.hdf5", campaign(2, 3))
    with pytest.raises(UsageError, match="joined from other files"):
        merge(files=tmp_path, output_file=tmp_path / "out" / "all.hdf5")
    # So is one that is gone, since nothing was to be removed: it may have been a bad one.
    (tmp_path / "3.hdf5").unlink()
    (tmp_path / "2.hdf5").unlink()
    with pytest.raises(UsageError, match="joined from other files"):
        merge(files=tmp_path, output_file=tmp_path / "out" / "all.hdf5")


@pytest.mark.parametrize(
    ("files", "lines", "message"),
    [
        (["*.hdf5"], None, r"no file matches '.*\*.hdf5'"),
        (["**/waveforms.hdf5"], None, "no file matches"),
        ([""], None, "files = '' is empty"),
        (["."], None, "the folder '.' holds no ledger file"),
        ([], None, "no file was given"),
        ([], b"", "'list.txt' names no file"),
        ([], b"\n \r\n", "'list.txt' names no file"),
        ([], b"a\0b", "'list.txt' is not a list of files"),
        ([], b"a" * 300, "'list.txt' is not a list of files"),
        (["a" * 300], None, "cannot read 'a+': File name too long"),
        (["gone.hdf5"], None, "cannot read 'gone.hdf5': No such file"),
        ([], b"gone.hdf5\n", "cannot read 'gone.hdf5': No such file"),
        (["list.txt"], b"", "is not an HDF5 file"),
    ],
)
def test_what_names_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Sequence[str], lines: bytes | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if lines is not None:
        Path("list.txt").write_bytes(lines)
    more = {"files_from": "list.txt"} if lines is not None and not files else {}
    with pytest.raises((UsageError, DataQualityError), match=message) as raised:
        merge(files=files, output_file="out.hdf5", **more)
    assert "\n" not in str(raised.value)


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the list of files '.*list.txt': No such file"):
        merge(files_from=tmp_path / "list.txt", output_file=tmp_path / "out.hdf5")


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n and no more", b"notes"], ids=["touched", "cut", "text"])
def test_a_file_of_a_folder_that_is_not_whole_is_not_passed_over(tmp_path: Path, content: bytes) -> None:
    write_foreign(tmp_path / "1.hdf5", campaign(2, 1))
    (tmp_path / "2.hdf5").write_bytes(content)
    with pytest.raises(DataQualityError, match=r"2\.hdf5 (cannot be read as a ledger|is damaged)"):
        merge(files=tmp_path, output_file=tmp_path / "out.hdf5")


def test_a_file_of_a_folder_that_was_only_begun_is_not_passed_over(tmp_path: Path) -> None:
    write_foreign(tmp_path / "1.hdf5", campaign(2, 1))
    h5py.File(tmp_path / "2.hdf5", "w").close()
    with pytest.raises(DataQualityError, match=r"2\.hdf5 cannot be read as a ledger"):
        merge(files=tmp_path, output_file=tmp_path / "out.hdf5")


def test_a_file_that_two_arguments_mean_is_refused(branches: Path, tmp_path: Path) -> None:
    given = [branches / "1000-8-1" / "waveforms.hdf5", branches / "*" / "waveforms.hdf5"]
    with pytest.raises(UsageError, match="given twice"):
        merge(files=given, output_file=tmp_path / "out.hdf5")


def test_kinds_that_lie_side_by_side_are_refused(branches: Path, tmp_path: Path) -> None:
    (branches / "1000-8-1" / "rejected_parameters.hdf5").unlink()
    write_ours(branches / "1000-8-1" / "other.hdf5", {**campaign(2, 9), "attributes": {"length": 2}})
    with pytest.raises(UsageError, match="only files of the same kind"):
        merge(files=branches / "1000-8-1", output_file=tmp_path / "out.hdf5")


def test_planning_looks_at_no_file(tmp_path: Path) -> None:
    assert Merge(files=tmp_path / "*.hdf5", output_file=tmp_path / "out.hdf5").planned().path == tmp_path / "out.hdf5"
