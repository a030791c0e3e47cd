"""A picture of what was accepted, beside what was drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aframe_data.figures.signals import draw_signals
from aframe_data.figures.titles import signals_title
from aframe_data.formats import ledger
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.request import recipe_of

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.injections import InjectionReport
    from aframe_data.requests.validation import ValidationWaveforms

_DRAWS = 20_000


def draw_accepted(request: ValidationWaveforms, report: InjectionReport, path: Path) -> None:
    """Draw accepted signals against as many of the prior's as show its shape."""
    accepted = ledger.read_parameters(report.path)
    record, number = ledger.read_record(report.path), len(accepted["snr"])
    title = signals_title(report.path.name, number, record, accepted)
    recipe = replace(recipe_of(request, Stream.VALIDATION), seed=report.seed)
    drawn = recipes.draw(recipe, Stream.CALIBRATION, (2,), _DRAWS)
    rejected = None if report.rejected_path is None else ledger.read_parameters(report.rejected_path)["snr"]
    draw_signals(path, accepted, drawn, snr_threshold=request.snr_threshold, rejected_snr=rejected, title=title)
