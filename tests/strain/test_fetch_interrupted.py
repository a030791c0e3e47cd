"""A fetch that is killed at any moment, two at once, and how much memory one takes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.requests.fetch import Fetch
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_files import write_strain_file
from strain.background_files import content

if TYPE_CHECKING:
    from pathlib import Path

    from servers.gwosc_archive import GwoscArchive

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
from aframe_data.requests.fetch import Fetch
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
do(Fetch(output_directory=sys.argv[1], **eval(sys.argv[2]))).raise_for_failures()
"""


def start_fetch(folder: Path) -> subprocess.Popen[str]:
    """Fetch in another process, with workers of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, str(folder), repr(ARGUMENTS)], stderr=subprocess.PIPE, text=True
    )


def killed(process: subprocess.Popen[str], later: float) -> bool:
    """Kill a fetch after some seconds; False if it ended before."""
    try:
        process.wait(timeout=later)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
    return process.returncode < 0


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of a fetch by one worker."""
    folder = tmp_path_factory.mktemp("undisturbed")
    do(Fetch(**ARGUMENTS, output_directory=folder, workers=1)).raise_for_failures()
    return content(folder)


def test_killed_at_random_moments(folder: Path, undisturbed: dict[str, bytes]) -> None:
    """Whatever has its final name is whole; in the end the folder is that of an undisturbed run, byte for byte.

    AFRAME_DATA_TEST_KILLS sets the number of kills; 200 of them take some minutes.
    """
    chance = random.Random()  # noqa: S311 - other moments in each run of the suite
    wanted = int(os.environ.get("AFRAME_DATA_TEST_KILLS", "12"))
    kills = 0
    while kills < wanted:
        # Start-up takes about a second, the work two: where the work is done, it begins anew.
        if not killed(start_fetch(folder), chance.uniform(0.3, 2.5)):
            assert content(folder) == undisturbed
            shutil.rmtree(folder)
            continue
        kills += 1
        for name, made in content(folder).items() if folder.exists() else ():
            if not name.startswith("."):
                assert made == undisturbed[name]
    do(Fetch(**ARGUMENTS, output_directory=folder, workers=2)).raise_for_failures()
    assert content(folder) == undisturbed
    assert not (folder / "background.parts").exists()


def test_raw_files_of_a_killed_fetch_are_removed_by_the_next_one(
    archive: GwoscArchive, server: GwoscServer, folder: Path, tmp_path: Path
) -> None:
    start = 1_240_584_192
    archive.add_file(write_strain_file(tmp_path, "H1", start, 64), "O3a")
    server.fail(Fault(r"\.hdf5$", stall_after=10_000))
    arguments = {
        "channels": ["H1"],
        "sample_rate": 128,
        "segments": [Segment(start + 10, start + 50)],
        "source": "gwosc",
        "source_options": {"host": server.url},
    }
    slow = subprocess.Popen([sys.executable, "-c", FETCH, str(folder), repr(arguments)])
    while not list(folder.rglob("*_4KHZ_*")):
        assert slow.poll() is None
    slow.kill()
    slow.wait()
    do(Fetch(**arguments, output_directory=folder)).raise_for_failures()
    assert [path.name for path in folder.iterdir()] == [f"background-{start + 10}-40.hdf5"]


def test_two_at_once_do_not_harm_each_other(folder: Path, undisturbed: dict[str, bytes]) -> None:
    other = start_fetch(folder)
    while not folder.exists() or not any(folder.iterdir()):
        assert other.poll() is None
    do(Fetch(**ARGUMENTS, output_directory=folder)).raise_for_failures()
    _, errors = other.communicate(timeout=120)
    assert (other.returncode, errors) == (0, "")
    assert content(folder) == undisturbed
    assert not (folder / "background.parts").exists()


MEMORY = """
import resource, sys
from aframe_data.requests.fetch import Fetch
from aframe_data.work.carry_out import do
request = Fetch(
    channels=["H1"], sample_rate=1024, source="simulated", source_options={"rate": 16384}, workers=0,
    output_directory=sys.argv[1], start=1240580096, end=1240580096 + int(sys.argv[2]),
)
do(request).raise_for_failures()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_follows_what_is_read_at_once_and_not_the_span(tmp_path: Path) -> None:
    """Of a block of 268 MB at 16384 Hz one read is held at a time, 34 MB."""
    peaks = []
    for seconds in (256, 2048):
        arguments = [sys.executable, "-c", MEMORY, str(tmp_path / f"{seconds}"), str(seconds)]
        run = subprocess.run(arguments, capture_output=True, text=True, check=True)
        peaks.append(int(run.stdout) * (1 if sys.platform == "darwin" else 1024))
    assert peaks[0] > 80e6  # the read is in it
    assert peaks[1] - peaks[0] < 60e6
