"""What `verify` tells of segments that have no file, and of files that have no segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from verified_folders import FIRST, RATE, SECOND, SEGMENTS, SPANS, T0, THIRD, notes, problems, seconds, verify, write

from aframe_data.formats import segwizard
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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
