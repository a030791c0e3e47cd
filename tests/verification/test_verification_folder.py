"""What `verify` tells of all files of a folder together."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import h5py
import pytest
from verified_folders import FIRST, SECOND, SPANS, T0, THIRD, notes, problems, seconds, verify, write

from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path


def test_a_copy_overlaps_with_the_file_that_has_its_name(folder: Path) -> None:
    shutil.copy(folder / FIRST, folder / "background-1240579783-100 (copy).hdf5")
    report = verify(folder)
    assert {where for where, _ in problems(report)} == {"background-1240579783-100 (copy).hdf5"}
    assert {kind for _, kind in problems(report)} == {"name", "overlapping"}
    assert report.livetime == 300


def test_every_file_under_a_long_one_is_told_with_it(folder: Path) -> None:
    long = write(folder, Segment(T0, T0 + 400))
    report = verify(folder, look_for_segments=False)
    assert problems(report) == [(long.name, "overlapping"), (SECOND, "overlapping"), (THIRD, "overlapping")]
    assert f"100 s are in {long.name} too: {seconds(300, 400)}" == report.problems[2].text


UNLIKE: dict[str, tuple[dict[str, Any], str, str]] = {
    "rate": ({"rate": 128}, "rate", "128 Hz, where most files have 64 Hz"),
    "fewer": ({"ifos": ["H1"]}, "interferometers", "H1, where most files have H1, L1"),
    "more": ({"ifos": ["H1", "L1", "V1"]}, "interferometers", "H1, L1, V1, where most files have H1, L1"),
    "type": ({"dtype": "float32"}, "type", "float32, where most files have float64"),
}


@pytest.mark.parametrize(("other", "kind", "text"), UNLIKE.values(), ids=UNLIKE)
def test_a_file_that_is_unlike_the_others_is_told(folder: Path, other: dict[str, Any], kind: str, text: str) -> None:
    write(folder, SPANS[0], **other)
    report = verify(folder)
    assert [(finding.where, finding.kind, finding.text) for finding in report.problems] == [(FIRST, kind, text)]


def test_what_was_asked_for_counts_more_than_what_most_have(folder: Path) -> None:
    write(folder, SPANS[0], ifos=["H1"], rate=128)
    report = verify(folder, sample_rate=128, ifos=["H1"])
    expected = [(name, kind) for name in (SECOND, THIRD) for kind in ("rate", "interferometers")]
    assert problems(report) == expected
    assert report.problems[0].text == "64 Hz, where 128 Hz was asked for"


def test_interferometers_may_be_asked_for_in_any_order(folder: Path) -> None:
    assert verify(folder, ifos=["L1", "H1"], sample_rate=64).sound


def test_datasets_that_aframe_does_not_find_are_told(folder: Path) -> None:
    for path in folder.iterdir():
        with h5py.File(path, "a") as file:
            file.move("H1", "H1:STRAIN")
    report = verify(folder, quick=True)
    assert {kind for _, kind in problems(report)} == {"interferometers"}
    assert "datasets H1:STRAIN" in report.problems[0].text


def test_what_else_lies_in_the_folder_is_told_and_no_problem(folder: Path) -> None:
    write(folder, SPANS[0], prefix="o3a")
    shutil.copy(folder / FIRST, folder / f".{FIRST}.host-1-abc.part")
    with h5py.File(folder / "signals.hdf5", "w") as file:
        file.create_group("parameters")
    (folder / "torn.hdf5").write_bytes(b"")
    (folder / "torn.h5").write_bytes(b"")
    report = verify(folder)
    assert report.sound
    expected = [
        ("signals.hdf5", "other"),
        ("torn.hdf5", "other"),
        (f"o3a-{T0}-100.hdf5", "other"),
        (f".{FIRST}.host-1-abc.part", "leftover"),
    ]
    assert notes(report) == expected
    assert len(report.background) == 3
    assert len(verify(folder, prefix="o3a", look_for_segments=False).background) == 1
