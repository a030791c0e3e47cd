"""Aframe's five console scripts, called in this process or killed in another."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from aframe_data.aframe import scripts

if TYPE_CHECKING:
    from pathlib import Path

START = 1240579783
SIMULATED = ("--source", "simulated")
INLINE = ("--workers", "0")


def script(*words: str) -> int:
    """Call a script in this process, as its console script does; the exit code."""
    with pytest.raises(SystemExit) as stop:
        getattr(scripts, _function(words))(list(words[1:]))
    return int(stop.value.code or 0)


def kill_script(*words: str, begun: Path, pieces: int = 1) -> list[Path]:
    """Call a script in a process, and kill it once so many pieces of its work are in a folder; these."""
    code = f"from aframe_data.aframe import scripts\nscripts.{_function(words)}({list(words[1:])!r})"
    with subprocess.Popen([sys.executable, "-c", code]) as running:
        while running.poll() is None and len(_whole(begun)) < pieces:
            time.sleep(0.01)
        running.kill()
    assert running.returncode == -signal.SIGKILL
    return _whole(begun)


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(entry.name for entry in folder.iterdir())


def _whole(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*.hdf5"))


def _function(words: tuple[str, ...]) -> str:
    return words[0].replace("-", "_")
