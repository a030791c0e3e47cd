"""Folders with a cache of files, as a new process opens them, and an archive that counts what is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.filestore import FileStore, Storage
from core import cache_users

if TYPE_CHECKING:
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


def kept(folder: Path) -> list[Path]:
    """What is in the cache: final names and temporary ones."""
    return sorted((folder / "cache").iterdir())


def store_in(folder: Path, limit: int = LARGE) -> FileStore:
    """A store as a new process has it."""
    return Storage(folder / "work", folder / "cache", limit).open()
