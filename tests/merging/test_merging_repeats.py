"""No draw may be in two files: equal seeds, copies, and files that another holds."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.merging import repeats
from ledger_pieces import campaign, merge, write_foreign, write_ours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def rows_of(content: dict[str, Any], rows: slice) -> dict[str, Any]:
    arrays = {name: values[rows] for name, values in content["arrays"].items()}
    length = len(arrays["parameters/ra"])
    return {"attributes": {**content["attributes"], "length": length}, "arrays": arrays}


@pytest.mark.parametrize("write", [write_ours, write_foreign])
def test_a_copy_is_refused(tmp_path: Path, write: Callable[..., Path]) -> None:
    paths = [write(tmp_path / f"{seed}.hdf5", campaign(4, seed)) for seed in (1, 2)]
    copy = shutil.copy(paths[0], tmp_path / "copy.hdf5")
    with pytest.raises(UsageError, match=r"1\.hdf5 and .*copy\.hdf5 hold the same draws, and 4 signals"):
        merge(files=[*paths, copy], output_file=tmp_path / "out.hdf5")
    assert not (tmp_path / "out.hdf5").exists()


def test_the_same_draws_at_other_times_are_refused(tmp_path: Path) -> None:
    """Two branches of one seed: the signals are the same, and times, shifts and SNRs are not."""
    first, second = campaign(4, 1), campaign(4, 2)
    second["arrays"] |= {name: first["arrays"][name] for name in ("parameters/mass_1", "parameters/ra")}
    paths = [write_ours(tmp_path / f"{n}.hdf5", content) for n, content in enumerate((first, second))]
    with pytest.raises(UsageError, match=r"0\.hdf5 and .*1\.hdf5 hold the same draws"):
        merge(files=paths, output_file=tmp_path / "out.hdf5")


def test_a_single_draw_is_found_wherever_it_stands(tmp_path: Path) -> None:
    first, second = campaign(30, 1), campaign(40, 2)
    for name in ("parameters/mass_1", "parameters/ra"):
        second["arrays"][name][33] = first["arrays"][name][7]
    paths = [write_ours(tmp_path / f"{n}.hdf5", content) for n, content in enumerate((first, second))]
    with pytest.raises(UsageError, match="and a signal would count twice"):
        merge(files=paths, output_file=tmp_path / "out.hdf5")
    second["arrays"]["parameters/ra"][33] = np.nextafter(second["arrays"]["parameters/ra"][33], 9)
    paths[1] = write_ours(tmp_path / "other.hdf5", second)
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").length == 70


def test_a_joined_file_and_one_of_its_pieces_are_refused(two: list[Path], tmp_path: Path) -> None:
    merge(files=two, output_file=tmp_path / "both.hdf5")
    with pytest.raises(UsageError, match=r"2\.hdf5 and .*both\.hdf5 hold the same draws"):
        merge(files=[two[1], tmp_path / "both.hdf5"], output_file=tmp_path / "out.hdf5")


def test_aframes_own_file_of_our_draws_is_found(tmp_path: Path) -> None:
    ours, theirs = campaign(4, 1), campaign(4, 1)
    ours["arrays"]["parameters/luminosity_distance"] = np.arange(4.0)
    paths = [write_ours(tmp_path / "ours.hdf5", ours), write_foreign(tmp_path / "theirs.hdf5", theirs)]
    with pytest.raises(UsageError, match="hold the same draws"):
        merge(files=paths, output_file=tmp_path / "out.hdf5")


def test_what_one_file_holds_twice_is_its_own_business(tmp_path: Path) -> None:
    content = campaign(4, 1)
    for values in content["arrays"].values():
        values[1] = values[0]
    paths = [write_ours(tmp_path / "a.hdf5", content), write_ours(tmp_path / "b.hdf5", campaign(4, 2))]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").length == 8


def test_empty_pieces_are_no_copies(tmp_path: Path) -> None:
    paths = [write_ours(tmp_path / f"{rows}.{n}.hdf5", campaign(rows, 1)) for n, rows in enumerate((0, 3, 0))]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").length == 3


def test_files_without_any_draw_cannot_be_compared(tmp_path: Path) -> None:
    contents = [campaign(4, 1), campaign(4, 2)]
    for content in contents:
        for name in ("mass_1", "ra"):
            del content["arrays"][f"parameters/{name}"]
    paths = [write_ours(tmp_path / f"{n}.hdf5", content) for n, content in enumerate(contents)]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").length == 8


@pytest.mark.parametrize("dtype", ["f4", "i8", "?", "c16"])
def test_parameters_of_any_type_tell_draws_apart(tmp_path: Path, dtype: str) -> None:
    contents = [campaign(2, 1), campaign(2, 2)]
    values = (np.array([0, 1, 0, 1]).astype(dtype), np.array([0, 0, 1, 1]).astype(dtype))
    for content, rows in zip(contents, (slice(0, 2), slice(2, 4)), strict=True):
        content["arrays"]["parameters/mass_1"] = values[0][rows]
        content["arrays"]["parameters/ra"] = values[1][rows]
    paths = [write_foreign(tmp_path / f"{n}.hdf5", content) for n, content in enumerate(contents)]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").length == 4
    copy = shutil.copy(paths[1], tmp_path / "copy.hdf5")
    with pytest.raises(UsageError, match="hold the same draws"):
        merge(files=[*paths, copy], output_file=tmp_path / "other.hdf5")


def test_zeros_of_both_signs_are_one_draw(tmp_path: Path) -> None:
    contents = [campaign(1, 1), campaign(1, 1)]
    contents[0]["arrays"]["parameters/ra"][:] = 0.0
    contents[1]["arrays"]["parameters/ra"][:] = -0.0
    paths = [write_ours(tmp_path / f"{n}.hdf5", content) for n, content in enumerate(contents)]
    with pytest.raises(UsageError, match="hold the same draws"):
        merge(files=paths, output_file=tmp_path / "out.hdf5")


def test_of_very_many_rows_a_sample_is_compared_that_is_the_same_in_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_MOST_ROWS", 100)
    whole = campaign(2000, 1)
    pieces = [whole, campaign(500, 2), rows_of(whole, slice(1500, None, -2))]
    paths = [write_ours(tmp_path / f"{n}.hdf5", content) for n, content in enumerate(pieces)]
    assert merge(files=paths[:2], output_file=tmp_path / "out.hdf5").length == 2500
    with pytest.raises(UsageError, match=r"0\.hdf5 and .*2\.hdf5 hold the same draws"):
        merge(files=paths, output_file=tmp_path / "other.hdf5")
