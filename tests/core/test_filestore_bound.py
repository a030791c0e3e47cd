"""A cache of files stays within its bound: what was used last is kept, and leftovers of others go."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from aframe_data.filestore.names import url_key
from core.cache_folders import Archive, kept, store_in
from core.cache_users import SIZE, URLS, content

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest


def kept_urls(folder: Path) -> set[str]:
    return {url for url in URLS for path in kept(folder) if path.name.startswith(url_key(url))}


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def set_clock(folder: Path, order: Sequence[str]) -> None:
    """Let the files have been used a while ago, a second apart, so that no clock is too coarse to tell."""
    for position, url in enumerate(order):
        for path in (folder / "cache").glob(f"{url_key(url)}.*"):
            age(path, 1000 - position)


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
