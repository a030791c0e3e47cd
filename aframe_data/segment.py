"""A span of time. It has a module of its own because help pages need no other type of `aframe_data.types`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """A half-open span of time ``[start, stop)`` in GPS seconds; never empty."""

    start: float
    stop: float

    def __post_init__(self) -> None:
        if not self.start < self.stop:
            raise ValueError(f"a segment must start before it stops: [{self.start}, {self.stop})")

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.stop - self.start

    def __str__(self) -> str:
        return f"[{self.start:.10g}, {self.stop:.10g})"
