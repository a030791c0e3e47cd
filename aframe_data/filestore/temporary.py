"""The store that keeps nothing for later: the last few files of one process."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.checks import require_count
from aframe_data.errors import PluginError
from aframe_data.filestore.names import base_name, url_key
from aframe_data.store.atomic import explained, is_running, make_folder, remove_if_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _own_prefix() -> str:
    return f"files-{socket.gethostname()}-"


def folder_of_process(folder: Path) -> Path:
    """The folder in `folder` for the stores of this process and of its workers, which it removes when it ends."""
    return folder / f"{_own_prefix()}{os.getpid()}"


def remove_abandoned(folder: Path) -> None:
    """Delete what ended processes of this machine left in the folder of their stores, and the folder if it is empty."""
    left_here = re.compile(rf"{re.escape(_own_prefix())}(?P<process>\d+)(-\w+)?")
    for entry in folder.iterdir() if folder.is_dir() else ():
        match = left_here.fullmatch(entry.name)
        if match and not is_running(int(match["process"])):
            shutil.rmtree(entry, ignore_errors=True)
    remove_if_empty(folder)


class TemporaryStore:
    """The files that were used last, in a folder that no other process has.

    Parameters
    ----------
    folder
        Where that folder is made, on first use. Several processes may name the same one, such as
        `folder_of_process`. When they are done, `remove_abandoned` removes all that they left there.
    keep
        Files that stay when nobody uses them.
    """

    def __init__(self, folder: Path, keep: int = 2) -> None:
        require_count("keep", keep)
        self._folder = folder
        self._keep = keep
        self._own: Path | None = None
        self._paths: dict[str, Path] = {}  # by URL, the one used last at the end
        self._users: Counter[str] = Counter()

    @contextmanager
    def file(self, url: str, download: Callable[[Path], None]) -> Iterator[Path]:
        """Give the path of a file: see `FileStore.file`.

        Raises
        ------
        AframeDataError
            The disk is full, or the system refuses to write.
        PluginError
            `download` made no file.
        """
        path = self._paths.pop(url, None)
        if path is None or not path.exists():
            self._make_room()
            path = self._filled(url, download)
        self._paths[url] = path
        self._users[url] += 1
        try:
            yield path
        finally:
            self._users[url] -= 1

    def discard(self, url: str) -> None:
        """Delete a file: see `FileStore.discard`."""
        path = self._paths.pop(url, None)
        if path is not None:
            path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        """Delete what was used longest ago, so that there are not too many with one more."""
        idle = [url for url in self._paths if not self._users[url]]
        for url in idle[: max(0, len(self._paths) + 1 - self._keep)]:
            self.discard(url)

    def _filled(self, url: str, download: Callable[[Path], None]) -> Path:
        path = self._own_folder() / f"{url_key(url)}.{base_name(url)}"
        with explained(path):
            try:
                download(path)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        if not path.is_file():
            raise PluginError(f"the download of {url} made no file at {path}.")
        return path

    def _own_folder(self) -> Path:
        if self._own is None or not self._own.is_dir():  # a user may have tidied up
            make_folder(self._folder)
            # Never a name that a process had before: what it left may be cut.
            prefix = f"{_own_prefix()}{os.getpid()}-"
            with explained(self._folder / prefix):
                self._own = Path(tempfile.mkdtemp(prefix=prefix, dir=self._folder))
        return self._own
