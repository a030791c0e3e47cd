"""When a campaign injects: the background's segments, the rule of its slides, and where it stops."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aframe_data.requests.shared import paths_given
from aframe_data.timeslides.backgrounds import find_backgrounds
from aframe_data.timeslides.slots import plan_slots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.psd.background import StrainFile
    from aframe_data.requests.campaign import TimeslideWaveforms
    from aframe_data.timeslides.rule import SlideRule
    from aframe_data.timeslides.slots import SlotPlan
    from aframe_data.types import Segment


@dataclass(frozen=True, eq=False)
class Schedule:
    """The times of a campaign's injections; background is looked at when segments are asked for.

    Attributes
    ----------
    request
        What was asked for: background, or the span of one segment; and where it stops.
    rule
        Where injections lie.
    expected
        Spans of background files that are not made yet, in order of time; None where they are to be looked at.
    """

    request: TimeslideWaveforms
    rule: SlideRule
    expected: Sequence[Segment] | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The background files, or the folder of them; none for a span."""
        return () if self.request.background is None else paths_given(self.request.background)

    @cached_property
    def backgrounds(self) -> tuple[StrainFile, ...]:
        """The background files, in order of time; none for a span."""
        if self.request.background is None:
            return ()
        return tuple(find_backgrounds(self.paths, self.rule.ifos, self.request.sample_rate))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Spans of background that are shifted."""
        if self.expected is not None:
            return tuple(self.expected)
        span = self.request.span
        return tuple(file.span for file in self.backgrounds) if span is None else (span,)

    def slots(self, seed: int) -> SlotPlan:
        """Every injection time and shift."""
        request = self.request
        return plan_slots(
            self.segments, self.rule, seed=seed, num_signals=request.num_signals, livetime=request.livetime
        )

    @property
    def identity(self) -> dict[str, Any]:
        """What the times are a function of, beside the seed and the number of signals."""
        return {
            **asdict(self.rule),
            "segments": [[segment.start, segment.stop] for segment in self.segments],
            "livetime": self.request.livetime,
        }
