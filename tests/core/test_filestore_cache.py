"""Files kept from run to run: checked, and shared without locks."""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import random
import signal
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import TransientError
from aframe_data.filestore import Storage
from aframe_data.filestore.names import url_key
from core import cache_users
from core.cache_folders import Archive, kept, store_in
from core.cache_users import SIZE, URLS, content

if TYPE_CHECKING:
    from pathlib import Path


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
