"""The process from which workers are forked, and what it imports first, so that no worker has to import it again.

It is the server of Python's ``forkserver``. The modules are named by the plan whose units the workers do; they are told
to the server by a variable of its environment, and imported there by `aframe_data.work.preloaded`.
"""

from __future__ import annotations

import os
import sys
from multiprocessing import forkserver
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Names the modules, to the server alone.
MODULES = "AFRAME_DATA_WORKER_MODULES"


def start(modules: Iterable[str]) -> None:
    """Start the server, which imports while this process goes on; one that runs already stays as it is.

    A module that cannot be imported there is left to the workers, whose units then say what is wrong. Where the server
    dies of one, or one has started a thread, which a fork would lose, the server that comes after it imports none.
    """
    if sys.platform != "linux":  # libraries of macOS do not survive a fork: workers import for themselves
        return
    os.environ[MODULES] = ",".join(dict.fromkeys(modules))
    try:
        forkserver.set_forkserver_preload(["__main__", "aframe_data.work.preloaded"])
        forkserver.ensure_running()
    finally:
        del os.environ[MODULES]
