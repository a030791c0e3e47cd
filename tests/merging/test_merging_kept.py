"""``--remove-inputs`` where inputs stay: those that the output does not hold, all where one of them is not sound."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import h5py
import pytest
from four_pieces import CONTENTS, by_folder

from aframe_data.errors import AframeDataError, DataQualityError, OutputExistsError, UsageError
from aframe_data.merging import plan as merging
from ledger_pieces import assert_rows, campaign, digest, merge, write_ours

if TYPE_CHECKING:
    from pathlib import Path


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
