"""A picture of what was accepted, beside what was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.figures.signals import draw_signals
from aframe_data.formats import ledger
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.injections.plan import InjectionPlan

_DRAWS = 20_000


def draw_accepted(plan: InjectionPlan, path: Path) -> None:
    """Draw the signals of a plan's output, which is there, against as many of the prior's as show its shape."""
    accepted = ledger.read_parameters(plan.output_file)
    drawn = recipes.draw(plan.recipe, Stream.CALIBRATION, (2,), _DRAWS)
    rejected = None if plan.rejected_file is None else ledger.read_parameters(plan.rejected_file)["snr"]
    draw_signals(path, accepted, drawn, snr_threshold=plan.acceptance.snr_threshold, rejected_snr=rejected)
