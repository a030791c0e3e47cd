"""What a build leaves of itself: its record, and the page that is made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.build.plan import BuildPlan
from aframe_data.build.stages import STAGES
from aframe_data.dataset_report.page import GENERATOR
from aframe_data.reports.build import PageReport
from build_files import FILES
from small_build import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Two files of background, and nothing else.
BACKGROUND = SMALL[: SMALL.index("[test]")].replace("[fetch]", "[fetch]\nmax_duration = 1024")


def record_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "build.json").read_text())
    return found


def test_the_record_says_what_each_stage_made_and_took(built: Path) -> None:
    record = record_of(built)
    assert record["configuration"] == SMALL
    assert [stage["name"] for stage in record["stages"]] == list(STAGES)
    assert {name for stage in record["stages"] for name in stage["outputs"]} == set(FILES)
    for stage in record["stages"]:
        assert stage["nbytes"] == sum((built / name).stat().st_size for name in stage["outputs"])
        assert stage["usage"]["seconds"] > 0
        assert stage["usage"]["peak_memory"] > 10_000_000
        assert stage["usage"]["bytes_per_second"] == pytest.approx(stage["nbytes"] / stage["usage"]["seconds"])
    assert record["stages"][6]["report"]["num_signals"] == 9


def test_the_record_changes_only_with_what_it_says(
    built: Path, copy: Path, cli: Callable[..., Any], small: Path
) -> None:
    """What was made stays recorded as it was made, with the workers of then."""
    small.write_text(SMALL.replace("workers = 0", "workers = 1"))
    assert cli("build", small, "--no-report", "-o", copy).code == 0
    record, before = record_of(copy), (copy / "build.json").stat()
    assert record["configuration"] == small.read_text()
    assert record["stages"] == record_of(built)["stages"]
    assert cli("build", small, "--no-report", "-o", copy, "--workers", "0").code == 0
    after = (copy / "build.json").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_what_was_made_elsewhere_is_recorded_without_what_it_took(
    copy: Path, cli: Callable[..., Any], small: Path
) -> None:
    (copy / "build.json").unlink()
    assert cli("build", small, "--no-report", "-o", copy).code == 0
    stages = record_of(copy)["stages"]
    assert [stage["name"] for stage in stages] == list(STAGES)
    assert {stage["usage"] for stage in stages} == {None}


def test_there_is_no_rate_of_what_was_made_only_in_part(cli: Callable[..., Any], small: Path) -> None:
    small.write_text(BACKGROUND)
    folder = small.parent / "data"
    line = ("build", small, "--no-report", "-o", folder, "--until", "train-background")
    assert cli(*line).code == 0
    assert record_of(folder)["stages"][1]["usage"]["bytes_per_second"] > 0
    next(folder.glob("data/train/*.hdf5")).unlink()
    assert cli(*line).code == 0
    assert record_of(folder)["stages"][1]["usage"]["bytes_per_second"] is None


def test_the_page_is_made_again_where_the_record_changed_since(
    copy: Path, cli: Callable[..., Any], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def page(plan: BuildPlan, *_: object) -> PageReport:
        plan.layout.report.write_text(GENERATOR)
        made.append(plan.text)
        return PageReport(plan.layout.report, 0)

    monkeypatch.setattr(BuildPlan, "_page", page)
    line = ("build", small, "-o", copy)
    assert cli(*line).code == cli(*line).code == 0
    assert made == [SMALL]
    small.write_text(f"# Again\n{SMALL}")
    assert cli(*line, "--no-report").code == 0  # changes the record
    assert cli(*line).code == cli(*line).code == 0
    assert made == [SMALL, f"# Again\n{SMALL}"]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_what_stands_in_the_way_of_the_page_or_the_record_is_refused_first(
    cli: Callable[..., Any], small: Path, options: tuple[str, ...]
) -> None:
    folder = small.parent / "data"
    folder.mkdir()
    (folder / "report.html").write_text("mine")
    done = cli("build", small, "-o", folder, *options)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "report.html' exists already" in done.err
    (folder / "report.html").unlink()
    (folder / "build.json").mkdir()
    done = cli("build", small, "-o", folder, *options)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "a folder is there" in done.err
    assert [path.name for path in folder.iterdir()] == ["build.json"]


def test_a_folder_that_cannot_be_written_to_is_refused_by_a_dry_run(cli: Callable[..., Any], small: Path) -> None:
    done = cli("build", small, "-o", small, "--only", "train-segments", "--dry-run")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "cannot write to the folder" in done.err


@pytest.mark.slow
def test_the_report_is_written_at_the_end_and_again_where_something_changed(
    copy: Path, cli: Callable[..., Any], small: Path
) -> None:
    done = cli("build", small, "-o", copy)
    assert f"no problem found: see {copy / 'report.html'}" in done.out
    page = (copy / "report.html").read_text()
    assert "aframe-data build" in page
    done = cli("build", small, "-o", copy)
    assert done.out.splitlines()[-1] == f"see {copy / 'report.html'}"
    small.write_text(SMALL.replace("num_signals = 4", "num_signals = 3"))
    assert cli("build", small, "-o", copy, "--overwrite").code == 0
    assert (copy / "report.html").read_text() != page
