"""``aframe-data inspect``: what a file holds, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Pictured
from aframe_data.work.plan import Report


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


@request
class Inspect(Pictured, Making, Request[Inspection]):
    """Tell what a file is, its span or number, whether it is sound, and its provenance.

    --plot draws it: strain as its ASDs and spectrograms, segments as a timeline, waveforms as some examples with
    their Q-transforms, parameters as a corner plot.
    """

    command, plan = "inspect", "aframe_data.inspection.plan:InspectPlan"
    picture = "aframe_data.inspection.plan:draw_report"
    makes = False
    example = "background/background-1240579783-7829.hdf5 --plot background.png"

    path: str | Path = option(help="The file.", kw_only=False, metavar="FILE")
    parameters: bool = option(
        default=False, help="With --plot: draw the parameters of the signals, not their waveforms."
    )

    def check(self) -> None:
        """Refuse values that do not go together."""
        if self.parameters and self.plot is None:
            raise UsageError("--parameters says what --plot draws: give --plot PICTURE too.")
