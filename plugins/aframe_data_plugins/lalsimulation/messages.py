"""What LAL says when it fails: kept off the terminal, and turned into one line.

LAL prints its errors to file descriptor 2 and raises an exception that says next to nothing. Catching the
descriptor around every call would cost time and swallow what other threads print. So LAL is told to be
silent, and the one call that failed is made again with its messages on and the descriptor caught.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What LAL's wrappers raise for a LAL error.
LAL_ERRORS = (RuntimeError, ValueError, ArithmeticError, OSError, SystemError, IndexError)

#: LAL's bits for errors, warnings, information and traces. The other bits of its debug level are about
#: memory and must not change while memory is allocated.
_MESSAGE_BITS = 0xF
_ERROR_BIT = 0x1

_MESSAGE = re.compile(r"XLAL Error\s*[-:]\s*(?:(?P<function>\w+)(?: \([\w.]+:\d+\))?: )?(?P<text>.+)")
_DATA_FILE = re.compile(r"data file '?(?P<name>[^\s']+)'? in \$LAL_DATA_PATH")


@dataclass(frozen=True)
class Failure:
    """Why a signal could not be made.

    Attributes
    ----------
    reason
        One line for the user.
    data_file
        The file that the model needs and LAL did not find, or None.
    invalid
        Whether LAL refused the arguments as such: no other signal of the same kind will do better.
    """

    reason: str
    data_file: str | None = None
    invalid: bool = False


@contextmanager
def silence() -> Iterator[None]:
    """Keep LAL from printing; errors still raise."""
    with _debug_level(lal.GetDebugLevel() & ~_MESSAGE_BITS):
        yield


def explain(call: Callable[[], object], error: Exception) -> Failure:
    """Make a call that failed with `error` once more, to learn from LAL's messages why."""
    return listen(call) or read("", error)


def listen(call: Callable[[], object]) -> Failure | None:
    """Make a call with LAL's messages on and caught; None where it does not fail."""
    with tempfile.TemporaryFile() as caught:
        try:
            with _terminal_as(caught.fileno()), _debug_level(lal.GetDebugLevel() | _ERROR_BIT):
                call()
        except LAL_ERRORS as error:
            caught.seek(0)
            return read(caught.read().decode(errors="replace"), error)
    return None


def read(messages: str, error: Exception) -> Failure:
    """Turn what LAL printed, and the exception it raised, into a `Failure`."""
    missing = _DATA_FILE.search(messages)
    if missing:
        return Failure(_missing(missing["name"]), data_file=missing["name"])
    invalid = str(error).endswith("Invalid argument")
    first = _MESSAGE.search(messages)
    if first is None:
        return Failure(f"LAL: {error}", invalid=invalid)
    where = f" ({first['function']})" if first["function"] else ""
    return Failure(f"{first['text'].strip().rstrip('.!')}{where}", invalid=invalid)


def _missing(name: str) -> str:
    folders = os.environ.get("LAL_DATA_PATH")
    where = f"no folder of LAL_DATA_PATH ({folders}) has it" if folders else "LAL_DATA_PATH is not set"
    return f"the model needs the data file {name}, and {where}"


@contextmanager
def _terminal_as(descriptor: int) -> Iterator[None]:
    sys.stderr.flush()
    terminal = os.dup(2)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


@contextmanager
def _debug_level(level: int) -> Iterator[None]:
    before = lal.GetDebugLevel()
    lal.ClobberDebugLevel(level)
    try:
        yield
    finally:
        lal.ClobberDebugLevel(before)
