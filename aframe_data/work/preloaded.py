"""Imported by the process from which workers are forked, as `aframe_data.work.server` tells: it imports the rest."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from aframe_data.work.server import MODULES

if TYPE_CHECKING:
    from types import FrameType

#: Seconds between two looks whether the command is still there.
_PULSE = 0.5
#: Where Linux shows the threads of this process, also those that Python does not know.
_THREADS = "/proc/self/task"


def _import_all(names: str) -> None:
    command = os.getppid()

    def end_with_command(_number: int, _frame: FrameType | None) -> None:
        if os.getppid() != command:
            os._exit(1)

    # Until the server serves, nobody else sees that the command was interrupted or killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, end_with_command)
    signal.setitimer(signal.ITIMER_REAL, _PULSE, _PULSE)
    for name in filter(None, names.split(",")):
        # The unit that needs it will say so: a plugin may raise anything at import.
        with suppress(BaseException):
            import_module(name)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if len(os.listdir(_THREADS)) > 1:  # noqa: PTH208 - they are only counted
        os._exit(1)
    gc.freeze()  # what all workers share is not written to by the collector of each


_import_all(os.environ.pop(MODULES, ""))
