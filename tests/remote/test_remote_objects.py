"""Objects appear whole or not at all, whatever happens on the way, and leave nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.errors import AframeDataError
from aframe_data.store.atomic import remove_leftovers, replacing, write_text

if TYPE_CHECKING:
    from conftest import Bucket
    from servers.s3 import Asked

#: Bytes that take two parts, where a part is as small as S3 lets it be.
_LARGE, _SMALLEST_PART = 6 * 2**20, 5 * 2**20


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of the usual size would take ten times as much memory."""
    monkeypatch.setattr("aframe_data.store.objects._PART", _SMALLEST_PART)


def write(target: Any, content: bytes) -> None:
    from aframe_data.store.objects import workplace

    workplace(target).parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        temporary.write_bytes(content)


@pytest.mark.parametrize("size", [3, _LARGE])
def test_an_object_is_put_whole_and_nothing_stays_here(bucket: Bucket, size: int) -> None:
    write(bucket.place("x"), b"a" * size)
    assert bucket.place("x").stat().st_size == size
    assert bucket.content("x").read() == b"a" * size
    assert not bucket.work()
    assert not bucket.uploads()


def test_half_of_an_upload_is_never_seen(bucket: Bucket) -> None:
    write(bucket.place("x"), b"old")
    seen = []

    def look(asked: Asked) -> None:
        if asked.query.get("partNumber") == ["2"]:
            seen.append(sorted(bucket.server.put))

    bucket.server.before = look
    write(bucket.place("x"), b"b" * _LARGE)
    assert seen == [["/bucket/data/x"]]  # that of "old" alone, with one part of the other there
    assert bucket.place("x").stat().st_size == _LARGE


def test_an_upload_that_fails_is_taken_back_and_what_was_there_stays(bucket: Bucket) -> None:
    write(bucket.place("x"), b"old")
    bucket.server.before = lambda asked: "403 Forbidden" if asked.query.get("partNumber") == ["2"] else None
    with pytest.raises(AframeDataError, match="refuses access to s3://bucket/data/x") as refused:
        write(bucket.place("x"), b"b" * _LARGE)
    assert "\n" not in str(refused.value)
    bucket.server.before = lambda _asked: None
    assert bucket.content("x").read() == b"old"
    assert not bucket.uploads()
    assert not bucket.work()


def test_an_error_in_the_block_puts_nothing(bucket: Bucket) -> None:
    with pytest.raises(KeyboardInterrupt), _interrupted(bucket.place("x")):
        pass
    assert not bucket.objects()
    assert not bucket.work()


def _interrupted(target: Any) -> Any:
    from contextlib import contextmanager

    from aframe_data.store.objects import workplace

    @contextmanager
    def interrupted() -> Any:
        workplace(target).parent.mkdir(parents=True)
        with replacing(target) as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt
        yield

    return interrupted()


@pytest.mark.slow
def test_of_two_writers_one_wins_as_a_whole(bucket: Bucket) -> None:
    both = threading.Barrier(2)

    def meet(asked: Asked) -> None:
        if asked.query.get("partNumber") == ["2"]:
            both.wait(timeout=30)

    bucket.server.before = meet
    writers = [threading.Thread(target=write, args=(bucket.place("x"), letter * _LARGE)) for letter in (b"a", b"b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert bucket.content("x").read() in (b"a" * _LARGE, b"b" * _LARGE)
    assert not bucket.uploads()
    assert not bucket.work()


_UPLOADS = """
from aframe_data.places import place
from aframe_data.store.atomic import make_folder, replacing
from aframe_data.store.objects import workplace

target = place("s3://bucket/data/x")
make_folder(workplace(target).parent)
with replacing(target) as temporary:
    temporary.write_bytes(b"a" * 40 * 2**20)
"""


@pytest.mark.slow
def test_what_a_killed_upload_left_here_and_there_is_removed_by_the_next_run(bucket: Bucket) -> None:
    reached, killed = threading.Event(), threading.Event()

    def wait(asked: Asked) -> str | None:
        if asked.query.get("partNumber") != ["2"]:
            return None
        reached.set()
        killed.wait(timeout=60)
        return "500 Internal Server Error"

    bucket.server.before = wait
    process = subprocess.Popen([sys.executable, "-c", _UPLOADS])
    assert reached.wait(timeout=60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed.set()
    bucket.server.before = lambda _asked: None
    assert not bucket.objects()
    assert bucket.uploads() == 1
    assert len(bucket.work()) == 2
    remove_leftovers([bucket.place("x")])
    assert not bucket.uploads()
    assert not bucket.work()


def test_leftovers_of_a_killed_upload_go_though_the_store_cannot_be_reached(bucket: Bucket) -> None:
    write(bucket.place("x"), b"whole")
    folder = bucket.cache / "aframe-data" / "objects" / "s3" / "bucket" / "data"
    import socket

    (folder / f".x.{socket.gethostname()}-999999999-abc.part.upload").write_text("{")
    remove_leftovers([bucket.place("x")])
    assert not bucket.work()
    assert bucket.objects() == ["data/x"]


def test_text_is_written_whole_too(bucket: Bucket) -> None:
    (bucket.cache / "aframe-data" / "objects" / "s3" / "bucket" / "data").mkdir(parents=True)
    write_text(bucket.place("t.txt"), "1\n2\n")
    with bucket.place("t.txt").open() as file:
        assert file.readline() == "1\n"
    assert bucket.place("t.txt").read_text() == "1\n2\n"


def test_folders_are_what_lies_below(bucket: Bucket) -> None:
    for name in ("a/x.hdf5", "a/.y.hdf5", "a/b/z.hdf5"):
        write(bucket.place(name), b"x")
    folder = bucket.place("a")
    assert folder.is_dir()
    assert not folder.is_file()
    assert [path.name for path in folder.iterdir()] == [".y.hdf5", "b", "x.hdf5"]
    assert [str(path) for path in folder.glob("[!.]*.hdf5")] == ["s3://bucket/data/a/x.hdf5"]
    assert [str(path) for path in bucket.place("a/**/z.hdf5").matches()] == ["s3://bucket/data/a/b/z.hdf5"]
    assert not bucket.place("none").exists()
    bucket.place("a/x.hdf5").unlink()
    bucket.place("a/x.hdf5").unlink(missing_ok=True)
    assert not bucket.place("a/x.hdf5").exists()


def test_what_was_read_of_an_object_is_fetched_again_only_if_it_changed(bucket: Bucket) -> None:
    def begins(name: str) -> bytes:
        with bucket.place(name).open("rb") as file:
            return bytes(file.read(2))

    write(bucket.place("x"), b"old")
    assert begins("x") == b"ol"
    bucket.server.asked.clear()
    assert begins("x") == b"ol"
    assert {asked.method for asked in bucket.server.asked} == {"HEAD"}
    write(bucket.place("x"), b"new")  # of the same size, within the second
    assert begins("x") == b"ne"


def test_a_folder_in_a_store_is_no_file_to_read(bucket: Bucket) -> None:
    write(bucket.place("folder/x"), b"x")
    with pytest.raises(IsADirectoryError, match="it is a folder, not a file"):
        bucket.place("folder").open("rb")
