"""What `verify` tells of one file."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from verified_folders import FIRST, RATE, SPANS, T0, THIRD, notes, problems, seconds, verify, write

from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _change(change: Callable[[h5py.File], object]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with h5py.File(path, "a") as file:
            change(file)

    return damage


def _crop(file: h5py.File) -> None:
    for ifo in ("H1", "L1"):
        samples, attributes = file[ifo][: -20 * RATE], dict(file[ifo].attrs)
        del file[ifo]
        file[ifo] = samples
        file[ifo].attrs.update(attributes)


def _overwrite(path: Path) -> None:
    with h5py.File(path) as file:
        offset = file["L1"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[offset + 800 : offset + 808] = np.float64(3e-21).tobytes()
    path.write_bytes(content)


ONE_FILE: dict[str, tuple[Callable[[Path], object], list[tuple[str, str]]]] = {
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:5000]), [("damaged", "truncated file")]),
    "empty": (lambda path: path.write_bytes(b""), [("damaged", "no HDF5 file, 0 bytes")]),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), [("damaged", "not a file")]),
    "a pipe": (lambda path: (path.unlink(), os.mkfifo(path)), [("damaged", "not a file")]),
    "a dangling link": (
        lambda path: (path.unlink(), path.symlink_to("nowhere")),
        [("damaged", "No such file or directory")],
    ),
    "bytes": (_overwrite, [("changed", "the samples changed since they were written")]),
    "NaN": (
        _change(lambda file: file["H1"].__setitem__(slice(64, 96), np.nan)),
        [
            ("not finite", f"H1: 0.5 s of NaN or infinite samples: [{T0 + 1}, {T0 + 1.5})"),
            ("changed", "the samples changed since they were written"),
        ],
    ),
    "shifted": (
        _change(lambda file: [file[ifo].attrs.update(x0=T0 + 0.5) for ifo in ("H1", "L1")]),
        [
            ("name", f"the name says {seconds(0, 100)}, the content is [{T0 + 0.5}, {T0 + 100.5})"),
            ("overlapping", f"0.5 s are in {FIRST} too: [{T0 + 100}, {T0 + 100.5})"),
        ],
    ),
    "cropped": (
        _change(_crop),
        [
            ("short", f"covers {seconds(0, 80)}, 20 s less than its name says"),
            ("changed", "the samples changed since they were written"),
        ],
    ),
    "another content": (
        _change(lambda file: [file.pop(ifo) for ifo in ("H1", "L1")]),
        [("not background", "holds no strain")],
    ),
    "one interferometer shorter": (
        _change(lambda file: file["L1"].attrs.update(x0=T0 + 1.0)),
        [("damaged", "holds interferometers of different span or rate")],
    ),
    "a provenance that is not JSON": (
        _change(lambda file: file.attrs.update(provenance="{")),
        [("damaged", "has a provenance that cannot be read")],
    ),
}


@pytest.mark.parametrize(("damage", "expected"), ONE_FILE.values(), ids=ONE_FILE)
def test_what_is_wrong_with_one_file_is_told_and_its_span_is_not_missing_besides(
    folder: Path, damage: Callable[[Path], object], expected: list[tuple[str, str]]
) -> None:
    damage(folder / FIRST)
    report = verify(folder)
    assert [finding.kind for finding in report.problems] == [kind for kind, _ in expected]
    for finding, (_, text) in zip(report.problems, expected, strict=True):
        assert text in finding.text


def test_a_quick_look_reads_names_and_metadata_only(folder: Path) -> None:
    with h5py.File(folder / FIRST, "a") as file:
        file["H1"][:] = np.nan
    (folder / THIRD).rename(folder / "background-1240580083-0099.hdf5")
    report = verify(folder, quick=True)
    assert problems(report) == [("background-1240580083-0099.hdf5", "name")]
    assert "not finite" in {kind for _, kind in problems(verify(folder))}


@pytest.mark.parametrize(
    ("first", "last", "still"),
    [(100, 164, True), (100, 163, False), (0, 64, True), (6336, 6400, True), (0, 6400, True)],
    ids=["one second", "a sample less", "at the start", "at the end", "the whole file"],
)
def test_strain_that_stands_still_for_a_second_is_told(tmp_path: Path, first: int, last: int, *, still: bool) -> None:
    write(tmp_path, SPANS[0], change=lambda samples: samples.__setitem__(slice(first, last), 1e-21))
    report = verify(tmp_path)
    assert problems(report) == ([(FIRST, "still")] if still else [])
    if still:
        assert f"[{T0 + first / RATE:.16g}, {T0 + last / RATE:.16g})" in report.problems[0].text


def test_nan_that_was_written_so_is_told_though_the_content_is_unchanged(tmp_path: Path) -> None:
    def holes(samples: np.ndarray) -> None:
        samples[::100] = np.inf

    write(tmp_path, SPANS[0], change=holes)
    report = verify(tmp_path)
    assert problems(report) == [(FIRST, "not finite")]
    assert "H1: 1 s of NaN or infinite samples" in report.problems[0].text
    assert "and 61 more" in report.problems[0].text


def test_a_file_of_another_name_counts_by_its_content(folder: Path) -> None:
    (folder / FIRST).rename(folder / "first.hdf5")
    report = verify(folder)
    assert problems(report) == [("first.hdf5", "name")]
    assert report.livetime == 300


def test_a_file_that_aframe_does_not_read_for_its_ending_is_told(folder: Path) -> None:
    path = folder / FIRST
    path.rename(path.with_suffix(".h5"))
    assert problems(verify(folder)) == [(path.with_suffix(".h5").name, "name")]


def test_a_file_of_another_program_is_told_and_no_problem(folder: Path) -> None:
    from gwpy.timeseries import TimeSeries, TimeSeriesDict

    rng = np.random.default_rng(1)
    series = {
        ifo: TimeSeries(rng.standard_normal(100 * RATE), t0=T0, sample_rate=RATE, name=ifo) for ifo in ("H1", "L1")
    }
    (folder / FIRST).unlink()
    TimeSeriesDict(series).write(str(folder / FIRST), format="hdf5")
    report = verify(folder)
    assert report.sound
    assert notes(report) == [(FIRST, "foreign")]


def test_a_file_as_the_archive_has_it_is_no_background(folder: Path, tmp_path: Path) -> None:
    shutil.copy(write_strain_file(tmp_path, "H1", T0, 100), folder / FIRST)
    assert problems(verify(folder)) == [(FIRST, "not background")]


def test_interferometers_with_the_same_samples_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, SPANS[0], ifos=("H1", "K1", "L1", "V1"))
    assert verify(tmp_path).sound
    path.unlink()
    write(tmp_path, SPANS[0], ifos=("H1", "H2", "L1"))  # the samples follow from the first letter
    write(tmp_path, SPANS[2], ifos=("H1", "L1"))
    report = verify(tmp_path, ifos=("H1", "H2", "L1"))
    assert [(finding.where, finding.text) for finding in report.problems if finding.kind == "identical"] == [
        (FIRST, "H1 and H2 have the same samples")
    ]
    assert "identical" not in {kind for _, kind in problems(verify(tmp_path, quick=True))}
