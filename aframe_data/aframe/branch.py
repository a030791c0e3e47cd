"""``generate-testing-waveforms``: the injections of one branch of a campaign, at Aframe's own times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.injections import campaign
from aframe_data.timeslides.rule import SlideRule

if TYPE_CHECKING:
    from aframe_data.aframe.requests import GenerateTestingWaveforms
    from aframe_data.injections.plan import InjectionPlan
    from aframe_data.types import FloatArray


@dataclass(frozen=True)
class BranchRule(SlideRule):
    """Where Aframe injects: from `margin` after the start, below `margin` before the end, whatever the jitter.

    Its workflow has taken the first PSD and the largest shift off the span already.
    """

    grid: str = "aframe"

    @property
    def margin(self) -> float:
        """From either end of the span to the nearest reference time, before jitter."""
        return self.buffer + self.duration // 2

    @property
    def first(self) -> float:
        """From the span's start to the first reference time."""
        return self.margin

    def windows(self, spans: FloatArray) -> FloatArray:
        """How many reference times there are: the end is not one of them."""
        held: FloatArray = np.ceil((spans - 2 * self.margin) / self.step)
        return held

    def largest_shift(self, slide: int) -> float:
        """Nothing more is taken from the end."""
        del slide
        return 0.0


def plan(request: GenerateTestingWaveforms) -> InjectionPlan:
    """Plan a branch."""
    return campaign.plan(request, BranchRule)
