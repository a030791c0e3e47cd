"""Claims: held while their owner lives, told to others, and of no weight when the owner is gone."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import AframeDataError
from aframe_data.store.claims import claimed, is_claimed, remove_abandoned_claims

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLDING = """
import sys
from pathlib import Path
from aframe_data.store.claims import claimed
with claimed(Path(sys.argv[1]), "x") as waited:
    print(waited, flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds a claim until its stdin ends."""
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def other_machine(path: Path, *, seconds_ago: float) -> None:
    path.write_text(json.dumps({"host": "elsewhere", "process": 1, "since": "then"}))
    then = time.time() - seconds_ago
    os.utime(path, (then, then))


def test_a_claim_names_its_owner_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "claim"
    with claimed(path, "x") as waited:
        assert not waited
        assert is_claimed(path)
        assert json.loads(path.read_text())["process"] == os.getpid()
        remove_abandoned_claims(path)
        assert path.exists()
    assert not path.exists()
    assert not is_claimed(path)


TAKING_TURNS = """
import os, sys
from pathlib import Path
from aframe_data.store import claims
claims._PATIENCE = 0.0005
folder = Path(sys.argv[1])
for _ in range(100):
    with claims.claimed(folder / "claim", "x"):
        (folder / "inside").touch(exist_ok=False)
        (folder / "inside").unlink()
"""


@pytest.mark.slow
def test_only_one_of_many_has_a_claim_at_a_time(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKING_TURNS, str(tmp_path)]
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0] * 4
    assert not list(tmp_path.iterdir())


def test_whoever_waits_is_told_for_whom(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "claim"
    with holder(path) as first:
        assert said(first) == "False"
        threading.Timer(0.2, first.kill).start()
        with claimed(path, "out.hdf5") as waited:
            assert waited
    (told,) = caplog.messages
    assert told.startswith(f"another command is working on out.hdf5 (process {first.pid} on ")
    assert told.endswith("waiting until it ends.")


def test_a_killed_owner_is_waited_for_by_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "claim"
    with holder(path) as first:
        assert said(first) == "False"
        first.kill()
        first.wait()
        assert path.exists()
        assert not is_claimed(path)
        with claimed(path, "x") as waited:
            assert not waited
    assert not caplog.messages
    assert not path.exists()


def test_a_claim_of_another_machine_counts_while_it_is_touched(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "claim"
    other_machine(path, seconds_ago=590)
    assert is_claimed(path)
    threading.Timer(0.2, lambda: other_machine(path, seconds_ago=610)).start()
    with claimed(path, "out.hdf5") as waited:
        assert waited
    (told,) = caplog.messages
    assert "process 1 on elsewhere, since then" in told
    assert f"If you know that it has ended, delete {path}; " in told
    assert told.endswith("after 10 minutes without a sign of life it counts as ended too.")
    other_machine(path, seconds_ago=610)
    assert not is_claimed(path)
    remove_abandoned_claims(path)
    assert not path.exists()


def test_a_claim_that_the_user_deleted_is_waited_for_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "claim"
    other_machine(path, seconds_ago=0)
    threading.Timer(0.2, path.unlink).start()
    with claimed(path, "x") as waited:
        assert waited


def test_without_locks_the_process_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    path = tmp_path / "claim"
    with holder(path) as first:
        assert said(first) == "False"
        monkeypatch.setattr(fcntl, "flock", refuse)
        assert is_claimed(path)
        first.kill()
        first.wait()
        assert not is_claimed(path)
        with claimed(path, "x") as waited:
            assert not waited
            assert is_claimed(path)


def test_an_owner_touches_its_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aframe_data.store.claims._PULSE", 0.01)
    path = tmp_path / "claim"
    with claimed(path, "x"):
        os.utime(path, (0, 0))
        end = time.monotonic() + 30
        while path.stat().st_mtime == 0 and time.monotonic() < end:
            time.sleep(0.01)
        assert path.stat().st_mtime > 0


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(AframeDataError, match="cannot write"), claimed(tmp_path, "x"):
        pass


def test_a_disk_that_is_full_is_told_and_leaves_no_claim(tmp_path: Path) -> None:
    """A limit to the size of files stands for the disk: 0 bytes, in a process of its own."""
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from aframe_data.errors import AframeDataError\n"
        "from aframe_data.store.claims import claimed\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "try:\n"
        "    with claimed(Path(sys.argv[1]), 'x'):\n"
        "        print('claimed')\n"
        "except AframeDataError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "claim"], capture_output=True, text=True, check=True)
    assert done.stdout == f"cannot write {tmp_path / 'claim'}: File too large. Nothing was left under that name.\n"
    assert list(tmp_path.iterdir()) == []
