"""What `verify` tells of a folder: of each file, of all together, and of what the segments have besides."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.formats import background, segwizard
from aframe_data.requests.verify import Verify
from aframe_data.types import Segment
from aframe_data.verification.findings import NOTES, PROBLEMS
from aframe_data.work.carry_out import do, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aframe_data.verification.verify import VerifyReport

REPOSITORY = Path(__file__).resolve().parents[2]
T0, RATE = 1240579783, 64
#: The files of the folder in most tests: two that touch, and one for itself.
SPANS = (Segment(T0, T0 + 100), Segment(T0 + 100, T0 + 200), Segment(T0 + 300, T0 + 400))
SEGMENTS = (Segment(T0, T0 + 200), Segment(T0 + 300, T0 + 400))
FIRST, SECOND, THIRD = (background.file_name("background", span) for span in SPANS)


def write(
    folder: Path,
    span: Segment,
    *,
    ifos: Sequence[str] = ("H1", "L1"),
    rate: int = RATE,
    dtype: str = "float64",
    prefix: str = "background",
    record: Mapping[str, Any] | None = None,
    change: Callable[[np.ndarray], None] | None = None,
) -> Path:
    path = folder / background.file_name(prefix, span)
    with background.create(path, ifos=ifos, segment=span, sample_rate=rate, dtype=dtype) as writer:
        for ifo in ifos:
            samples = 1e-21 * np.random.default_rng(ord(ifo[0])).standard_normal(round(span.duration * rate))
            if change is not None and ifo == "H1":
                change(samples)
            writer.append(ifo, samples)
        writer.describe([background.Channel(ifo, ifo, "strain") for ifo in ifos], record or {"command": "fetch"})
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound folder, with its segments beside it."""
    made = tmp_path / "data" / "background"
    made.mkdir(parents=True)
    for span in SPANS:
        write(made, span)
    segwizard.write_segments(made.parent / "segments.txt", SEGMENTS)
    return made


def verify(folder: str | Path, **more: Any) -> VerifyReport:
    """Here, without processes, unless a test says otherwise."""
    return do(Verify(folder, **{"workers": 0, **more}))


def problems(report: VerifyReport) -> list[tuple[str, str]]:
    return [(finding.where, finding.kind) for finding in report.problems]


def notes(report: VerifyReport) -> list[tuple[str, str]]:
    return [(finding.where, finding.kind) for finding in report.notes]


def seconds(first: int, last: int) -> str:
    return f"[{T0 + first}, {T0 + last})"


# --- a sound folder -----------------------------------------------------------------------------------


def test_a_sound_folder_is_sound(folder: Path) -> None:
    report = verify(folder)
    assert (report.sound, report.notes) == (True, ())
    assert (len(report.background), report.livetime, report.ifos) == (3, 300, ("H1", "L1"))
    assert report.segments == SEGMENTS


def test_it_says_the_same_with_any_number_of_workers_and_changes_nothing(folder: Path) -> None:
    (folder / FIRST).write_bytes(b"")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    reports = [verify(folder, workers=workers).describe() for workers in (0, 1, 3)]
    assert reports[0] == reports[1] == reports[2]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_everything_that_was_found_is_plain_for_a_machine(folder: Path) -> None:
    (folder / SECOND).unlink()
    (folder / THIRD).write_bytes(b"")
    told = json.loads(json.dumps(verify(folder).describe()))
    assert told["sound"] is False
    assert (told["segments_file"], told["segments"]) == (str(folder.parent / "segments.txt"), 2)
    assert (told["livetime"], told["ifos"], told["min_duration"]) == (100, ["H1", "L1"], 10)
    assert told["files"][0] == {
        "file": FIRST,
        "span": [T0, T0 + 100],
        "sample_rate": RATE,
        "ifos": ["H1", "L1"],
        "dtype": "float64",
        "intact": True,
    }
    nothing = dict.fromkeys(told["files"][0])
    assert told["files"][1:] == [{**nothing, "file": THIRD}]
    assert [(problem["kind"], problem["file"], problem["span"]) for problem in told["problems"]] == [
        ("missing", None, [T0 + 100, T0 + 200]),
        ("damaged", THIRD, [T0 + 300, T0 + 400]),
    ]


def test_every_kind_of_finding_is_in_the_documents() -> None:
    text = (REPOSITORY / "docs" / "conventions.md").read_text()
    rows = [f"| `{kind}` | problem | {what} |" for kind, what in PROBLEMS.items()]
    rows += [f"| `{kind}` | note | {what} |" for kind, what in NOTES.items()]
    assert "\n".join(rows) in text


def test_the_exit_code_says_whether_it_is_sound(folder: Path) -> None:
    assert verify(folder).exit_code == 0
    (folder / FIRST).write_bytes(b"")
    assert verify(folder).exit_code == 1


