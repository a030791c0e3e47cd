"""Inside a worker process: what it tells its parent, how it ends, and how a unit's error reaches the parent."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from aframe_data.errors import PluginError
from aframe_data.work.units import Result, Unit, report_to, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

_LOGGER = "aframe_data"
#: Characters of a logged message and of a logger's name, so that a report stays below the 4096 bytes that a pipe
#: takes at once: a character takes six of them at most.
_LONGEST_MESSAGE, _LONGEST_NAME = 600, 60


def start_worker(reports: Connection) -> None:
    """Begin as a worker, which reports through a pipe and ends with its parent."""

    def send(message: dict[str, float | int | str]) -> None:
        # A write this short to a pipe is atomic: it needs no lock, and a worker that dies cannot die holding
        # one. A pipe that is closed must not fail the work.
        with suppress(OSError):
            text = json.dumps(message, ensure_ascii=False)
            os.write(reports.fileno(), text.encode(errors="replace") + b"\n")

    os.dup2(2, 1)  # results are the parent's business; what a plugin prints is none
    sys.stdout = sys.stderr
    report_to(lambda amount, tried=0, /, *, found=False: send({"advance": amount, "tried": tried, "found": found}))
    # Only the parent answers Ctrl-C; it then ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "numpy.random" in sys.modules:  # a plugin that draws from its global state draws something else in each worker
        sys.modules["numpy.random"].seed()
    threading.Thread(target=_end_with_parent, daemon=True, name="aframe-data-parent-watch").start()
    logger = logging.getLogger(_LOGGER)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [_ToParent(send)]


def _end_with_parent() -> None:
    """End this worker when its parent is gone, so that a killed run leaves no process behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _ToParent(logging.Handler):
    """Sends what a worker logs to the parent, whose handlers know the screen and the log file."""

    def __init__(self, send: Callable[[dict[str, float | int | str]], None]) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        # A message that does not fit its arguments is no reason to fail the work.
        except Exception:  # noqa: BLE001
            message = str(record.msg)
        name = record.name[:_LONGEST_NAME]
        self._send({"level": record.levelno, "name": name, "message": message[:_LONGEST_MESSAGE]})


def guarded(function: Callable[[Unit], Result], unit: Unit) -> Result:
    """Run a unit, and end it with an error that reaches the parent whatever a plugin raises.

    The pool would take an exception that cannot be built again from its arguments for the death of the worker,
    and ``sys.exit`` for an end that the user asked for.
    """
    try:
        return function(unit)
    except BaseException as error:
        if isinstance(error, Exception) and _can_travel(error):
            raise
        raise PluginError(told(error)) from None


def _can_travel(error: Exception) -> bool:
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 - our own bytes
    # Whatever the exception's own methods raise.
    except Exception:  # noqa: BLE001
        return False
