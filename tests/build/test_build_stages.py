"""A whole data set from one file: what is made, kept, resumed and made again."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.build.stages import STAGES
from aframe_data.work.engine import engine_for
from build_files import FILES, data_of, require_equal
from small_build import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def stamps(folder: Path) -> dict[str, int]:
    return {name: (folder / name).stat().st_mtime_ns for name in FILES}


def test_all_files_are_made_and_nothing_beside_them(built: Path) -> None:
    there = {str(path.relative_to(built)) for path in built.rglob("*") if path.is_file()}
    assert there - {"build.json", "report.html"} == set(FILES)


def test_the_files_are_those_of_the_commands(built: Path, cli: Callable[..., Any], tmp_path: Path) -> None:
    signals = ("--prior", "gaussian_masses", "--m1", 35, "--m2", 30, "--waveform-duration", 2, "--sample-rate", 1024)
    signals += ("--right-pad", 0.5, "--waveform-approximant", "IMRPhenomPv2", "--seed", 7, "--workers", 0)
    made = tmp_path / "training_waveforms.hdf5"
    assert cli("waveforms", *map(str, signals), "--num-signals", "9", "-o", made).code == 0
    with h5py.File(made) as alone, h5py.File(built / "waveforms/train/training_waveforms.hdf5") as ours:
        np.testing.assert_array_equal(alone["waveforms/plus"][()], ours["waveforms/plus"][()])
    again = built / "waveforms/train/training_waveforms.hdf5"
    done = cli("waveforms", *map(str, signals), "--num-signals", "9", "-o", again)
    assert (done.code, "already" in done.out) == (0, True)


@pytest.mark.slow
def test_all_stages_share_the_same_workers(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Callable[..., Any]
) -> None:
    started = []

    def noted(workers: int) -> Any:
        started.append(workers)
        return engine_for(workers)

    monkeypatch.setattr("aframe_data.build.engines.engine_for", noted)
    (tmp_path / "two.toml").write_text(SMALL.replace("workers = 0", "workers = 2"))
    assert cli("build", tmp_path / "two.toml", "-o", tmp_path / "data").code == 0
    assert started == [2]
    require_equal(data_of(tmp_path / "data"), data_of(built))
    assert "<svg" in (tmp_path / "data" / "report.html").read_text()


def test_a_second_build_makes_nothing(copy: Path, cli: Callable[..., Any], small: Path) -> None:
    before = stamps(copy)
    done = cli("build", small, "--no-report", "-o", copy)
    assert done.code == 0
    assert done.out.count("already there") == len(STAGES)
    assert stamps(copy) == before


@pytest.mark.slow
def test_stages_one_by_one_come_to_the_same_data(built: Path, cli: Callable[..., Any], small: Path) -> None:
    folder = small.parent / "data"
    assert cli("build", small, "--no-report", "-o", folder, "--until", "train-psd").code == 0
    assert not (folder / "data" / "test").exists()
    assert cli("build", small, "--no-report", "-o", folder, "--only", "training-waveforms,test-segments").code == 0
    assert (folder / FILES[9]).exists()
    assert not (folder / FILES[10]).exists()
    assert cli("build", small, "--no-report", "-o", folder).code == 0
    require_equal(data_of(folder), data_of(built))


@pytest.mark.slow
def test_what_another_configuration_asks_for_is_not_replaced_unless_that_is_said(
    copy: Path, cli: Callable[..., Any], small: Path
) -> None:
    before = stamps(copy)
    small.write_text(SMALL.replace("num_signals = 4", "num_signals = 3"))
    done = cli("build", small, "--no-report", "-o", copy)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "validation-waveforms: existing files are not what the configuration asks for" in done.err
    assert "num_signals" in done.err
    assert "--overwrite remakes what differs" in done.err
    assert stamps(copy) == before
    assert cli("build", small, "--no-report", "-o", copy, "--overwrite").code == 0
    assert [name for name, stamp in stamps(copy).items() if stamp != before[name]] == [FILES[10]]


@pytest.mark.slow
def test_what_depends_on_a_stage_that_is_made_again_is_made_again(
    copy: Path, cli: Callable[..., Any], small: Path
) -> None:
    before = stamps(copy)
    small.write_text(SMALL.replace("[test]\n", "[test]\nsimulated.seed = 4\n"))
    assert cli("build", small, "--no-report", "-o", copy, "--overwrite").code == 0
    kept = {name for name, stamp in stamps(copy).items() if stamp == before[name]}
    assert kept == {name for name in FILES if "/train/" in name}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["background-1240570000-2048.hdf5", "other.hdf5"])
def test_background_that_nobody_asked_for_is_no_part_of_the_data_set(
    copy: Path, cli: Callable[..., Any], small: Path, name: str
) -> None:
    other = copy / "data/train" / name
    shutil.copy(copy / FILES[2], other)
    done = cli("build", small, "--no-report", "-o", copy)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert str(other) in done.err
    assert cli("build", small, "--no-report", "-o", copy, "--overwrite").code == 0
    assert not other.exists()
    assert (copy / FILES[2]).exists()


@pytest.mark.slow
def test_a_damaged_file_stops_the_build_and_is_named(copy: Path, cli: Callable[..., Any], small: Path) -> None:
    with h5py.File(copy / FILES[9], "r+") as file:
        file["waveforms/plus"][0, 0] = 1.0
    done = cli("build", small, "--no-report", "-o", copy)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert FILES[9] in done.err
    assert cli("build", small, "--no-report", "-o", copy, "--overwrite").code == 0


@pytest.mark.slow
def test_a_dry_run_tells_of_each_stage_and_makes_nothing(cli: Callable[..., Any], small: Path) -> None:
    folder = small.parent / "data"
    done = cli("build", small, "--no-report", "-o", folder, "--dry-run", "--json")
    assert done.code == 0
    assert not folder.exists()
    told = json.loads(done.out)
    assert [stage["name"] for stage in told["stages"]] == list(STAGES)
    assert [stage["state"] for stage in told["stages"]] == [
        *("missing", "waiting", "waiting") * 2,
        *("missing", "waiting", "waiting"),
    ]
    by_name = {stage["name"]: stage for stage in told["stages"]}
    assert by_name["train-background"]["nbytes"] == 2 * 2048 * 1024 * 4
    assert by_name["training-waveforms"]["nbytes"] == pytest.approx(9 * (2 * 2048 * 4), rel=0.05)
    assert all(stage["seconds"] > 0 for stage in told["stages"])


def test_an_archive_that_is_closed_stops_a_build_and_leaves_a_dry_run_what_else_is_known(
    cli: Callable[..., Any], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens on the port: the connection is refused."""
    monkeypatch.setattr("tenacity.nap.sleep", lambda _seconds: None)
    asked = small.read_text().replace('"simulated"', '"gwosc"').replace("[simulated]", "[gwosc]")
    small.write_text(asked.replace("duty_cycle = 1", 'host = "http://127.0.0.1:9"'))
    folder = small.parent / "data"
    done = cli("build", small, "-o", folder)
    assert done.code == 1
    assert "error: the connection to http://127.0.0.1:9 failed" in done.err.splitlines()[-1]
    assert not folder.joinpath("data").exists() or not any(path.is_file() for path in (folder / "data").rglob("*"))
    told = cli("build", small, "-o", folder, "--dry-run")
    assert told.code == 0
    assert "the cost of train-background is not known: the segments of train are not known." in told.err
    assert "the cost of train-psd is not known: the background of train is not known." in told.err
    assert "the cost of testing-waveforms is not known: the background of test is not known." in told.err
    assert re.fullmatch(r"in all 1[0-9.]+ kB, about .*, without what is not known", told.out.splitlines()[-1])


