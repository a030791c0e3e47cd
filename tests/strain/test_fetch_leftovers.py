"""What a fetch leaves beside its files, and what it says of what others left there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.types import Segment
from aframe_data.work.carry_out import carry_out, do
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from strain.fetching import asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.requests.fetch import Fetch

START = 1_240_580_096
NAN = {"nan": f"{START + 70}:{START + 72}"}

pytestmark = pytest.mark.usefixtures("awkward")


def request(folder: Path, **changes: Any) -> Fetch:
    return asked(folder, **{"start": START, "end": START + 100, "source_options": NAN, **changes})


@pytest.fixture
def parts(folder: Path) -> Path:
    """The folder of what is not whole yet, with a part that another command has left."""
    report = do(request(folder))
    assert report.failed
    assert report.unfinished == folder / "background.parts"
    return report.unfinished


def ended_process() -> int:
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_parts_of_other_commands_are_told(folder: Path, parts: Path) -> None:
    assert do(request(folder, gaps="split", dtype="float32")).unfinished == parts


def test_the_same_parts_are_used_by_another_policy_and_nothing_is_left(folder: Path, parts: Path) -> None:
    report = do(request(folder, gaps="split"))
    assert not report.failed
    assert report.unfinished is None
    assert not parts.exists()


@pytest.mark.parametrize(
    "name",
    [
        ".H1-5-5-whole-0123456789ab.hdf5.{host}-{pid}-abc.part",
        "raw/files-{host}-{pid}-abc",
    ],
)
def test_parts_that_a_process_works_on_are_nobodys_business(folder: Path, parts: Path, name: str) -> None:
    for host, pid, in_use in (
        (socket.gethostname(), os.getppid(), True),
        (socket.gethostname(), ended_process(), False),
        ("another-machine", 1, True),
    ):
        entry = parts / name.format(host=host, pid=pid)
        entry.mkdir(parents=True) if "raw" in name else entry.touch()
        report = do(request(folder, gaps="split", dtype="float32", overwrite=True))
        assert report.unfinished == (None if in_use else parts)
        assert entry.exists() == in_use
        if in_use:
            entry.rmdir() if entry.is_dir() else entry.unlink()


def test_an_interruption_ends_all_work_and_leaves_nothing_half_written(folder: Path) -> None:
    def interrupt(_event: Any) -> None:
        raise KeyboardInterrupt

    segments = [Segment(START + 2000 * k, START + 2000 * k + 1000) for k in range(20)]
    with engine_for(2) as engine:
        with pytest.raises(KeyboardInterrupt):
            carry_out(asked(folder, segments=segments), Work(engine, tell=interrupt))
        left = [path for path in folder.rglob("*") if path.is_file()]
        assert not [path for path in left if path.name.startswith(".")]
        assert not (folder / "background.parts" / "raw").exists()
        assert [path for path in folder.rglob("*") if path.is_file()] == left


#: A fetch of H1 that waits when its first file is whole: the parts of the others, of the same block, are there.
WAITING = """
import sys
from aframe_data.requests.fetch import Fetch
from aframe_data.types import Segment
from aframe_data.work.carry_out import carry_out
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work

folder, start = sys.argv[1], int(sys.argv[2])

def wait(event):
    print("waiting", flush=True)
    sys.stdin.read()

segments = [Segment(start + 200 * k, start + 200 * k + 100) for k in range(4)]
request = Fetch(channels=["H1"], sample_rate=128, source="simulated", segments=segments, output_directory=folder)
carry_out(request, Work(Inline(), tell=wait))
"""


@pytest.fixture
def waiting(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another command that is at work in the folder, in the middle of it."""
    command = [sys.executable, "-c", WAITING, str(folder), str(START + 102_400)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        yield process
        process.kill()


@pytest.mark.slow
def test_two_commands_in_one_folder_do_not_mind_each_other(folder: Path, waiting: subprocess.Popen[str]) -> None:
    parts = folder / "background.parts"
    before = {path.name for path in parts.iterdir()}
    assert len(before) == 4
    assert [name for name in before if name.startswith(f".working-{socket.gethostname()}-{waiting.pid}-")]
    other = request(folder, source_options={})
    report = do(other)
    assert ([file.status for file in report.files], report.unfinished) == (["fetched"], None)
    assert {path.name for path in parts.iterdir()} == before
    assert do(other).unfinished is None
    waiting.communicate("go on")
    assert waiting.returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [f"background-{START}-100.hdf5", *(f"background-{START + 102_400 + 200 * k}-100.hdf5" for k in range(4))]
    )


@pytest.mark.slow
def test_what_a_killed_command_left_is_told(folder: Path, waiting: subprocess.Popen[str]) -> None:
    waiting.kill()
    waiting.wait()
    assert do(request(folder, source_options={})).unfinished == folder / "background.parts"
    assert not list((folder / "background.parts").glob(".working-*"))


def test_a_mark_of_another_machine_counts_while_it_is_touched(folder: Path, parts: Path) -> None:
    mark = parts / ".working-another-machine-1-abc"
    mark.write_text('{"host": "another-machine", "process": 1, "since": "yesterday"}')
    assert do(request(folder, gaps="split", dtype="float32")).unfinished is None
    assert mark.exists()
    before = mark.stat().st_mtime - 700
    os.utime(mark, (before, before))
    assert do(request(folder, gaps="split", dtype="float32", overwrite=True)).unfinished == parts
    assert not mark.exists()


@pytest.mark.slow
def test_two_short_commands_at_once_end_well(folder: Path) -> None:
    """One of them may find the folder of parts empty, and remove it, just when the other one has made it."""
    command = [sys.executable, "-m", "aframe_data", "fetch", "--source", "simulated", "--channels", "H1"]
    command += ["--sample-rate", "128", "--workers", "0", "--output-directory", str(folder)]
    for round_ in range(3):
        starts = [START + 1000 * round_ + 100 * k for k in range(2)]
        running = [
            subprocess.Popen(
                [*command, "--start", str(start), "--end", str(start + 50)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for start in starts
        ]
        for process in running:
            out, err = process.communicate()
            assert (process.returncode, err) == (0, "")
            assert "1 fetched, 0 skipped, 0 failed" in out
            assert "unfinished" not in out
    assert len(list(folder.iterdir())) == 6


def test_parts_of_a_run_that_was_killed_when_its_file_was_whole_are_removed_by_the_next(folder: Path) -> None:
    sound = request(folder, source_options={})
    do(sound).raise_for_failures()
    planned = sound.planned()
    planned.parts.mkdir()
    for part in planned.outputs[0].parts:
        part.path.write_bytes(b"whole, and of no use any more")
    do(sound).raise_for_failures()
    assert [path.suffix for path in folder.iterdir()] == [".hdf5"]
