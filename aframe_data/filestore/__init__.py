"""Raw files of archives while they are needed, and longer where the user wants it: each is downloaded once.

A fetcher of whole files is asked for a file in parts. It hands every download to a store: `temporary` keeps the
last few files of a process, `cache` keeps files from run to run. What is in the files, no store knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.protocols import FileStore

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileStore", "open_store"]


def open_store(cache: Path | None, cache_size: int, working_folder: Path) -> FileStore:
    """The store for one process.

    Parameters
    ----------
    cache
        Folder that keeps files from run to run, or None.
    cache_size
        Bytes of all files in it.
    working_folder
        Where files lie while they are used; made on first use, and removed by the caller when the work is done.

    Raises
    ------
    UsageError
        The cache's folder cannot be written to, or its size is not above zero. Nothing is made yet.
    """
    from aframe_data.filestore.cache import FileCache
    from aframe_data.filestore.temporary import TemporaryStore

    workspace = TemporaryStore(working_folder)
    return workspace if cache is None else FileCache(cache, cache_size, workspace)
