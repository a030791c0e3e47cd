"""Marks of the commands that are at work in a folder which they share, so that none takes the others' work for lost.

A mark is an empty file that a command touches while it works. That of a killed one is known by its process on this
machine, and by its age on others.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from typing import TYPE_CHECKING

from aframe_data.errors import AframeDataError
from aframe_data.store.atomic import explained, is_running, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.progress import Advance

_MARK = re.compile(r"\.working-(?P<host>.+)-(?P<process>\d+)")
#: Seconds between touches, and after which nobody on another machine is at work any more: a tape may take hours.
_PULSE, _SILENCE = 60, 86_400
#: Other commands may remove the folder so many times before there is a mark in it.
_TRIES = 10


@contextlib.contextmanager
def at_work(folder: Path, progress: Advance) -> Iterator[Advance]:
    """Mark a folder, which is made, for the length of the block; gives `progress` that keeps the mark fresh besides.

    Raises
    ------
    AframeDataError
        The folder cannot be made, or not be written to.
    """
    mark = folder / f".working-{socket.gethostname()}-{os.getpid()}"
    _make(mark)
    touched = time.monotonic()

    def advance(amount: float, tried: float = 0, /, *, found: bool = False) -> None:
        nonlocal touched
        progress(amount, tried, found=found)
        if time.monotonic() - touched > _PULSE:
            touched = time.monotonic()
            with contextlib.suppress(OSError):  # somebody tidied up, or the disk is full
                mark.touch()

    try:
        yield advance
    finally:
        with contextlib.suppress(OSError):
            mark.unlink()


def _make(mark: Path) -> None:
    for _ in range(_TRIES):
        make_folder(mark.parent)
        # A command that has just ended may have found the folder empty.
        with explained(mark), contextlib.suppress(FileNotFoundError):
            mark.touch()
            return
    raise AframeDataError(f"cannot write {mark}: its folder is removed again and again.")


def remove_abandoned_marks(folder: Path) -> None:
    """Delete the marks of commands that are not at work any more."""
    for entry in folder.iterdir():
        match = _MARK.fullmatch(entry.name)
        if match is None:
            continue
        here = match["host"] == socket.gethostname()
        if not (is_running(int(match["process"])) if here else is_fresh(entry)):
            entry.unlink(missing_ok=True)


def is_fresh(path: Path) -> bool:
    """Whether something was written there not long ago."""
    try:
        return time.time() - path.stat().st_mtime < _SILENCE
    except OSError:  # gone in this moment
        return False
