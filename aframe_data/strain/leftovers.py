"""The folder of what is not whole yet, which commands share: marks of those at work, and what goes when a run ends."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import time
import uuid
from typing import TYPE_CHECKING

from aframe_data.filestore.temporary import remove_abandoned
from aframe_data.store.atomic import remove_leftovers
from aframe_data.store.claims import claimed, remove_abandoned_claims
from aframe_data.strain.asking import forget_fetchers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from aframe_data.filestore import Storage
    from aframe_data.strain.file import WantedFile

#: Seconds after which what was left on another machine is nobody's any more: a tape may take hours.
_SILENCE = 86_400
#: A temporary file, and the part that it was to become.
_TEMPORARY = re.compile(r"\.(?P<name>[A-Z]\d-\d+-\d+-\w+-[0-9a-f]{12}\.hdf5)\..*")
#: The names of marks begin with it.
_WORKING = ".working-"


def at_work(folder: Path) -> AbstractContextManager[bool]:
    """Mark a folder, which is made, for the length of a block, so that no other command takes its work for lost.

    Raises
    ------
    AframeDataError
        The folder cannot be made, or not be written to.
    """
    # A claim that nobody else wants: two threads of one process may work in one folder.
    name = f"{_WORKING}{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return claimed(folder / name, str(folder))


@contextlib.contextmanager
def tidied(folder: Path, storage: Storage, sound: Iterable[WantedFile]) -> Iterator[None]:
    """Delete what is of no use to a later run, however the block ends.

    Parameters
    ----------
    folder
        Of parts.
    storage
        Where raw files lie.
    sound
        Files that are whole, as the block finds out: a run may have been killed before it deleted their parts, or have
        made some again while another one joined them.
    """
    try:
        yield
    finally:
        forget_fetchers()
        with contextlib.suppress(OSError):  # as on a disk that nobody may write to
            names = _names(folder)
            for path in _parts(sound) if names else ():
                if path.name in names:
                    path.unlink(missing_ok=True)
            found = map(_TEMPORARY.fullmatch, names)
            remove_leftovers(folder / each["name"] for each in found if each)
            shutil.rmtree(storage.folder, ignore_errors=True)
            remove_abandoned(storage.folder.parent)
            remove_abandoned_claims(*folder.glob(f"{_WORKING}*"))
            folder.rmdir()  # not there, or not empty: parts of files that are not whole


def left_over(folder: Path, storage: Storage, files: Iterable[WantedFile], *, failed: bool) -> Path | None:
    """The folder of parts, if it holds parts of files that failed or, where none did, parts that nobody works on."""
    names = _names(folder)
    if failed or not names:
        return folder if names else None
    # What ended processes of this machine left is gone: this is in use, or was on another one.
    raw = storage.folder.parent
    used = [*(folder / name for name in names if name.startswith(".")), *(raw / name for name in _names(raw))]
    if any(map(_is_fresh, used)):
        return None
    return folder if names - {path.name for path in _parts(files)} else None


def _is_fresh(path: Path) -> bool:
    """Whether something was written there not long ago."""
    try:
        return time.time() - path.stat().st_mtime < _SILENCE
    except OSError:  # gone in this moment
        return False


def _parts(files: Iterable[WantedFile]) -> Iterator[Path]:
    return (part.path for file in files for part in file.parts)


def _names(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in folder.iterdir()}
    except OSError:  # not there, or another command has just removed it
        return set()
