"""How far a phase of the work is, how fast, and how long it takes still: as bars and lines say it."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Lock

from aframe_data.progress import Bytes
from aframe_data.sizes import format_bytes


class Pace:
    """The state of one phase.

    Parameters
    ----------
    title
        What is done.
    total
        How much there is to do; `Bytes`, or a number of things.
    """

    def __init__(self, title: str, total: float) -> None:
        self.title = title
        self.total = int(total)
        self.done = 0.0
        self._in_bytes = isinstance(total, Bytes)
        self._tried = self._found = 0.0
        self._started = time.monotonic()
        self._ended: float | None = None
        self._lock = Lock()  # fetch advances from several threads

    def advance(self, amount: float, tried: float = 0, /, *, found: bool = False) -> None:
        """Count what was done; what replaces failed work comes on top of the total, and is not shown."""
        with self._lock:
            self.done = min(self.done + amount, self.total)
            self._tried += tried
            self._found += amount if found else 0
            if self.done >= self.total and self._ended is None:
                self._ended = time.monotonic()

    @property
    def amount(self) -> str:
        """``12/100``, ``12/100 of 240 drawn (5%)`` or ``1.2 MB of 3.4 MB``."""
        if self._in_bytes:
            return f"{format_bytes(self.done)} of {format_bytes(self.total)}"
        drawn = f" of {self._tried:.0f} drawn ({100 * self.done / self._tried:.2g}%)" if self._tried else ""
        return f"{int(self.done)}/{self.total}{drawn}"

    @property
    def rate(self) -> str:
        """What is done in a second, ``1.5 MB/s``; empty before there is something."""
        speed = self._speed
        return "" if not speed else f"{format_bytes(speed)}/s" if self._in_bytes else f"{speed:.3g}/s"

    @property
    def left(self) -> float | None:
        """Seconds that the rest takes, as far as can be told."""
        return (self.total - self.done) / self._speed if self._speed else None

    @property
    def clock(self) -> str:
        """``0:01:20 left``, or how long it took."""
        if self._ended is not None:
            return str(timedelta(seconds=round(self._ended - self._started)))
        return "" if self.left is None else f"{timedelta(seconds=round(self.left))} left"

    @property
    def _speed(self) -> float:
        """Of what this run did: what was found took no time."""
        seconds = (self._ended or time.monotonic()) - self._started
        return (self.done - self._found) / seconds if seconds > 0 else 0.0
