"""A fetch that is killed at any moment, two at once, and how much memory one takes."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.io import background
from aframe_data.strain.fetch import fetch
from aframe_data.types import Segment
from strain.background_files import content

if TYPE_CHECKING:
    from pathlib import Path

START = 1_240_580_000
N_FILES = 30
ARGUMENTS: dict[str, Any] = {
    "channels": ["H1", "L1"],
    "sample_rate": 128,
    "segments": [Segment(START + 200 * k, START + 200 * k + 30) for k in range(N_FILES)],
    "source": "simulated",
    "source_options": {"rate": 256},
}
FETCH = """
import sys
from aframe_data.strain.fetch import fetch
from aframe_data.types import Segment
report = fetch(output_directory=sys.argv[1], **eval(sys.argv[2]))
report.raise_for_failures()
"""


def start_fetch(folder: Path) -> subprocess.Popen[str]:
    """Fetch in another process, with workers of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, str(folder), repr(ARGUMENTS)], stderr=subprocess.PIPE, text=True
    )


def kill_when(process: subprocess.Popen[str], folder: Path, number: int, later: float) -> bool:
    """Kill a fetch some seconds after so many files are there or begun; False if it ended before."""
    while len({path.name.removeprefix(".").split(".hdf5")[0] for path in folder.glob("*background-*")}) < number:
        if ended(process, 0.002):
            return False
    if ended(process, later):
        return False
    process.kill()
    process.communicate()
    return True


def ended(process: subprocess.Popen[str], within: float) -> bool:
    try:
        process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return True


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of a fetch by one worker."""
    folder = tmp_path_factory.mktemp("undisturbed")
    fetch(**ARGUMENTS, output_directory=folder, workers=1).raise_for_failures()
    return content(folder)


def test_killed_at_random_moments(folder: Path, undisturbed: dict[str, bytes]) -> None:
    """Whatever has its final name is whole; in the end the folder is that of an undisturbed run, byte for byte."""
    folder.mkdir()
    chance = random.Random()  # noqa: S311 - another moment in each run of the suite
    kills = 0
    for number in (1, 11, 21):
        kills += kill_when(start_fetch(folder), folder, number, chance.uniform(0, 0.05))
        for path in folder.glob("background-*"):
            assert background.summarize(path).intact is True
    assert kills >= 2
    there = {path.name for path in folder.glob("background-*")}
    report = fetch(**ARGUMENTS, output_directory=folder, workers=2)
    report.raise_for_failures()
    assert {file.path.name for file in report.files if file.status == "present"} >= there
    assert content(folder).keys() == undisturbed.keys()  # and no leftovers
    assert content(folder) == undisturbed


def test_two_at_once_do_not_harm_each_other(folder: Path, undisturbed: dict[str, bytes]) -> None:
    folder.mkdir()
    other = start_fetch(folder)
    while not any(folder.iterdir()):
        assert not ended(other, 0.002)
    fetch(**ARGUMENTS, output_directory=folder).raise_for_failures()
    _, errors = other.communicate(timeout=120)
    assert (other.returncode, errors) == (0, "")
    assert content(folder) == undisturbed


MEMORY = """
import resource, sys
from aframe_data.strain.fetch import plan_fetch
from aframe_data.strain.unit import fetch_file
plan = plan_fetch(
    channels=["H1"], sample_rate=1024, source="simulated", source_options={"rate": 2048},
    output_directory=sys.argv[1], start=1240580096, end=1240580096 + int(sys.argv[2]),
)
(task,) = plan.tasks
fetch_file(task)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_follows_the_block_and_not_the_span(tmp_path: Path) -> None:
    """One block of the archive's length, and three: 67 MB each, of which one is held at a time."""
    peaks = []
    for blocks in (1, 3):
        arguments = [sys.executable, "-c", MEMORY, str(tmp_path), str(4096 * blocks)]
        run = subprocess.run(arguments, capture_output=True, text=True, check=True)
        peaks.append(int(run.stdout) * (1 if sys.platform == "darwin" else 1024))
    assert peaks[0] > 100e6  # the block is in it
    assert peaks[1] - peaks[0] < 30e6
