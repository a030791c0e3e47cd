"""Files kept from run to run: bounded, checked, and shared without locks."""

from __future__ import annotations

import errno
import hashlib
import logging
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import AframeDataError, TransientError, UsageError
from aframe_data.filestore import FileStore, Storage
from aframe_data.filestore.names import url_key
from core import cache_users
from core.cache_users import SIZE, URLS, content

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LARGE = 10**9


class Archive:
    """The files of `cache_users`; counts what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, store: FileStore, url: str) -> bytes:
        def download(path: Path) -> None:
            self.asked.append(url)
            cache_users.download(url, path)

        with store.file(url, download) as path:
            return path.read_bytes()


@pytest.fixture
def archive() -> Archive:
    return Archive()


def kept(folder: Path) -> list[Path]:
    """What is in the cache: final names and temporary ones."""
    return sorted((folder / "cache").iterdir())


def kept_urls(folder: Path) -> set[str]:
    return {url for url in URLS for path in kept(folder) if path.name.startswith(url_key(url))}


def store_in(folder: Path, limit: int = LARGE) -> FileStore:
    """A store as a new process has it."""
    return Storage(folder / "work", folder / "cache", limit).open()


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def set_clock(folder: Path, order: Sequence[str]) -> None:
    """Let the files have been used a while ago, a second apart, so that no clock is too coarse to tell."""
    for position, url in enumerate(order):
        for path in (folder / "cache").glob(f"{url_key(url)}.*"):
            age(path, 1000 - position)


class TestOneProcess:
    def test_a_second_run_downloads_nothing(self, tmp_path: Path, archive: Archive) -> None:
        for _ in range(2):
            store = store_in(tmp_path)
            assert [archive.read(store, url) for url in URLS] == [content(url) for url in URLS]
        assert archive.asked == list(URLS)

    def test_the_name_says_url_content_and_file(self, tmp_path: Path, archive: Archive) -> None:
        archive.read(store_in(tmp_path), URLS[3])
        (path,) = kept(tmp_path)
        assert path.name == f"{url_key(URLS[3])}.{hashlib.sha256(content(URLS[3])).hexdigest()}.3.hdf5"

    def test_nothing_is_made_before_the_first_file(self, tmp_path: Path) -> None:
        store_in(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_without_a_cache_nothing_stays(self, tmp_path: Path, archive: Archive) -> None:
        store = Storage(tmp_path / "work").open()
        assert archive.read(store, URLS[0]) == content(URLS[0])
        assert [path.name for path in tmp_path.iterdir()] == ["work"]

    @pytest.mark.parametrize("links", [True, False])
    def test_parts_of_a_file_are_read_without_another_look(
        self, tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch, *, links: bool
    ) -> None:
        """It lies with the process that uses it: what others do to the cache does not matter."""
        if not links:
            monkeypatch.setattr(os, "link", cache_users._no_links)
        for _ in range(2):
            store = store_in(tmp_path)
            with store.file(URLS[0], lambda path: cache_users.download(URLS[0], path)) as path:
                for other in kept(tmp_path):
                    other.unlink()
                assert path.read_bytes() == content(URLS[0])
            assert archive.read(store, URLS[0]) == content(URLS[0])
        assert archive.asked == []

    def test_a_failed_download_leaves_nothing(self, tmp_path: Path, archive: Archive) -> None:
        store = store_in(tmp_path)

        def fail(path: Path) -> None:
            path.write_bytes(b"half")
            raise TransientError("the line broke")

        with pytest.raises(TransientError, match="the line broke"), store.file(URLS[0], fail):
            pass
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        assert archive.read(store, URLS[0]) == content(URLS[0])

    def test_what_is_discarded_is_downloaded_again_by_everyone(self, tmp_path: Path, archive: Archive) -> None:
        stores = [store_in(tmp_path), store_in(tmp_path)]
        archive.read(stores[0], URLS[0])
        stores[0].discard(URLS[0])
        assert kept(tmp_path) == []
        for store in (*stores, store_in(tmp_path)):
            archive.read(store, URLS[0])
        assert archive.asked == [URLS[0]] * 2


class TestDamage:
    @pytest.mark.parametrize("links", [True, False])
    @pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"x" + data[1:], lambda _: b""])
    def test_a_file_that_changed_is_told_and_downloaded_again(
        self,
        tmp_path: Path,
        archive: Archive,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        damage: object,
        *,
        links: bool,
    ) -> None:
        if not links:
            monkeypatch.setattr(os, "link", cache_users._no_links)
        assert callable(damage)
        archive.read(store_in(tmp_path), URLS[0])
        (path,) = kept(tmp_path)
        path.write_bytes(damage(path.read_bytes()))
        assert archive.read(store_in(tmp_path), URLS[0]) == content(URLS[0])
        (record,) = caplog.records
        assert record.getMessage() == f"{path} is damaged (its content changed) and is downloaded again."
        assert record.levelno == logging.WARNING
        assert [found.read_bytes() for found in kept(tmp_path)] == [content(URLS[0])]
        assert archive.read(store_in(tmp_path), URLS[0]) == content(URLS[0])
        assert archive.asked == [URLS[0]] * 2

    def test_a_folder_in_the_place_of_a_file_is_no_harm(self, tmp_path: Path, archive: Archive) -> None:
        archive.read(store_in(tmp_path), URLS[0])
        (path,) = kept(tmp_path)
        path.unlink()
        path.mkdir()
        assert archive.read(store_in(tmp_path), URLS[0]) == content(URLS[0])


class TestBound:
    @given(st.lists(st.sampled_from(URLS), max_size=12), st.integers(1, 4))
    def test_what_was_used_last_is_kept_within_the_bound(
        self, tmp_path_factory: pytest.TempPathFactory, uses: Sequence[str], room: int
    ) -> None:
        folder, archive = tmp_path_factory.mktemp("bound"), Archive()
        expected: list[str] = []
        downloads = []
        for url in uses:
            if url in expected:
                expected.remove(url)
            else:
                downloads.append(url)
            expected = [*expected, url][-room:]
            assert archive.read(store_in(folder, room * SIZE), url) == content(url)
            assert kept_urls(folder) == set(expected)
            set_clock(folder, expected)
        assert archive.asked == downloads

    def test_a_use_makes_a_file_young_again(self, tmp_path: Path, archive: Archive) -> None:
        for url in URLS[:2]:
            archive.read(store_in(tmp_path, 2 * SIZE), url)
        set_clock(tmp_path, URLS[:2])
        archive.read(store_in(tmp_path, 2 * SIZE), URLS[0])
        archive.read(store_in(tmp_path, 2 * SIZE), URLS[2])
        assert kept_urls(tmp_path) == {URLS[0], URLS[2]}

    def test_a_cache_that_was_made_smaller_shrinks(self, tmp_path: Path, archive: Archive) -> None:
        for url in URLS:
            archive.read(store_in(tmp_path), url)
        set_clock(tmp_path, URLS)
        archive.read(store_in(tmp_path, 3 * SIZE), URLS[-1])
        assert kept_urls(tmp_path) == set(URLS[-3:])
        assert archive.asked == list(URLS)

    def test_a_file_larger_than_the_cache_is_used_and_told_once(
        self, tmp_path: Path, archive: Archive, caplog: pytest.LogCaptureFixture
    ) -> None:
        store = store_in(tmp_path, SIZE - 1)
        for url in (URLS[0], URLS[0], URLS[1]):
            assert archive.read(store, url) == content(url)
        assert archive.asked == list(URLS[:2])  # its parts are read from one download all the same
        (record,) = caplog.records
        assert "0.hdf5 is not kept in the cache: it has 20.0 kB" in record.getMessage()
        assert "is 20.0 kB (cache_size)" in record.getMessage()
        assert not (tmp_path / "cache").exists()

    def test_other_peoples_files_are_left_alone(self, tmp_path: Path, archive: Archive) -> None:
        (tmp_path / "cache").mkdir()
        names = ["background-1240579783-2048.hdf5", "0123456789abcdef.hdf5", ".notes.part", "x" * 16]
        for name in names:
            (tmp_path / "cache" / name).write_bytes(b"x" * SIZE)
        for url in URLS:
            archive.read(store_in(tmp_path, SIZE), url)
        assert {path.name for path in kept(tmp_path)} >= set(names)
        assert len(kept(tmp_path)) == len(names) + 1


class TestLeftovers:
    def leftover(self, folder: Path, host: str, process: int) -> Path:
        (folder / "cache").mkdir(exist_ok=True)
        path = folder / "cache" / f".{'0' * 16}.{'a' * 64}.x.hdf5.{host}-{process}-abcdefgh.part"
        path.write_bytes(b"half")
        return path

    def test_what_a_killed_process_left_is_removed(self, tmp_path: Path, archive: Archive) -> None:
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        left = self.leftover(tmp_path, socket.gethostname(), dead.pid)
        running = self.leftover(tmp_path, socket.gethostname(), os.getpid())
        archive.read(store_in(tmp_path), URLS[0])
        assert not left.exists()
        assert running.exists()

    def test_what_another_machine_left_goes_after_a_day(self, tmp_path: Path, archive: Archive) -> None:
        left = self.leftover(tmp_path, "elsewhere", 1)
        archive.read(store_in(tmp_path), URLS[0])
        assert left.exists()
        age(left, 90_000)
        archive.read(store_in(tmp_path), URLS[1])
        assert not left.exists()


class TestRefusals:
    def test_a_size_of_nothing_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cache_size = 0"):
            store_in(tmp_path, 0)

    def test_a_folder_that_is_a_file_is_refused_before_the_work(self, tmp_path: Path) -> None:
        (tmp_path / "cache").touch()
        with pytest.raises(UsageError, match=r"cache': it is a file"):
            store_in(tmp_path)

    def test_a_disk_that_is_full_while_downloading_is_told(self, tmp_path: Path) -> None:
        def fill(path: Path) -> None:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

        with (
            pytest.raises(AframeDataError, match=rf"cannot write {tmp_path}/work/.*: the disk is full"),
            store_in(tmp_path).file(URLS[0], fill),
        ):
            pass
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_cache_whose_disk_is_full_does_not_stop_the_work(
        self, tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def full(_source: object, target: object) -> None:
            if "cache" in str(target):
                raise OSError(errno.ENOSPC, "No space left on device")
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        monkeypatch.setattr(os, "link", full)
        monkeypatch.setattr("aframe_data.filestore.cache._copy", full)
        assert archive.read(store_in(tmp_path), URLS[0]) == content(URLS[0])
        (record,) = caplog.records
        assert "0.hdf5 is not kept in the cache: cannot write" in record.getMessage()
        assert "the disk is full" in record.getMessage()
        assert kept(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("links", [True, False])
def test_processes_that_are_killed_at_any_moment_leave_a_sound_cache(tmp_path: Path, *, links: bool) -> None:
    """Four at a time, most of them killed between two of their file operations; nobody ever reads a wrong byte."""
    chance, spawning = random.Random(7), multiprocessing.get_context("spawn")  # noqa: S311 - not for secrets
    limit = 3 * SIZE
    for killed in (True, True, False):
        users = [
            spawning.Process(
                target=cache_users.use,
                args=(tmp_path, limit, chance.randrange(10**6)),
                kwargs={"killed_after": chance.randrange(5, 300) if killed else None, "links": links},
            )
            for _ in range(4)
        ]
        for user in users:
            user.start()
        for user in users:
            user.join()
        codes = {user.exitcode for user in users}
        assert codes <= ({0, -signal.SIGKILL} if killed else {0})
    archive = Archive()
    archive.read(store_in(tmp_path, limit), URLS[0])  # tidies up, as any run does
    left = kept(tmp_path)
    assert sum(path.stat().st_size for path in left) <= limit
    for path in left:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name.split(".")[1]
