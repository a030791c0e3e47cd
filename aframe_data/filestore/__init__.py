"""Raw files of archives while they are needed, and longer where the user wants it: each is downloaded once.

A fetcher of whole files is asked for a file in parts. It hands every download to a store: `temporary` keeps the
last few files of a process, `cache` keeps files from run to run. What is in the files, no store knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.plugin.files import FileStore

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileStore", "Storage"]


@dataclass(frozen=True)
class Storage:
    """Where raw files lie.

    Attributes
    ----------
    folder
        Where they lie while they are used; made on first use, and removed by the caller when the work is done.
    cache, cache_size
        Folder that keeps files from run to run, or None; and bytes of all files in it.
    """

    folder: Path
    cache: Path | None = None
    cache_size: int = 0

    def open(self) -> FileStore:
        """The store for one process.

        Raises
        ------
        UsageError
            The cache's folder cannot be written to, or its size is not above zero. Nothing is made yet.
        """
        from aframe_data.filestore.cache import FileCache
        from aframe_data.filestore.temporary import TemporaryStore

        workspace = TemporaryStore(self.folder)
        return workspace if self.cache is None else FileCache(self.cache, self.cache_size, workspace)
