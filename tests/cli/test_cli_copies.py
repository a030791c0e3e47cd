"""Several commands at once, and what one leaves on a machine when all of its processes are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import psutil
import pytest
from test_cli_interruption import finish, wait_for

from aframe_data.formats import ledger

if TYPE_CHECKING:
    from collections.abc import Callable

WAVEFORMS = (
    *("waveforms", "--prior", "flat", "--generator", "chirp", "--waveform-duration", "8", "--sample-rate", "1024"),
    *("--workers", "1"),
)
TESTS = Path(__file__).resolve().parent.parent
Start: TypeAlias = "Callable[..., subprocess.Popen[str]]"


@pytest.mark.slow
def test_of_two_copies_the_second_waits_and_ends_well(process: Start, tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    command = (*WAVEFORMS, "--num-signals", "1500", "-o", path)
    first = process(*command)
    assert wait_for(first, tmp_path, "training.hdf5.parts/unit-*.hdf5")
    first.send_signal(signal.SIGSTOP)
    second = process(*command)
    # Nobody who writes another file into the folder waits.
    finish(process(*WAVEFORMS, "--num-signals", "10", "-o", tmp_path / "other.hdf5"))
    first.send_signal(signal.SIGCONT)
    finish(first)
    out, err = second.communicate(timeout=300)
    assert second.returncode == 0, err
    assert f"another command is working on {path} (process {first.pid} on " in err
    assert "nothing to do" in out
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["other.hdf5", "training.hdf5"]


@pytest.mark.slow
def test_killing_a_whole_run_leaves_nothing_that_the_next_run_does_not_remove(
    process: Start, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    temporary = tmp_path_factory.mktemp("t")  # a socket's path has 107 bytes at most
    path = tmp_path / "training.hdf5"
    command = (*WAVEFORMS, "--num-signals", "1500", "-o", path)
    running = process(*command, TMPDIR=str(temporary))
    assert wait_for(running, tmp_path, "training.hdf5.parts/unit-*.hdf5")
    family = [*psutil.Process(running.pid).children(recursive=True), psutil.Process(running.pid)]
    for each in family:  # with the one that would tidy up
        each.suspend()
    for each in family:
        os.kill(each.pid, signal.SIGKILL)
    running.communicate()
    (left,) = temporary.iterdir()
    semaphores = list(Path("/dev/shm").glob(f"sem.{left.name}-*"))  # noqa: S108
    assert semaphores
    finish(process(*command, TMPDIR=str(temporary)))
    assert ledger.summarize(path).intact
    assert not list(temporary.iterdir())
    assert not any(semaphore.exists() for semaphore in semaphores)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["training.hdf5"]


@pytest.mark.slow
def test_a_deleted_working_folder_does_not_matter_where_paths_are_absolute(tmp_path: Path) -> None:
    def run(path: Path) -> subprocess.CompletedProcess[str]:
        gone = tmp_path / "gone"
        gone.mkdir()
        command = [sys.executable, "-m", "aframe_data", *WAVEFORMS, "--num-signals", "2", "-o", str(path)]
        # A shell begins in the folder, deletes it, and becomes the command.
        shell = ["sh", "-c", 'rmdir ../gone && exec "$@"', "sh", *command]
        environment = {**os.environ, "PYTHONPATH": str(TESTS / "stranger")}
        return subprocess.run(shell, cwd=gone, env=environment, capture_output=True, text=True, check=False)

    absolute = run(tmp_path / "a.hdf5")
    assert absolute.returncode == 0, absolute.stderr
    assert ledger.summarize(tmp_path / "a.hdf5").intact
    relative = run(Path("a.hdf5"))
    assert (relative.returncode, relative.stdout, relative.stderr.splitlines()) == (
        1,
        "",
        ["aframe-data: error: the folder in which the command was started is gone: give absolute paths."],
    )
    assert not Path("/a.hdf5").exists()
