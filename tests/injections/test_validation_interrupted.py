"""Interrupted at any moment, validation signals end as those of an undisturbed run, on any number of workers."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
from burst_runs import SIGNALS, assert_same_arrays, contents, validate

from aframe_data.errors import WaveformError
from aframe_data.formats import ledger
from aframe_data.requests.validation import ValidationWaveforms
from ledger_reader import read_rejected, read_validation_waveforms
from plugin_factory import run_cli

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

FILES = ("val.hdf5", "rejected.hdf5")


@pytest.fixture(scope="module")
def unfinished(reference: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was allowed one draw too few: two blocks of three are done."""
    folder = tmp_path_factory.mktemp("unfinished")
    needed = read_validation_waveforms(reference / "val.hdf5").num_injections
    with pytest.raises(WaveformError):
        validate(folder, flat_noise, max_draws=needed - 1)
    assert [path.name for path in folder.iterdir()] == ["val.hdf5.parts"]
    return folder


def assert_as_undisturbed(folder: Path, reference: Path) -> None:
    for name in FILES:
        assert_same_arrays(folder / name, reference / name)
        assert ledger.summarize(folder / name).intact
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def a_draw_of_the_second_block(reference: Path) -> float:
    """The right ascension of an accepted signal, which every run makes in full."""
    return float(contents(reference / "val.hdf5")["parameters/ra"][20])


# --- workers that die -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_worker_that_dies_once_costs_nothing(reference: Path, flat_noise: Path, tmp_path: Path, workers: int) -> None:
    mark = tmp_path / "died"
    options = {"die_at": a_draw_of_the_second_block(reference), "mark": str(mark)}
    report = validate(tmp_path / "out", flat_noise, generator_options=options, workers=workers)
    assert mark.exists()
    assert report.failures == ()
    assert_as_undisturbed(tmp_path / "out", reference)


