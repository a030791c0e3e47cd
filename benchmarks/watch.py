"""What a command costs, all its processes together: wall time, CPU time, and the peak of their memory.

Not a benchmark itself. The command runs as a user runs it; every 50 ms the memory of its processes is added up.
"""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INTERVAL = 0.05  # seconds between two looks


@dataclass(frozen=True)
class Usage:
    """What one run of a command took.

    Attributes
    ----------
    seconds
        Wall time.
    cpu_seconds
        User and system time of all its processes, as last seen of each.
    peak_rss, peak_pss
        Bytes. RSS counts what processes share once for each, PSS divides it among them; PSS is 0 where it was not
        looked at.
    """

    seconds: float
    cpu_seconds: float
    peak_rss: int
    peak_pss: int


def watch(command: Sequence[str], *, environment: Mapping[str, str] | None = None, pss_too: bool = False) -> Usage:
    """Run a command once and watch its processes; its output is thrown away.

    Parameters
    ----------
    environment
        All of it; this process's own unless given.
    pss_too
        Look at PSS too, for which the system walks through all pages: not where time is measured.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    root = psutil.Process(process.pid)
    peak_rss = peak_pss = 0
    # What the system counts of children that ended lacks workers, whose parent nobody waits for.
    cpu_seconds: dict[int, float] = {}
    while process.poll() is None:
        rss = pss = 0
        for member in (root, *_children(root)):
            with suppress(psutil.Error):  # it is gone
                memory = member.memory_full_info() if pss_too else member.memory_info()
                rss, pss = rss + memory.rss, pss + getattr(memory, "pss", 0)
                times = member.cpu_times()
                cpu_seconds[member.pid] = times.user + times.system
        peak_rss, peak_pss = max(peak_rss, rss), max(peak_pss, pss)
        time.sleep(_INTERVAL)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"the command failed: {' '.join(command)}")
    return Usage(seconds, sum(cpu_seconds.values()), peak_rss, peak_pss)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        children: list[psutil.Process] = process.children(recursive=True)
    except psutil.Error:
        return []
    return children
