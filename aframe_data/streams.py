"""stdout is for results: what others print (a plugin, a library in C) goes to stderr.

`move_results` is for the beginning of a process; `printed_aside` for the blocks in which others are at work.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager

TYPE_CHECKING = False  # a command begins with this module: see `aframe_data.cli`
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO


class _Aside:
    """Stands for stdout while others are at work: all that is printed goes to stderr, and nothing closes that."""

    def __init__(self, results: TextIO) -> None:
        self.results = results

    def close(self) -> None:
        """Leave stderr open: others may not close it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def results() -> TextIO:
    """The stream that results are written to, whoever is at work."""
    return getattr(sys.stdout, "results", sys.stdout)


@contextmanager
def printed_aside() -> Iterator[None]:
    """Have what is printed in the block go to stderr; `results` is where it was."""
    before = sys.stdout
    if isinstance(before, _Aside):
        yield
        return
    sys.stdout = _Aside(before)
    try:
        yield
    finally:
        sys.stdout = before


def move_results() -> None:
    """Give stdout a number of its own, and the number 1 to stderr: for those who write without asking Python."""
    before = sys.stdout
    before.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    # at the end of each line where somebody watches, or where Python was told not to keep anything back
    at_once = isinstance(before, io.TextIOWrapper) and (before.line_buffering or before.write_through)
    sys.stdout = os.fdopen(own, "w", 1 if at_once else -1, encoding=before.encoding, errors=before.errors)