def test_a_dry_run_of_what_is_there_expects_nothing(built: Path, cli: Callable[..., Any], small: Path) -> None:
    done = cli("build", small, "-o", built, "--dry-run", "--json")
    assert {stage["state"] for stage in json.loads(done.out)["stages"]} == {"present"}
    assert json.loads(done.out)["nbytes"] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--only", "trainig-waveforms"], "there is no stage 'trainig-waveforms'. Did you mean 'training-waveforms'"),
        (["--until", "psd"], "there is no stage 'psd'."),
        (["--only", "test-psd", "--until", "train-psd"], "--only and --until leave no stage: test-psd comes after"),
        (["--config", "c.toml"], "No such option '--config'."),
        (["--parts", "3"], "--parts has no effect without --list-units"),
        (["--preset", "quickstart"], "give a configuration file, or --preset NAME."),
    ],
)
def test_wrong_arguments_are_refused(cli: Callable[..., Any], small: Path, arguments: list[str], told: str) -> None:
    done = cli("build", small, "--no-report", "-o", small.parent / "data", *arguments)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert told in done.err
    assert not (small.parent / "data").exists()


def test_what_only_a_trial_tells_is_found_before_anything_is_made(cli: Callable[..., Any], small: Path) -> None:
    small.write_text(SMALL.replace("IMRPhenomPv2", "IMRPhenomD"))
    done = cli("build", small, "--no-report", "-o", small.parent / "data")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "small.toml: [training-waveforms]: approximant 'IMRPhenomD' is for spins along" in done.err
    assert not (small.parent / "data" / "data").exists()


def test_a_stage_that_fails_ends_the_build_and_what_is_whole_is_kept(cli: Callable[..., Any], small: Path) -> None:
    small.write_text(SMALL.replace("duty_cycle = 1", "duty_cycle = 1\nmissing = '1240580000-1240580010'"))
    done = cli("build", small, "--no-report", "-o", small.parent / "data")
    assert done.code in (1, 2)
    assert "Traceback" not in done.err
