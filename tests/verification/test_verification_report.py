"""What `verify` tells of a sound folder, and how it tells it."""

from __future__ import annotations

import json
from pathlib import Path

from verified_folders import FIRST, RATE, SECOND, SEGMENTS, T0, THIRD, verify

from aframe_data.requests.verify import Verify
from aframe_data.verification.findings import NOTES, PROBLEMS
from aframe_data.work.carry_out import forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

REPOSITORY = Path(__file__).resolve().parents[2]


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
