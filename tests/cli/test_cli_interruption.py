"""Killed at any moment, a command goes on where it stopped, and the result is that of an undisturbed run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import h5py
import numpy as np
import psutil
import pytest

from aframe_data.formats import ledger
from plugin_factory import run_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAVEFORMS = (
    *("waveforms", "--prior", "flat", "--generator", "chirp", "--num-signals", "3000", "--waveform-duration", "8"),
    *("--sample-rate", "1024", "--seed", "11", "--workers", "2"),
)


def finish(running: subprocess.Popen[str]) -> None:
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err


def data_of(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        return {
            f"{group}/{name}": item[:] for group in ("parameters", "waveforms") for name, item in file[group].items()
        }


def wait_for(running: subprocess.Popen[str], folder: Path, pattern: str, seconds: float = 120) -> bool:
    """Wait until a file is there; False if the command ended before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and running.poll() is None:
        if next(folder.glob(pattern), None) is not None:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.slow
def test_killed_waveforms_go_on_and_end_the_same(process: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed.hdf5"
    finish(process(*WAVEFORMS, "-o", undisturbed))
    path = tmp_path / "killed" / "training.hdf5"
    pauses = random.Random(5)  # noqa: S311 - not for secrets
    kills = 0
    while not path.exists():
        running = process(*WAVEFORMS, "-o", path)
        if kills < 6:
            number = kills * 3 + 1
            if wait_for(running, path.parent, f"training.hdf5.parts/unit-{number:08d}.hdf5"):
                time.sleep(pauses.uniform(0, 0.2))
            running.send_signal(signal.SIGKILL)
            running.communicate()
            kills += 1
            assert not path.exists() or ledger.summarize(path).intact
        else:
            finish(running)
    assert kills >= 1
    expected, found = data_of(undisturbed), data_of(path)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    assert sorted(path.parent.iterdir()) == [path]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_interrupting_says_so_and_leaves_no_process(
    process: Callable[..., subprocess.Popen[str]], tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "training.hdf5"
    running = process(*WAVEFORMS, "-o", path)
    assert wait_for(running, tmp_path, "training.hdf5.parts/unit-*.hdf5")
    workers = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 128 + number
    assert err.strip().splitlines()[-1].startswith("aframe-data: error: interrupted")
    assert "Traceback" not in err
    assert not path.exists()
    assert len(workers) >= 2
    assert not psutil.wait_procs(workers, timeout=30)[1]


#: What the command line is started by.
ENTRIES = ("aframe_data.cli:main", "aframe_data.aframe.scripts:fetch_data")


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("module", ["signal", "aframe_data.cli.app", "rich_click", "aframe_data.cli.commands"])
def test_ctrl_c_while_modules_are_imported_is_one_line(entry: str, module: str) -> None:
    home, function = entry.split(":")
    code = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # which is ignored where the suite runs in the background
from {home} import {function}
pending = [{module!r}]
def interrupt(event, arguments):
    if event == "import" and arguments[0] in pending:
        pending.clear()
        os.kill(os.getpid(), {signal.SIGINT:d})
sys.modules.pop("signal", None)
sys.addaudithook(interrupt)
sys.argv = ["command", "fetch", "--help"]
{function}()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130, done.stdout
    (line,) = done.stderr.strip().splitlines()  # click begins a new one
    assert line.startswith("aframe-data: error: interrupted")


@pytest.mark.parametrize("entry", ENTRIES)
def test_nothing_takes_time_before_the_command_line_can_answer_ctrl_c(entry: str) -> None:
    home = entry.split(":", maxsplit=1)[0]
    code = f"import sys; before = {{*sys.modules}}; import {home}; print(*({{*sys.modules}} - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert home in done.stdout.split()
    assert [name for name in done.stdout.split() if not name.startswith(("aframe_data", "__future__"))] == []


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", [*range(0, 60, 4), 80, 120, 200])
def test_ctrl_c_at_any_early_moment_shows_no_traceback_of_ours(
    process: Callable[..., subprocess.Popen[str]], milliseconds: int
) -> None:
    running = process("fetch", "--help")
    time.sleep(milliseconds / 1000)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode in (0, 1, 130, -signal.SIGINT)
    # Before our first import it is Python itself that is interrupted.
    assert "aframe_data/" not in err


def test_ctrl_c_in_the_middle_of_a_class_is_one_too() -> None:
    """Python 3.11 makes a RuntimeError of it."""
    done = run_python(
        """
        import sys
        from aframe_data import cli

        class Interrupted:
            def find_spec(self, name, path=None, target=None):
                if name == "aframe_data.cli.app":
                    raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

        sys.meta_path.insert(0, Interrupted())
        cli.main(["--help"])
        """
    )
    assert (done.returncode, done.stderr) == (130, "aframe-data: error: interrupted before any work.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_of_a_callback_is_not_lost(number: signal.Signals) -> None:
    """Python ignores what a callback raises; h5py has one for each object."""
    done = run_python(
        f"""
        import os, signal, time, weakref
        from aframe_data import cli
        from aframe_data.cli import app

        class Forgotten:
            pass

        def run(*_):
            one = Forgotten()
            callback = weakref.ref(one, lambda _: os.kill(os.getpid(), {number:d}))
            del one
            time.sleep(60)
            return 0

        app.run = run
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main([])
        """
    )
    assert (done.returncode, done.stderr) == (128 + number, "aframe-data: error: interrupted before any work.\n")


@pytest.mark.slow
def test_a_killed_run_says_nothing_of_semaphores(process: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    running = process(*WAVEFORMS, "-o", tmp_path / "training.hdf5")
    assert wait_for(running, tmp_path, "training.hdf5.parts/unit-*.hdf5")
    running.send_signal(signal.SIGKILL)
    _, err = running.communicate(timeout=60)  # until Python's tracker has closed it too
    assert "semaphore" not in err
