"""What a fetch leaves beside its files, and what it says of what others left there."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.types import Segment
from aframe_data.work.carry_out import carry_out, do
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from strain.fetching import asked

if TYPE_CHECKING:
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
    "name", [".H1-5-5-whole-0123456789ab.hdf5.{host}-{pid}-abc.part", "raw/files-{host}-{pid}-abc"]
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
