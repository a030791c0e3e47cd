"""A process that uses a cache of files, and may be killed between any two of its looks at the disk."""

from __future__ import annotations

import errno
import os
import random
import signal
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

from aframe_data.filestore import Storage

if TYPE_CHECKING:
    from pathlib import Path

URLS = tuple(f"https://archive.example/{number}.hdf5" for number in range(8))
SIZE = 20_000  # bytes of each file
#: What Python tells of before it happens (PEP 578).
_LOOKS_AT_THE_DISK = {"open", "os.link", "os.remove", "os.rename", "os.utime", "os.mkdir", "os.listdir", "os.scandir"}


def content(url: str) -> bytes:
    return sha256(url.encode()).digest() * (SIZE // 32)


def download(url: str, path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for at in range(0, len(content(url)), 5000):
            file.write(content(url)[at : at + 5000])
            os.utime(path)  # so that the process may be killed in the middle


def use(
    folder: Path, limit: int, seed: int, *, uses: int = 30, killed_after: int | None = None, links: bool = True
) -> None:
    """Use files at random, and fail where one is not what it should be.

    Parameters
    ----------
    folder
        Holds the cache and the processes' own folders.
    limit
        Bytes of the cache.
    killed_after
        Number of file operations before the process kills itself, or None.
    links
        False for a file system that has no hard links.
    """
    if not links:
        os.link = _no_links
    store = Storage(folder / "work", folder / "cache", limit).open()
    if killed_after is not None:
        _kill_after(killed_after)
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    for _ in range(uses):
        url = chance.choice(URLS)
        with store.file(url, lambda path, url=url: download(url, path)) as path:
            assert path.read_bytes() == content(url)


def _no_links(*_: object, **__: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def _kill_after(operations: int) -> None:
    left = operations

    def watch(event: str, _: object) -> None:
        nonlocal left
        if event in _LOOKS_AT_THE_DISK:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
