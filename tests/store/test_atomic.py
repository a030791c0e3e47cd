"""Nothing half-written: whatever goes wrong, what was there before is there after, and nothing else."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.store import atomic
from plugin_factory import run_python


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    with atomic.replacing(path) as temporary:
        temporary.write_text("whole")
        assert temporary.parent == tmp_path
        assert not path.exists()
    assert content(tmp_path) == {"file.txt": b"whole"}


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_followed_also_to_where_nothing_is_yet(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    if there:
        (folder / "file.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to("other/file.txt")
    atomic.require_replaceable(link)
    atomic.write_text(link, "new")
    assert link.is_symlink()
    assert content(folder) == {"file.txt": b"new"}
    left = folder / f".file.txt.{socket.gethostname()}-{2**22 + 1}-abc.part"
    left.touch()
    atomic.remove_leftovers([link])
    assert not left.exists()


def test_a_link_into_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to("other/file.txt")
    with pytest.raises(UsageError, match=r"link\.txt': it is a link to '.*other/file\.txt', whose folder is not there"):
        atomic.require_replaceable(link)


def test_a_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    atomic.write_text(tmp_path / "ours", "x")
    (tmp_path / "plain").write_text("x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [ValueError("bug"), KeyboardInterrupt(), ConnectionResetError(errno.ECONNRESET, "x")])
def test_a_failure_leaves_the_old_file_and_is_not_renamed(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail() -> None:
        with atomic.replacing(path) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(type(error)) as caught:
        fail()
    assert caught.value is error
    assert content(tmp_path) == {"file.txt": b"old"}


def test_a_missing_file_of_another_folder_is_not_taken_for_a_failure_to_write(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic.replacing(tmp_path / "file.txt"):
        (tmp_path / "archive" / "frame.gwf").read_bytes()


def test_a_device_that_is_full_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with (
        pytest.raises(AframeDataError, match=r"cannot write .*file\.txt: the disk is full"),
        atomic.replacing(path),
        Path("/dev/full").open("wb", buffering=0) as device,
    ):
        device.write(b"x")
    assert content(tmp_path) == {"file.txt": b"old"}


def test_a_target_that_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(AframeDataError, match=r"cannot write .*folder: Is a directory"):
        atomic.write_text(tmp_path / "folder", "x")
    assert content(tmp_path / "folder") == {}
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AframeDataError, match=r"cannot write .*: No such file or directory"):
        atomic.write_text(tmp_path / "nowhere" / "file.txt", "x")


WRITE = """
import resource, sys
from pathlib import Path
import numpy as np
from aframe_data.errors import AframeDataError
from aframe_data.store import atomic
from aframe_data.formats import background, ledger
from aframe_data.types import Segment

path, kind, limit, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), 1024
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    if kind == "text":
        atomic.write_text(path, "x" * 300_000)
    elif kind == "ledger":
        layout = ledger.Layout(rows, {}, {"mass_1": ()}, {"cross": 2048})
        with ledger.create(path, layout) as writer:
            writer.append({"mass_1": np.ones(rows)}, {"cross": np.ones((rows, 2048))})
            writer.finish({})
    else:
        grid = dict(ifos=["H1"], segment=Segment(1240579783, 1240579783 + rows), sample_rate=2048, dtype="float64")
        with background.create(path, **grid) as writer:
            writer.append("H1", np.ones(rows * 2048))
            writer.describe({"H1": "H1"}, {})
except AframeDataError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("kind", ["text", "background", "ledger"])
def test_a_file_that_cannot_grow_leaves_the_old_one_and_no_traceback(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(path), kind, "200000"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"cannot write {path}: File too large. Nothing was left under that name.\n"
    assert content(tmp_path) == {"file": b"old"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk of 6 MB, mounted inside a process of its own: see `FULL_DISK`."""
    probe = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip("this system does not let us mount a small disk")
    return tmp_path


FULL_DISK = """
mount -t tmpfs -o size=6m tmpfs "$1" && printf old > "$1/file" && "$2" -c "$3" "$1/file" "$4" 0
code=$?
ls -A "$1"; cat "$1/file"
exit $code
"""


@pytest.mark.parametrize("kind", ["background", "ledger"])
def test_a_full_disk_leaves_the_old_file_and_no_traceback(small_disk: Path, kind: str) -> None:
    # HDF5 itself crashes on a full disk, so that this is more than the test above.
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_DISK, "sh", str(small_disk), sys.executable, WRITE, kind],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        f"cannot write {small_disk / 'file'}: the disk is full. Nothing was left under that name.",
        "file",
        "old",
    ]


def test_a_process_that_is_killed_leaves_no_file_under_the_final_name(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    code = f"""
    import os, pathlib, signal
    from aframe_data.store import atomic
    with atomic.replacing(pathlib.Path({str(path)!r})) as temporary:
        temporary.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert run_python(code).returncode < 0
    assert not path.exists()
    assert len(list(tmp_path.iterdir())) == 1
    atomic.remove_leftovers([path])
    assert content(tmp_path) == {}


def test_leftovers_of_the_living_of_other_machines_and_of_other_files_stay(tmp_path: Path) -> None:
    host, dead = socket.gethostname(), 2**22 + 1  # above the largest process number of Linux
    path = tmp_path / "file[1].txt"
    kept = {
        f".file[1].txt.{host}-{os.getpid()}-abc.part",
        f".file[1].txt.other-host-{dead}-abc.part",
        f".file1.txt.{host}-{dead}-abc.part",
        f".file[1].txt.bak.{host}-{dead}-abc.part",
        f"file[1].txt.{host}-{dead}-abc.part",
    }
    for name in {*kept, f".file[1].txt.{host}-{dead}-a_c.part"}:
        (tmp_path / name).touch()
    with atomic.replacing(path) as temporary:
        atomic.remove_leftovers([path])
        assert temporary.exists()
        temporary.write_text("x")
    assert {found.name for found in tmp_path.iterdir()} == {*kept, path.name}


def test_a_leftover_of_a_dead_process_that_nobody_waited_for_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read()  # its end is closed when the process is
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        leftover = tmp_path / f".file.{socket.gethostname()}-{process.pid}-abc.part"
        leftover.touch()
        atomic.remove_leftovers([tmp_path / "file"])
        assert not leftover.exists()


def test_the_check_of_a_folder_makes_nothing(tmp_path: Path) -> None:
    atomic.require_writable_folder(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    atomic.make_folder(tmp_path / "a" / "b")
    atomic.require_writable_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(UsageError, match="it is a file"):
        atomic.require_writable_folder(tmp_path / "a")


@pytest.mark.parametrize("folder", ["file/below", "file", "/proc/no-such-folder", "/sys/kernel"])
def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path, folder: str) -> None:
    # Folders of the system, since the user of a container may write everywhere else.
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write to the folder"):
        atomic.require_writable_folder(tmp_path / folder)


def test_space_is_checked_where_the_folder_will_be(tmp_path: Path) -> None:
    atomic.require_space(tmp_path / "not" / "yet", 1)
    with pytest.raises(UsageError, match=r"free, and 1000000\.0 TB are needed"):
        atomic.require_space(tmp_path / "not" / "yet", 10**18)
