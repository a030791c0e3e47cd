"""Marks of the commands that are at work in a folder which they share, so that none takes the others' work for lost."""

from __future__ import annotations

import os
import socket
import uuid
from typing import TYPE_CHECKING

from aframe_data.store.claims import claimed, remove_abandoned_claims

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

_PREFIX = ".working-"


def at_work(folder: Path) -> AbstractContextManager[bool]:
    """Mark a folder, which is made, for the length of a block.

    Raises
    ------
    AframeDataError
        The folder cannot be made, or not be written to.
    """
    # A claim that nobody else wants: two threads of one process may work in one folder.
    name = f"{_PREFIX}{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return claimed(folder / name, str(folder))


def remove_abandoned_marks(folder: Path) -> None:
    """Delete the marks of commands that are not at work any more."""
    remove_abandoned_claims(*folder.glob(f"{_PREFIX}*"))
