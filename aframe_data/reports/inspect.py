"""What was found in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Inspection(Report):
    """What was found in a file.

    Attributes
    ----------
    path
        The file.
    kind
        ``"segments"``, ``"background strain"``, ``"PSD"``, ``"waveforms"`` or ``"parameters"``.
    facts
        Names, and numbers, texts, None for what is not known, lists and mappings of such; in seconds, hertz and the
        units of the file. A range is a mapping of ``min`` and ``max``, a span one of ``start`` and ``stop``.
    problems
        What is wrong with it; empty for a sound file.
    record
        The provenance, or None.
    """

    path: Path
    kind: str
    facts: Mapping[str, Any]
    problems: tuple[str, ...]
    record: Mapping[str, Any] | None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def exit_code(self) -> int:
        """1 where something is wrong."""
        return 0 if self.sound else 1

    def describe(self) -> dict[str, Any]:
        """The inspection as JSON has it."""
        found = {"kind": self.kind, "sound": self.sound, "problems": list(self.problems), **self.facts}
        return {**found, "provenance": self.record}
