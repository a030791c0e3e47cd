"""``generate-testing-waveforms``: the injections of one branch of a campaign, at Aframe's own times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.injections import campaign
from aframe_data.timeslides.rule import AframeRule

if TYPE_CHECKING:
    from aframe_data.aframe.requests import GenerateTestingWaveforms
    from aframe_data.injections.plan import InjectionPlan


@dataclass(frozen=True)
class BranchRule(AframeRule):
    """Where Aframe injects in a branch: its workflow has taken the first PSD and the largest shift off the span."""

    @property
    def largest_shift(self) -> float:
        """Nothing more is taken from the end."""
        return 0.0


def plan(request: GenerateTestingWaveforms) -> InjectionPlan:
    """Plan a branch."""
    return campaign.plan(request, BranchRule)
