"""Claims: who is at work on something, so that another command waits, or leaves that work alone.

A claim is a file that its owner keeps locked, that says who that is, and that the owner touches while it works. The
system drops the lock when the owner dies, however that happens, so that what a killed command left is known at once. A
file system need not have locks, or may have them for one machine only: then the process decides on this machine, and
on others whether the file was touched of late.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import socket
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import AframeDataError
from aframe_data.store.atomic import explained, is_running, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_logger = logging.getLogger(__name__)

#: Seconds between touches, and without one after which an owner on another machine counts as gone.
_PULSE, _SILENCE = 60.0, 600.0
#: Seconds between two looks at a claim of somebody else.
_PATIENCE = 0.5
#: Other commands may remove the folder so many times before there is a claim in it.
_TRIES = 10


@dataclass(frozen=True)
class Owner:
    """Who claimed something: where it runs, and when it began, in words."""

    host: str
    process: int
    since: str

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}, since {self.since}"


@contextlib.contextmanager
def claimed(path: Path, what: str) -> Iterator[bool]:
    """Hold a claim for the length of the block, after whoever has it; gives whether there was somebody.

    Parameters
    ----------
    path
        The file, which goes at the end; its folder is made.
    what
        What it is for, to be told to whoever waits.

    Raises
    ------
    AframeDataError
        The file, or its folder, cannot be written.
    """
    waited = told = False
    while (descriptor := _taken(path)) is None:
        waited = True
        if not told and path.exists():  # else its owner has just ended
            _logger.warning("%s", _told(path, what))
            told = True
        time.sleep(_PATIENCE)
    ended = threading.Event()
    threading.Thread(target=_keep_fresh, args=(descriptor, ended), daemon=True).start()
    try:
        yield waited
    finally:
        ended.set()
        with contextlib.suppress(OSError):
            if _is_at(descriptor, path):
                path.unlink()
        os.close(descriptor)


def is_claimed(path: Path) -> bool:
    """Whether somebody is at work by this claim."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:  # not there, or another user's
        return path.exists() and _is_fresh(path.stat())
    try:
        # A claim without a word is one that is just being made.
        return _in_use(descriptor, unsaid=_is_fresh(os.fstat(descriptor)))
    finally:
        os.close(descriptor)


def remove_abandoned_claims(*paths: Path) -> None:
    """Delete claims that nobody is at work by any more."""
    for path in paths:
        if not is_claimed(path):
            with contextlib.suppress(OSError):
                path.unlink()


def _taken(path: Path) -> int | None:
    """Take a claim that is free; None where somebody has it."""
    descriptor = _opened(path)
    if _in_use(descriptor, unsaid=False) or not _is_at(descriptor, path):
        os.close(descriptor)
        return None
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    text = json.dumps(asdict(Owner(socket.gethostname(), os.getpid(), since)))
    try:
        with explained(path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{text}\n".encode(), 0)
    except BaseException:
        path.unlink()
        os.close(descriptor)
        raise
    return descriptor


def _opened(path: Path) -> int:
    for _ in range(_TRIES):
        make_folder(path.parent)
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # a command that has just ended found the folder empty
            continue
        except OSError as error:
            raise AframeDataError(f"cannot write {path}: {error.strerror}.") from error
    raise AframeDataError(f"cannot write {path}: its folder is removed again and again.")


def _in_use(descriptor: int, *, unsaid: bool) -> bool:
    """Whether the owner of an open claim is alive, or `unsaid` where it names none; else it is locked from now on."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        has_locks = True
    except BlockingIOError:
        return True
    except OSError:
        has_locks = False
    owner = _owner(descriptor)
    if owner is None:
        return unsaid
    if owner.host == socket.gethostname():
        return not has_locks and is_running(owner.process)
    return _is_fresh(os.fstat(descriptor))


def _owner(descriptor: int) -> Owner | None:
    try:
        return Owner(**json.loads(os.pread(descriptor, 4096, 0)))
    except (OSError, ValueError, TypeError):
        return None


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether a file that was opened is still the one at a path: its owner may have ended meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _is_fresh(status: os.stat_result) -> bool:
    return time.time() - status.st_mtime < _SILENCE


def _keep_fresh(descriptor: int, ended: threading.Event) -> None:
    while not ended.wait(_PULSE):
        with contextlib.suppress(OSError):  # the disk is full, or somebody tidied up
            os.utime(descriptor)


def _told(path: Path, what: str) -> str:
    """What whoever waits is told."""
    owner = None
    with contextlib.suppress(OSError), path.open("rb") as file:
        owner = _owner(file.fileno())
    told = f"another command is working on {what} ({owner or 'it has just begun'}): waiting until it ends."
    if owner is None or owner.host == socket.gethostname():
        return told
    return (
        f"{told} If you know that it has ended, delete {path}; after {_SILENCE / 60:g} minutes without a sign "
        "of life it counts as ended too."
    )
