"""The store that keeps files from run to run, shared by processes and machines that know nothing of each other.

There are no locks, which not every file system has. A file appears in one step, whole, under a name that holds
the digest of its content: ``<digest of the URL>.<SHA-256 of the content>.<the URL's file name>``. Whoever uses it
first links (or copies) it into a folder of its own and hashes what is there then, so that it does not matter
what becomes of the file in the cache meanwhile: at the worst it is downloaded again.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aframe_data.checks import require_count
from aframe_data.errors import AframeDataError
from aframe_data.filestore.names import KEY_LENGTH, base_name, url_key
from aframe_data.sizes import format_bytes
from aframe_data.store.atomic import make_folder, remove_leftovers, replacing, require_writable_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from aframe_data.filestore.temporary import TemporaryStore

_NAME = rf"(?P<key>[0-9a-f]{{{KEY_LENGTH}}})\.(?P<content>[0-9a-f]{{64}})\.[A-Za-z0-9_.+=-]+"
_ENTRY = re.compile(_NAME)
_LEFTOVER = re.compile(rf"\.(?P<name>{_NAME})\.[^/]+-\d+-\w+\.part")
#: Seconds after which what another machine did not finish is nobody's.
_A_DAY = 86_400.0
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    content: str
    nbytes: int
    used: int  # nanoseconds: the modification time, which every use renews


class FileCache:
    """Files in a folder, as many as fit, of which those that were used longest ago make room for others.

    Parameters
    ----------
    folder
        Made where it is not there. Other files in it are left alone.
    max_bytes
        Of all files together. It is exceeded only for a moment, by files that several processes add at once.
    workspace
        Gives each file its place while this process uses it; one that does not fit into the cache lasts
        there as any temporary one.

    Raises
    ------
    UsageError
        The folder cannot be written to, or the size is not above zero.
    """

    def __init__(self, folder: Path, max_bytes: int, workspace: TemporaryStore) -> None:
        require_count("cache_size", max_bytes)
        require_writable_folder(folder)
        self._folder = folder
        self._max_bytes = max_bytes
        self._workspace = workspace
        self._tidy = False
        self._told = False

    def file(self, url: str, download: Callable[[Path], None]) -> AbstractContextManager[Path]:
        """Give the path of a file: see `FileStore.file`."""
        return self._workspace.file(url, partial(self._obtain, url, download))

    def discard(self, url: str) -> None:
        """Delete a file, also for the other processes: see `FileStore.discard`."""
        self._workspace.discard(url)
        for entry in self._entries(url_key(url)):
            _remove(entry.path)

    def _obtain(self, url: str, download: Callable[[Path], None], path: Path) -> None:
        """Put a file where this process uses it: out of the cache, or else downloaded and then kept."""
        self._tidy_once()
        for entry in self._entries(url_key(url)):
            if _take(entry, path):
                return
        download(path)
        if path.is_file():
            try:
                self._keep(url, path)
            except (OSError, AframeDataError) as error:
                self._tell_once(f"{base_name(url)} is not kept in the cache: {error}")

    def _keep(self, url: str, path: Path) -> None:
        size = path.stat().st_size
        if not self._make_room(size):
            self._tell_once(
                f"{base_name(url)} is not kept in the cache: it has {format_bytes(size)}, and the limit for "
                f"{str(self._folder)!r} is {format_bytes(self._max_bytes)} (cache_size)."
            )
            return
        make_folder(self._folder)
        target = self._folder / f"{url_key(url)}.{_digest(path)}.{base_name(url)}"
        try:
            os.link(path, target)
        except FileExistsError:  # another process was as quick
            _touch(target)
        except OSError:  # another file system, or one without links
            with replacing(target) as temporary:
                _copy(path, temporary)
        self._make_room(0)  # others may have added files meanwhile

    def _make_room(self, nbytes: int) -> bool:
        """Delete what was used longest ago until so many bytes fit; whether they do."""
        if nbytes > self._max_bytes:
            return False
        entries = self._entries()
        total = sum(entry.nbytes for entry in entries)
        for entry in reversed(entries):
            if total + nbytes <= self._max_bytes:
                break
            if _remove(entry.path):
                total -= entry.nbytes
        return total + nbytes <= self._max_bytes

    def _entries(self, key: str | None = None) -> list[_Entry]:
        """The files in the cache, those of one URL or all; the one used last comes first."""
        found = []
        for path in _listed(self._folder):
            match = _ENTRY.fullmatch(path.name)
            if match and key in (None, match["key"]):
                with suppress(OSError):  # it may be gone by now
                    status = path.stat()
                    found.append(_Entry(path, match["content"], status.st_size, status.st_mtime_ns))
        return sorted(found, key=lambda entry: (entry.used, entry.path.name), reverse=True)

    def _tidy_once(self) -> None:
        """Remove what killed processes left, and what is too much for a cache that was made smaller."""
        if self._tidy:
            return
        self._tidy = True
        for path in _listed(self._folder):
            match = _LEFTOVER.fullmatch(path.name)
            if match:
                remove_leftovers([self._folder / match["name"]])
                with suppress(OSError):
                    if time.time() - path.stat().st_mtime > _A_DAY:
                        _remove(path)
        self._make_room(0)

    def _tell_once(self, message: str) -> None:
        if not self._told:
            _logger.warning(message)
        self._told = True


def _take(entry: _Entry, path: Path) -> bool:
    """Put a file of the cache at a path, and check it there; whether it is the file that was once downloaded."""
    try:
        _link_or_copy(entry.path, path)
        if _digest(path) == entry.content:
            _touch(entry.path)
            return True
        reason = "its content changed"
    except FileNotFoundError:  # another process made room
        return False
    except OSError as error:
        if error.errno in _FULL:
            raise
        reason = error.strerror or type(error).__name__
    _logger.warning("%s is damaged (%s) and is downloaded again.", entry.path, reason)
    path.unlink(missing_ok=True)
    _remove(entry.path)
    return False


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, one without links, or a file of somebody else's
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _touch(path: Path) -> None:
    with suppress(OSError):  # gone, or somebody else's: then it only looks older than it is
        os.utime(path)


def _remove(path: Path) -> bool:
    """Delete a file; False where the system refuses (somebody else's, in a folder of all)."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AframeDataError(f"cannot read the cache's folder {str(folder)!r}: {error.strerror}.") from error
