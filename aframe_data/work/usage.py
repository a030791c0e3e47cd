"""What a piece of work takes, all processes together: time, CPU time, and the peak of their memory."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

#: Where Linux tells of processes; elsewhere memory is not known.
_PROC = Path("/proc")
#: Seconds between two looks, each of which takes some milliseconds.
_INTERVAL = 0.5
#: In a line of /proc/PID/stat, behind the name of the program.
_PARENT, _USER, _SYSTEM = 1, 11, 12


@dataclass(frozen=True)
class Usage:
    """What a piece of work took.

    Attributes
    ----------
    seconds, cpu_seconds
        Wall time, and time of all CPUs.
    peak_memory
        Bytes of all processes together, what they share counted once; None where the system does not tell.
    """

    seconds: float
    cpu_seconds: float
    peak_memory: int | None


class Watch:
    """Watches this process and those that it starts for the length of a ``with`` block.

    A process that lives for less than half a second may not be seen.
    """

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._over = threading.Event()
        self._peak = 0
        self._started, self._before = time.perf_counter(), _cpu_seconds()
        self._latest = dict(self._before)
        self._thread = threading.Thread(target=self._watch, daemon=True, name="aframe-data-usage")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Look for the last time."""
        self._over.set()
        self._thread.join()
        self._look()
        self._seconds = time.perf_counter() - self._started

    @property
    def usage(self) -> Usage:
        """What the block took."""
        spent = sum(seconds - self._before.get(process, 0) for process, seconds in self._latest.items())
        return Usage(self._seconds, spent, self._peak or None)

    def _watch(self) -> None:
        while not self._over.wait(_INTERVAL):
            self._look()

    def _look(self) -> None:
        now = _cpu_seconds()
        self._latest.update(now)
        self._peak = max(self._peak, sum(map(_memory, now)))


def _cpu_seconds() -> dict[int, float]:
    """CPU seconds of this process and of all below it, by their numbers."""
    if not _PROC.is_dir():
        return {os.getpid(): sum(os.times()[:4])}
    tick = os.sysconf("SC_CLK_TCK")
    fields = {int(entry): _stat(entry) for entry in os.listdir(_PROC) if entry.isdigit()}  # noqa: PTH208 - many
    children: dict[int, list[int]] = {}
    for process, stat in fields.items():
        if stat:
            children.setdefault(int(stat[_PARENT]), []).append(process)
    members, found = [os.getpid()], {}
    while members:
        process = members.pop()
        stat = fields.get(process, [])
        if stat:
            found[process] = (int(stat[_USER]) + int(stat[_SYSTEM])) / tick
        members += children.get(process, [])
    return found


def _stat(process: str) -> list[str]:
    """What the system says of a process; nothing of one that is gone."""
    with suppress(OSError):
        return (_PROC / process / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return []


def _memory(process: int) -> int:
    """Bytes of a process, its share of what it has in common with others; 0 where that cannot be read."""
    with suppress(OSError):
        for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
