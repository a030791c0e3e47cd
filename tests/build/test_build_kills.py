"""A build that is killed at any moment ends, when it is run again, with the data of one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from build_files import FILES, data_of, require_equal
from small_build import SMALL

if TYPE_CHECKING:
    from pathlib import Path

#: Seconds until a kill; of a whole build that takes ten to forty, the first four in imports.
KILLS = (1.5, 2.5, 3.5, 5.0, 8.0, 11.0, 4.0, 7.0)


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "aframe_data",
            "build",
            str(folder / "small.toml"),
            "-o",
            str(folder / "data"),
            "--no-report",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
def test_a_build_that_is_killed_again_and_again_ends_with_the_same_data(built: Path, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL.replace("workers = 0", "workers = 2"))
    killed = 0
    for seconds in KILLS:
        running = start(tmp_path)
        try:
            _, err = running.communicate(timeout=seconds)
            assert running.returncode == 0, err
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            killed += 1
    last = start(tmp_path)
    _, err = last.communicate(timeout=300)
    assert last.returncode == 0, err
    assert killed >= 3
    folder = tmp_path / "data"
    require_equal(data_of(folder), data_of(built))
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there - {"build.json", "report.html"} == set(FILES)
