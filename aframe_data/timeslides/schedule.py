"""When a campaign injects: the background's segments, the rule of its slides, and where it stops."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aframe_data.timeslides.backgrounds import find_backgrounds
from aframe_data.timeslides.slots import plan_slots

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.psd.background import StrainFile
    from aframe_data.timeslides.rule import SlideRule
    from aframe_data.timeslides.slots import SlotPlan
    from aframe_data.types import Segment


@dataclass(frozen=True, eq=False)
class Schedule:
    """The times of a campaign's injections; background is looked at when segments are asked for.

    Attributes
    ----------
    rule
        Where injections lie.
    sample_rate
        Of the signals, in Hz.
    num_signals, livetime
        Where it stops; see `plan_slots`.
    span
        The one segment; or None.
    paths
        Without a span: the background files, or the folder of them.
    """

    rule: SlideRule
    sample_rate: float
    num_signals: int | None
    livetime: float | None
    span: Segment | None
    paths: tuple[Path, ...]

    @cached_property
    def backgrounds(self) -> tuple[StrainFile, ...]:
        """The background files, in order of time; none for a span."""
        if self.span is not None:
            return ()
        return tuple(find_backgrounds(self.paths, self.rule.ifos, self.sample_rate))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Spans of background that are shifted."""
        return tuple(file.span for file in self.backgrounds) if self.span is None else (self.span,)

    def slots(self, seed: int) -> SlotPlan:
        """Every injection time and shift."""
        return plan_slots(self.segments, self.rule, seed=seed, num_signals=self.num_signals, livetime=self.livetime)

    @property
    def identity(self) -> dict[str, Any]:
        """What the times are a function of, beside the seed and the number of signals."""
        return {
            **asdict(self.rule),
            "segments": [[segment.start, segment.stop] for segment in self.segments],
            "livetime": self.livetime,
        }
