"""A joined file that is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import pytest

from aframe_data.errors import OutputExistsError
from aframe_data.formats import ledger, ledger_source
from aframe_data.formats import record as records
from aframe_data.store import identity
from ledger_pieces import (
    campaign,
    merge,
    write_foreign,
    write_ours,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("write", [write_ours, write_foreign])
def test_the_same_merge_again_does_nothing_also_after_a_move(tmp_path: Path, write: Callable[..., Path]) -> None:
    paths = [write(tmp_path / f"{seed}.hdf5", campaign(4, seed)) for seed in (1, 2)]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    before = (tmp_path / "out.hdf5").stat().st_mtime_ns
    moved = [path.rename(tmp_path / f"moved-{path.name}") for path in paths]
    report = merge(files=moved, output_file=tmp_path / "out.hdf5")
    assert (report.present, report.length, report.num_injections) == (True, 8, 56)
    assert (tmp_path / "out.hdf5").stat().st_mtime_ns == before


def _as_version_0_1_0_wrote_it(path: Path) -> None:
    """Leave of a record what that version knew of: no identity, other versions and dates, other paths."""
    with h5py.File(path, "r+") as file:
        record = records.read(file)
        assert record is not None
        del record["identity"]
        record |= {"version": "0.1.0", "packages": {"scipy": "1.0"}, "arguments": {"files": ["/gone/1.hdf5"]}}
        for source in record["sources"]:
            source["file"] = "/gone/1.hdf5"
        file.attrs["provenance"] = identity.encode(record)


def test_a_merge_of_an_earlier_version_is_known_again(two: list[Path], tmp_path: Path) -> None:
    merge(files=two, output_file=tmp_path / "out.hdf5")
    _as_version_0_1_0_wrote_it(tmp_path / "out.hdf5")
    before = (tmp_path / "out.hdf5").read_bytes()
    assert merge(files=two, output_file=tmp_path / "out.hdf5").present
    with pytest.raises(OutputExistsError, match="joined from other files"):
        merge(files=two[::-1], output_file=tmp_path / "out.hdf5")
    assert (tmp_path / "out.hdf5").read_bytes() == before


def test_its_identity_is_content_and_no_path(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.hdf5", campaign(3, n)) for n, write in enumerate((write_ours, write_foreign))]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    record = ledger.read_record(tmp_path / "out.hdf5")
    assert record is not None
    hashes = [ledger_source.open_source(path).measure_hash() for path in paths]
    assert record["identity"] == {
        "command": "merge",
        "sources": [{"length": 3, "num_injections": 21, "content_sha256": content} for content in hashes],
    }


@pytest.mark.parametrize("files", [["2.hdf5", "1.hdf5"], ["1.hdf5"], ["1.hdf5", "2.hdf5", "3.hdf5"]])
def test_another_merge_is_refused_unless_it_may_overwrite(two: list[Path], tmp_path: Path, files: list[str]) -> None:
    output = tmp_path / "out.hdf5"
    write_ours(tmp_path / "3.hdf5", campaign(2, 3))
    merge(files=two, output_file=output)
    before = output.read_bytes()
    with pytest.raises(OutputExistsError, match=r"joined from other files.*--overwrite"):
        merge(files=[tmp_path / name for name in files], output_file=output)
    assert output.read_bytes() == before
    assert not merge(files=[tmp_path / name for name in files], output_file=output, overwrite=True).present
    assert output.read_bytes() != before


def test_other_metadata_are_another_merge(two: list[Path], tmp_path: Path) -> None:
    merge(files=two, output_file=tmp_path / "out.hdf5")
    for name, value in (("num_injections", 1000), ("right_pad", 0.25)):
        for path in two:
            with h5py.File(path, "r+") as file:
                file.attrs[name] = value
        with pytest.raises(OutputExistsError, match="--overwrite"):
            merge(files=two, output_file=tmp_path / "out.hdf5")


@pytest.mark.parametrize("there", ["text", "ledger", "foreign"])
def test_a_file_that_is_no_merge_is_not_touched(two: list[Path], tmp_path: Path, there: str) -> None:
    output = tmp_path / "out.hdf5"
    if there == "text":
        output.write_text("my notes")
    else:
        (write_ours if there == "ledger" else write_foreign)(output, campaign(9, 5))
    before = output.read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        merge(files=two, output_file=output)
    assert output.read_bytes() == before


def test_a_merged_file_that_changed_is_told(two: list[Path], tmp_path: Path) -> None:
    merge(files=two, output_file=tmp_path / "out.hdf5")
    with h5py.File(tmp_path / "out.hdf5", "r+") as file:
        file["parameters/ra"][0] += 1
    with pytest.raises(OutputExistsError, match="changed since it was written"):
        merge(files=two, output_file=tmp_path / "out.hdf5")


def test_the_same_files_give_the_same_bytes(two: list[Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        merge(files=two, output_file=tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