def test_a_dry_run_tells_how_many_files_would_be_read(folder: Path) -> None:
    (folder / FIRST).write_bytes(b"")
    with engine_for(0) as engine:
        told = forecast(Verify(folder, quick=True), Work(engine)).describe()
    assert told == {"folder": str(folder), "files": 3, "quick": True}


# --- one file -----------------------------------------------------------------------------------------


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
    "a folder": (lambda path: (path.unlink(), path.mkdir()), [("damaged", "no file")]),
    "a pipe": (lambda path: (path.unlink(), os.mkfifo(path)), [("damaged", "no file")]),
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
    "a provenance that is no JSON": (
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

    series = {
        ifo: TimeSeries(np.random.default_rng(1).standard_normal(100 * RATE), t0=T0, sample_rate=RATE, name=ifo)
        for ifo in ("H1", "L1")
    }
    (folder / FIRST).unlink()
    TimeSeriesDict(series).write(str(folder / FIRST), format="hdf5")
    report = verify(folder)
    assert report.sound
    assert notes(report) == [(FIRST, "foreign")]


def test_a_file_as_the_archive_has_it_is_no_background(folder: Path, tmp_path: Path) -> None:
    shutil.copy(write_strain_file(tmp_path, "H1", T0, 100), folder / FIRST)
    assert problems(verify(folder)) == [(FIRST, "not background")]


# --- all files ----------------------------------------------------------------------------------------


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


# --- against segments ---------------------------------------------------------------------------------


def test_a_segment_without_a_file_is_missing(folder: Path) -> None:
    (folder / THIRD).unlink()
    report = verify(folder)
    assert problems(report) == [(seconds(300, 400), "missing")]
    assert report.problems[0].text == "no file has this segment of 100 s"


def test_a_part_of_a_segment_without_a_file_is_missing(folder: Path) -> None:
    (folder / SECOND).unlink()
    report = verify(folder)
    assert problems(report) == [(seconds(100, 200), "missing")]
    assert report.problems[0].text == f"no file has these 100 s of the segment {seconds(0, 200)}"


def test_what_is_too_short_for_a_file_is_told_and_not_missing(folder: Path) -> None:
    segments = [Segment(T0, T0 + 209), Segment(T0 + 220, T0 + 225), Segment(T0 + 290, T0 + 400)]
    report = verify(folder, segments=segments)
    assert problems(report) == [(seconds(290, 300), "missing")]
    assert notes(report) == [(seconds(200, 209), "remainder"), (seconds(220, 225), "remainder")]


def test_pieces_of_segments_that_touch_are_each_too_short_for_a_file(folder: Path) -> None:
    segments = [Segment(T0, T0 + 206), Segment(T0 + 206, T0 + 212), Segment(T0 + 300, T0 + 400)]
    report = verify(folder, segments=segments)
    assert report.sound
    assert notes(report) == [(seconds(200, 206), "remainder"), (seconds(206, 212), "remainder")]


def test_the_shortest_file_is_as_asked_or_as_the_fetch_had_it(folder: Path) -> None:
    segments = [*SEGMENTS, Segment(T0 + 500, T0 + 550)]
    assert problems(verify(folder, segments=segments)) == [(seconds(500, 550), "missing")]
    assert verify(folder, segments=segments, min_duration=60).sound
    for span in SPANS:
        write(folder, span, record={"command": "fetch", "arguments": {"min_duration": 60}})
    report = verify(folder, segments=segments)
    assert (report.sound, report.min_duration, notes(report)) == (True, 60, [(seconds(500, 550), "remainder")])
    assert not verify(folder, segments=segments, min_duration=20).sound


def test_a_file_shorter_than_the_shortest_is_told(folder: Path) -> None:
    report = verify(folder, min_duration=150, look_for_segments=False)
    assert problems(report) == [(FIRST, "short"), (SECOND, "short"), (THIRD, "short")]
    assert report.problems[0].text == "covers 100 s, less than min_duration = 150 s"


def test_parts_of_seconds_at_the_ends_of_segments_do_not_count(folder: Path) -> None:
    segments = [Segment(T0 - 0.5, T0 + 200.25), Segment(T0 + 299.75, T0 + 400.5)]
    report = verify(folder, segments=segments, min_duration=1)
    assert (report.sound, report.notes) == (True, ())


def test_files_outside_of_the_segments_are_surplus(folder: Path) -> None:
    report = verify(folder, segments=[Segment(T0, T0 + 170)])
    assert problems(report) == [(SECOND, "surplus"), (THIRD, "surplus")]
    assert report.problems[0].text == f"30 s are outside of all segments: {seconds(170, 200)}"
    assert report.problems[1].text == "outside of all segments"


def _cut(first: float, last: float, reason: str = "not finite", ifo: str = "H1") -> dict[str, Any]:
    return {"start": T0 + first, "stop": T0 + last, "reason": reason, "ifo": ifo}


def test_what_a_fetch_says_it_cut_is_told_with_its_reason_and_not_missing(folder: Path) -> None:
    record = {"command": "fetch", "cut": [_cut(215.5, 225.5), _cut(231, 290, "no data", "L1")]}
    write(folder, SPANS[1], record=record)
    report = verify(folder, segments=[Segment(T0, T0 + 400)])
    assert problems(report) == [(seconds(200, 215), "missing"), (seconds(290, 300), "missing")]
    assert notes(report) == [
        (seconds(215, 226), "cut"),
        (seconds(226, 231), "remainder"),
        (seconds(231, 290), "cut"),
    ]
    assert [finding.text for finding in report.notes if finding.kind == "cut"] == ["H1, not finite", "L1, no data"]


def test_a_cut_does_not_excuse_samples_that_are_there(folder: Path) -> None:
    def hole(samples: np.ndarray) -> None:
        samples[:RATE] = np.nan

    write(folder, SPANS[0], record={"command": "fetch", "cut": [_cut(0, 1)]}, change=hole)
    assert problems(verify(folder)) == [(FIRST, "not finite")]


def test_what_a_record_does_not_say_plainly_is_not_believed(folder: Path) -> None:
    for number, cut in enumerate(("all of it", [3, {}, {"start": T0, "stop": "late"}, _cut(400, 300)])):
        write(folder, SPANS[number], record={"command": "fetch", "cut": cut, "arguments": []})
    assert problems(verify(folder, segments=[Segment(T0, T0 + 400)])) == [(seconds(200, 300), "missing")]


def test_what_a_fetch_filled_may_stand_still_and_is_told(folder: Path) -> None:
    def fill(samples: np.ndarray) -> None:
        samples[10 * RATE : 20 * RATE] = 0
        samples[50 * RATE : 53 * RATE] = 0

    write(folder, SPANS[0], record={"command": "fetch", "filled": [_cut(10, 20)]}, change=fill)
    report = verify(folder)
    assert problems(report) == [(FIRST, "still")]
    assert report.problems[0].text == f"H1: the same value for 1 s or longer: {seconds(50, 53)}"
    assert [(finding.kind, finding.text) for finding in report.notes] == [
        ("filled", f"H1, not finite: {seconds(10, 20)}")
    ]


def test_segments_in_the_folder_come_before_those_beside_it(folder: Path) -> None:
    inside = folder / "segments.txt"
    segwizard.write_segments(inside, [Segment(T0, T0 + 400)])
    report = verify(folder)
    assert report.segments_file == inside
    assert problems(report) == [(seconds(200, 300), "missing")]
    assert verify(folder, segments=folder.parent / "segments.txt").sound
    alone = verify(folder, look_for_segments=False)
    assert (alone.sound, alone.segments, alone.segments_file) == (True, None, None)


def test_segments_beside_the_working_folder_are_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert str(verify(".").segments_file) == "../segments.txt"


# --- wrong usage --------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such folder": ({"folder": "nowhere"}, "there is no folder"),
    "a file": ({"folder": f"background/{FIRST}"}, "is no folder: `aframe-data inspect` tells of one file"),
    "the folder above": ({"folder": "."}, "Did you mean 'background'?"),
    "another prefix": ({"prefix": "backgroud"}, r"Did you mean 'background'\? Prefixes there: 'background' \(3\)"),
    "no prefix": ({"prefix": "a/b"}, "prefix = 'a/b' is not allowed"),
    "no segments file": ({"segments": "none.txt"}, "cannot read the segments file 'none.txt'"),
    "an empty segments file": ({"segments": "empty.txt"}, "empty.txt holds no segments"),
    "no segments": ({"segments": []}, "holds no segments"),
    "prose": ({"segments": "prose.txt"}, "is no segment"),
    "overlapping segments": ({"segments": [SEGMENTS[0], Segment(T0 + 50, T0 + 500)]}, "overlap"),
    "a rate of zero": ({"sample_rate": 0}, "sample_rate = 0 is not allowed"),
    "no interferometer": ({"ifos": ["Hanford"]}, "must begin with an interferometer"),
    "a negative duration": ({"min_duration": -1}, "min_duration = -1 is not allowed"),
    "fewer than no workers": ({"workers": -1}, "workers = -1 is not allowed"),
    "both and none": ({"segments": "s.txt", "look_for_segments": False}, "--no-segments exclude each other"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(folder.parent)
    (folder.parent / "empty.txt").write_text("# seg\tstart\tstop\tduration\n")
    (folder.parent / "prose.txt").write_text("once upon a time there was\n")
    with pytest.raises(UsageError, match=message):
        verify(**{"folder": "background", **arguments})


def test_a_folder_that_is_yet_to_be_made_can_be_planned_for(tmp_path: Path) -> None:
    plan = Verify(tmp_path / "background", workers=0).planned()
    (tmp_path / "background").mkdir()
    write(tmp_path / "background", SPANS[0])
    with engine_for(0) as engine:
        assert plan.make(Work(engine)).sound
