"""Caches of files that cannot be used are told, before the work where that is possible."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import AframeDataError, UsageError
from core.cache_folders import Archive, kept, store_in
from core.cache_users import URLS, content

if TYPE_CHECKING:
    from pathlib import Path


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
