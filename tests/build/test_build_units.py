"""The units of a build: listed for job arrays, made one by one anywhere, and the same data as one machine's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.build.configuration import stages_of
from aframe_data.build.units import units_of
from aframe_data.formats.dataset import DatasetLayout
from build_files import data_of, require_equal
from small_build import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

#: Enough signals for three parts each; short waveforms of one model.
MANY = (
    SMALL.replace("num_signals = 9", "num_signals = 150")
    .replace("num_signals = 4", "num_signals = 40")
    .replace("num_signals = 5", "num_signals = 40\nbranches = false")
)


def listed(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def names(done: Any) -> list[str]:
    """What stands in the names of units behind that of their stage."""
    return [unit["unit"].rpartition("/")[2] for unit in listed(done.out)]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.toml"
    path.write_text(MANY)
    return path


@pytest.mark.slow
def test_units_are_listed_with_files_bytes_memory_and_time(cli: Callable[..., Any], many: Path) -> None:
    folder = many.parent / "data"
    done = cli("build", many, "-o", folder, "--list-units", "--parts", "3")
    assert done.code == 0, done.err
    assert not folder.exists()
    units = listed(done.out)
    assert [unit["unit"] for unit in units] == [
        *("train-segments", "train-background/1240579783-2048", "train-psd"),
        *("test-segments", "test-background/1240590000-2100", "test-psd"),
        *(f"training-waveforms/part-{number}-of-3" for number in (1, 2, 3)),
        "training-waveforms/join-3",
        *(f"validation-waveforms/part-{number}-of-3" for number in (1, 2, 3)),
        "validation-waveforms/join-3",
        *(f"testing-waveforms/part-{number}-of-3" for number in (1, 2, 3)),
        *("testing-waveforms/join-3", "testing-waveforms/join-rejected-3"),
    ]
    made: set[str] = set()
    for unit in units:
        assert unit["command"] == ["aframe-data", "build", str(many), "-o", str(folder), "--unit", unit["unit"]]
        assert set(unit["inputs"]) <= made  # each comes after those whose files it reads
        made |= set(unit["outputs"])
        assert unit["bytes"] >= 0
        assert "join" in unit["unit"] or (unit["seconds"] > 0 and unit["memory"] > 10_000_000)


@pytest.mark.slow
def test_more_parts_than_there_is_work_for_are_not_made(cli: Callable[..., Any], many: Path) -> None:
    done = cli("build", many, "-o", many.parent / "data", "--list-units", "--parts", "1000")
    names = [unit["unit"] for unit in listed(done.out)]
    assert "training-waveforms/part-3-of-3" in names
    assert "validation-waveforms/part-3-of-3" in names


def test_what_is_whole_has_no_units(built: Path, cli: Callable[..., Any], small: Path) -> None:
    done = cli("build", small, "-o", built, "--list-units")
    assert (done.code, done.out) == (0, "")


@pytest.mark.slow
def test_what_is_whole_of_a_stage_is_left_out(cli: Callable[..., Any], many: Path) -> None:
    line = ("build", many, "-o", many.parent / "data", "--only", "training-waveforms", "--list-units", "--parts", "3")
    units = listed(cli(*line, "--workers", "0").out)
    assert [unit["command"][5:7] for unit in units] == [["--workers", "0"]] * 4
    assert cli(*units[1]["command"][1:]).code == 0
    assert names(cli(*line)) == ["part-1-of-3", "part-3-of-3", "join-3"]


@pytest.mark.slow
def test_what_is_whole_of_another_configuration_is_listed_only_to_be_replaced(
    cli: Callable[..., Any], many: Path
) -> None:
    line = ("build", many, "-o", many.parent / "data", "--only", "training-waveforms", "--list-units", "--parts", "2")
    assert cli(*listed(cli(*line).out)[1]["command"][1:]).code == 0
    many.write_text(MANY.replace("seed = 7", "seed = 8"))
    refused = cli(*line)
    assert (refused.code, refused.out) == (2, "")
    assert "training-waveforms/part-2-of-2: existing files are not what the configuration asks for" in refused.err
    again = listed(cli(*line, "--overwrite").out)
    assert [unit["command"][5] for unit in again] == ["--overwrite"] * 3
    for unit in again:
        assert cli(*unit["command"][1:]).code == 0
    assert cli(*line).out == ""
    many.write_text(MANY)  # the parts are gone, and what they were joined to is of the other seed
    refused = cli(*line)
    assert (refused.code, refused.out) == (2, "")
    assert "training-waveforms: existing files are not what the configuration asks for" in refused.err
    join = ("build", many, "-o", many.parent / "data", "--unit", "training-waveforms/join-2")
    refused = cli(*join)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "training-waveforms/join-2: existing files are not what the configuration asks for" in refused.err
    many.write_text(MANY.replace("seed = 7", "seed = 8"))
    assert "already there" in cli(*join).out
    many.write_text(MANY)
    assert names(cli(*line, "--overwrite")) == ["part-1-of-2", "part-2-of-2", "join-2"]


@pytest.mark.slow
def test_parts_that_one_of_two_joins_removed_are_not_made_again(
    copy: Path, cli: Callable[..., Any], many: Path
) -> None:
    shutil.rmtree(copy / "waveforms/test/branches")
    for path in (copy / "waveforms/test").glob("*s.hdf5"):
        path.unlink()
    line = ("build", many, "-o", copy, "--only", "testing-waveforms", "--list-units", "--parts", "2")
    units = listed(cli(*line).out)
    assert [unit["unit"].rpartition("/")[2] for unit in units][2:] == ["join-2", "join-rejected-2"]
    for unit in units[:3]:
        assert cli(*unit["command"][1:]).code == 0
    assert names(cli(*line)) == ["join-rejected-2"]
    assert cli(*units[3]["command"][1:]).code == 0
    assert cli(*line).out == ""


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--json", "--quiet"])
def test_a_list_may_be_asked_for_in_any_form(cli: Callable[..., Any], small: Path, option: str) -> None:
    line = ("build", small, "-o", small.parent / "data", "--only", "train-segments", "--list-units", option)
    assert cli(*line).err == ""


def test_a_campaign_in_one_piece_makes_two_files(small: Path) -> None:
    stages = stages_of(small, SMALL, DatasetLayout(Path("out")), None)
    outputs = {stage.name: [unit.outputs for unit in units_of(stage, 1, ())] for stage in stages[-2:]}
    assert outputs["validation-waveforms"] == [(Path("out/waveforms/train/val_waveforms.hdf5"),)]
    folder = Path("out/waveforms/test")
    assert outputs["testing-waveforms"] == [(folder / "waveforms.hdf5", folder / "rejected_parameters.hdf5")]


@pytest.mark.parametrize(
    "name",
    [
        *("nothing", "train-segments/1", "training-waveforms/part-4-of-3"),
        *("training-waveforms/join-rejected-3", "validation-waveforms/part-0-of-3", "train-psd/join-2"),
        *("training-waveforms/join-0", ""),
    ],
)
def test_a_unit_that_there_is_not_is_refused(cli: Callable[..., Any], many: Path, name: str) -> None:
    done = cli("build", many, "-o", many.parent / "data", "--unit", name)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"there is no unit {name!r}" in done.err


@pytest.mark.parametrize("span", ["", "5", "1240579783-0", "1240579783-10", "1240579000-2048"])
def test_a_file_that_no_segment_has_is_no_unit(built: Path, cli: Callable[..., Any], small: Path, span: str) -> None:
    done = cli("build", small, "-o", built, "--unit", f"train-background/{span}")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"there is no unit 'train-background/{span}'" in done.err


def test_background_is_no_unit_before_its_segments_are_known(cli: Callable[..., Any], many: Path) -> None:
    done = cli("build", many, "-o", many.parent / "data", "--unit", "train-background/1240579783-2048")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "segments.txt" in done.err


def test_a_unit_of_a_misspelt_stage_is_answered_with_the_nearest(cli: Callable[..., Any], many: Path) -> None:
    done = cli("build", many, "-o", many.parent / "data", "--unit", "trainig-waveforms/part-1-of-3")
    assert "Did you mean 'training-waveforms'" in done.err


def test_a_unit_whose_inputs_are_not_there_says_so(cli: Callable[..., Any], many: Path) -> None:
    done = cli("build", many, "-o", many.parent / "data", "--unit", "train-psd")
    assert done.code == 2
    assert done.err.count("\n") == 1


@pytest.mark.slow
def test_units_made_anywhere_are_the_data_set_of_one_machine(cli: Callable[..., Any], many: Path) -> None:
    """Each in a process of its own, in an empty folder, and no home to write to."""
    here, folder = many.parent / "here", many.parent / "data"
    assert cli("build", many, "-o", here, "--no-report").code == 0
    units = listed(cli("build", many, "-o", folder, "--list-units", "--parts", "3").out)
    for number, unit in enumerate(units):
        scratch = many.parent / f"scratch-{number}"
        scratch.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "aframe_data", *unit["command"][1:]],
            cwd=scratch,
            env={**os.environ, "HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (unit["unit"], done.stderr)
        assert not list(scratch.iterdir())
        assert all(Path(path).exists() for path in unit["outputs"])
    require_equal(data_of(folder), data_of(here))
    done = cli("build", many, "-o", folder, "--no-report")
    assert (done.code, done.out.count("already there")) == (0, 9)
