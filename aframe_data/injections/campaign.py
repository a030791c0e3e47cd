"""Injection campaigns: signals that a network would see, at times in its own shifted background."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.detection.acceptance import acceptance_of
from aframe_data.injections.noise import GivenNoise, OwnNoise, given_texts
from aframe_data.injections.plan import InjectionPlan
from aframe_data.requests.shared import paths_given
from aframe_data.seeds import Stream
from aframe_data.timeslides.backgrounds import require_elsewhere
from aframe_data.timeslides.rule import SlideRule
from aframe_data.timeslides.schedule import Schedule
from aframe_data.types import Segment
from aframe_data.waveforms.request import recipe_of

if TYPE_CHECKING:
    from aframe_data.requests.campaign import TimeslideWaveforms

_logger = logging.getLogger(__name__)

#: The files of a campaign, as Aframe's inference and plots look for them.
WAVEFORMS_FILE, REJECTED_FILE = "waveforms.hdf5", "rejected-parameters.hdf5"


def plan(request: TimeslideWaveforms) -> InjectionPlan:
    """Plan a campaign; reads the metadata of background files when their segments are asked for, and no strain."""
    recipe = recipe_of(request, Stream.CAMPAIGN)
    acceptance = acceptance_of(request, true_right_ascension=request.true_right_ascension)
    schedule = _schedule(request)
    folder = Path(request.output_dir)
    require_elsewhere(folder, schedule.paths)
    given = GivenNoise(given_texts(request.psd), acceptance, recipe.request, request.exact_df) if request.psd else None
    return InjectionPlan(
        request=request,
        recipe=recipe,
        acceptance=acceptance,
        noise=given or OwnNoise(schedule, acceptance, recipe.request),
        schedule=schedule,
        output_file=folder / WAVEFORMS_FILE,
        rejected_file=folder / REJECTED_FILE,
    )


def _schedule(request: TimeslideWaveforms) -> Schedule:
    rule = SlideRule(
        ifos=tuple(request.ifos),
        shifts=tuple(request.shifts),
        spacing=request.spacing,
        buffer=request.buffer,
        jitter=request.jitter,
        psd_length=request.psd_length,
        duration=request.waveform_duration,
        right_pad=request.right_pad,
    )
    rule.check(request.sample_rate)
    for warning in rule.warnings(request.sample_rate):
        _logger.warning("%s", warning)
    one = request.start is not None and request.end is not None
    return Schedule(
        rule.sorted_by_ifo(),
        request.sample_rate,
        request.num_signals,
        request.livetime,
        span=Segment(request.start, request.end) if one else None,  # type: ignore[arg-type]  # both are there
        paths=() if request.background is None else paths_given(request.background),
    )