@pytest.mark.slow
def test_a_draw_that_always_kills_its_worker_costs_its_block_and_is_named_on_any_number_of_workers(
    reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    deadly = a_draw_of_the_second_block(reference)
    report = validate(tmp_path, flat_noise, generator_options={"die_at": deadly}, workers=1)
    (lost,) = report.failures
    assert "died" in lost
    assert "block 1 of seed 7" in lost
    read, rejected = read_validation_waveforms(tmp_path / "val.hdf5"), read_rejected(tmp_path / "rejected.hdf5")
    assert len(read.snr) == 40
    assert read.num_injections == report.num_injections == 40 + len(rejected.snr)
    ra = [read.parameters["ra"], rejected.parameters["ra"]]
    assert deadly not in np.concatenate(ra)
    undisturbed = contents(reference / "val.hdf5")["parameters/ra"]
    same = ra[0] == undisturbed
    assert same.tolist() == [True] * 16 + [False] * 16 + [True] * 8
    validate(tmp_path / "three", flat_noise, generator_options={"die_at": deadly}, workers=3)
    for name in FILES:
        assert (tmp_path / "three" / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.slow
def test_a_run_that_goes_on_still_tells_of_a_worker_that_died_before(
    reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    deadly = {"die_at": a_draw_of_the_second_block(reference)}
    needed = validate(tmp_path / "whole", flat_noise, generator_options=deadly, workers=1).num_injections
    with pytest.raises(WaveformError):
        validate(tmp_path / "in two", flat_noise, generator_options=deadly, workers=1, max_draws=needed - 1)
    (lost,) = validate(tmp_path / "in two", flat_noise, generator_options=deadly, workers=1).failures
    assert "block 1 of seed 7" in lost
    for name in FILES:
        assert (tmp_path / "in two" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


# --- runs that end early --------------------------------------------------------------------------------


@pytest.mark.slow
def test_finished_blocks_are_not_made_again(
    reference: Path, unfinished: Path, flat_noise: Path, tmp_path: Path
) -> None:
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    # A draw of a finished block would now kill the worker, and is never met.
    options = {"die_at": float(contents(reference / "val.hdf5")["parameters/ra"][0])}
    asked = {**SIGNALS, "num_signals": 40, "psd": flat_noise, "output_file": tmp_path / "val.hdf5"}
    identity = ValidationWaveforms(**{**asked, "generator_options": options}).planned().identity
    (tmp_path / "val.hdf5.parts" / "manifest.json").write_text(json.dumps({"identity": identity}, default=str))
    validate(tmp_path, flat_noise, workers=2, generator_options=options)
    assert_as_undisturbed(tmp_path, reference)


@pytest.mark.parametrize(
    "broken",
    [("cut off", "accepted"), ("another file", "accepted"), ("gone", "rejected"), ("changed", "rejected")],
)
def test_a_broken_block_is_made_again(
    reference: Path, unfinished: Path, flat_noise: Path, tmp_path: Path, broken: tuple[str, str]
) -> None:
    damage, what = broken
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    part = tmp_path / "val.hdf5.parts" / f"{what}-00000001.hdf5"
    assert part.exists()
    if damage == "cut off":
        part.write_bytes(part.read_bytes()[:1000])
    elif damage == "gone":
        part.unlink()
    elif damage == "changed":
        import h5py

        with h5py.File(part, "r+") as file:
            file["parameters/ra"][3] += 1
    else:
        part.write_bytes(part.with_name("manifest.json").read_bytes())
    validate(tmp_path, flat_noise)
    assert_as_undisturbed(tmp_path, reference)


@pytest.mark.slow
def test_a_retry_with_other_arguments_needs_nobody_to_clean_up(
    reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    with pytest.raises(WaveformError):
        validate(tmp_path, flat_noise, max_draws=600, seed=9)
    with pytest.raises(WaveformError):
        validate(tmp_path, flat_noise, max_draws=600)
    validate(tmp_path, flat_noise)
    assert_as_undisturbed(tmp_path, reference)


@pytest.mark.slow
def test_work_that_was_set_aside_is_gone_on_with(flat_noise: Path, tmp_path: Path) -> None:
    for seed in (9, 10):
        with pytest.raises(WaveformError):
            validate(tmp_path, flat_noise, max_draws=600, seed=seed)
    assert validate(tmp_path, flat_noise, seed=9).seed == 9
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_a_run_killed_between_its_two_files_goes_on(
    reference: Path, unfinished: Path, flat_noise: Path, tmp_path: Path
) -> None:
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    (tmp_path / "rejected.hdf5").write_bytes((reference / "rejected.hdf5").read_bytes())
    validate(tmp_path, flat_noise)
    assert_as_undisturbed(tmp_path, reference)


def test_a_run_killed_at_its_very_end_leaves_nothing_for_the_user_to_remove(
    reference: Path, unfinished: Path, flat_noise: Path, tmp_path: Path
) -> None:
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    shutil.copytree(reference, tmp_path, dirs_exist_ok=True)
    assert validate(tmp_path, flat_noise).present
    assert_as_undisturbed(tmp_path, reference)


# --- kill -9 --------------------------------------------------------------------------------------------


def command(folder: Path, noise: Path, workers: int, **changes: Any) -> list[str]:
    settings = {
        **{name: value for name, value in SIGNALS.items() if name not in ("ifos", "workers")},
        "num_signals": 40,
        "psd": noise,
        "output_file": folder / "val.hdf5",
        "ifos": "H1,L1",
        "rejected_file": folder / "rejected.hdf5",
        "workers": workers,
        **changes,
    }
    words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    return ["validation_waveforms", *words]


@pytest.mark.slow
def test_a_run_whose_parent_is_killed_goes_on_with_another_number_of_workers(
    bursts: Path, reference: Path, flat_noise: Path, tmp_path: Path
) -> None:
    """A draw in the middle kills the command, from within; it leaves nothing behind that runs, and goes on."""
    out, mark = tmp_path / "out", tmp_path / "killed"
    deadly = {"burst-die-at": repr(a_draw_of_the_second_block(reference)), "burst-kill": "parent"}
    line = command(out, flat_noise, 2, **deadly, **{"burst-mark": mark})
    died = run_cli(*line, folders=(bursts,))
    assert died.returncode == -signal.SIGKILL
    assert mark.exists()
    assert not (out / "val.hdf5").exists()
    options = {"die_at": a_draw_of_the_second_block(reference), "kill": "parent", "mark": str(mark)}
    validate(out, flat_noise, generator_options=options, workers=1)
    assert_as_undisturbed(out, reference)


def start(folders: Path, line: list[str]) -> subprocess.Popen[str]:
    import os

    environment = {**os.environ, "PYTHONPATH": str(folders)}
    return subprocess.Popen(
        [sys.executable, "-m", "aframe_data", *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


def wait_for(running: subprocess.Popen[str], folder: Path, pattern: str) -> bool:
    """Wait until a file is there; False if the command ended before."""
    end = time.monotonic() + 120
    while time.monotonic() < end and running.poll() is None:
        if next(folder.glob(pattern), None) is not None:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("who", ["parent", "worker", "interrupt"])
def test_killed_from_outside_again_and_again_it_ends_the_same(
    bursts: Path, flat_noise: Path, tmp_path: Path, who: str
) -> None:
    count = {"num_signals": 320}
    validate(tmp_path / "undisturbed", flat_noise, **count, workers=2)
    out = tmp_path / "out"
    pauses = random.Random(5)  # noqa: S311 - not for secrets
    for kill in range(6):
        running = start(bursts, command(out, flat_noise, 1 + kill % 3, **count))
        if wait_for(running, out, f"val.hdf5.parts/accepted-{3 * kill:08d}.hdf5"):
            time.sleep(pauses.uniform(0, 0.1))
        if who == "worker":
            # The run may have ended by itself.
            with contextlib.suppress(psutil.NoSuchProcess, ValueError):
                children = psutil.Process(running.pid).children(recursive=True)
                max(children, key=lambda child: child.cpu_times().user).kill()
            running.communicate(timeout=120)
        else:
            running.send_signal(signal.SIGKILL if who == "parent" else signal.SIGINT)
            said, _ = running.communicate(timeout=60)
            assert "Traceback" not in said
    running = start(bursts, command(out, flat_noise, 2, **count))
    said, _ = running.communicate(timeout=300)
    assert running.returncode == 0, said
    assert_as_undisturbed(out, tmp_path / "undisturbed")
