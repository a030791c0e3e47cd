"""What was found in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.reports.verify import Examined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Inspection(Examined):
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

    def describe(self) -> dict[str, Any]:
        """The inspection as JSON has it."""
        found = {"kind": self.kind, "sound": self.sound, "problems": list(self.problems), **self.facts}
        return {**found, "provenance": self.record}
