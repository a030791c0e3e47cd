"""Injection campaigns: signals that a network would see, at times in its own shifted background."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.detection.acceptance import acceptance_of
from aframe_data.errors import UsageError
from aframe_data.injections.noise import GivenNoise, OwnNoise, given_texts
from aframe_data.injections.plan import InjectionPlan
from aframe_data.places import place
from aframe_data.seeds import Stream
from aframe_data.timeslides.backgrounds import require_elsewhere
from aframe_data.timeslides.rule import RULES
from aframe_data.timeslides.schedule import Schedule
from aframe_data.waveforms.request import recipe_of, warn_if_aframe_cannot_read

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.requests.campaign import TimeslideWaveforms
    from aframe_data.timeslides.rule import SlideRule

_logger = logging.getLogger(__name__)

#: The files of a campaign, as Aframe's inference and plots look for them.
WAVEFORMS_FILE, REJECTED_FILE = "waveforms.hdf5", "rejected-parameters.hdf5"


def plan(request: TimeslideWaveforms, rule: type[SlideRule] | None = None) -> InjectionPlan:
    """Plan a campaign; reads the metadata of background files when their segments are asked for, and no strain.

    Parameters
    ----------
    rule
        Where injections lie in a segment, instead of on the grid that is asked for.
    """
    recipe = recipe_of(request, Stream.CAMPAIGN)
    warn_if_aframe_cannot_read(recipe)
    if request.background is None:
        # Aframe makes a campaign in branches, all with the same seed.
        shifts = " ".join(f"{ifo} {shift!r}" for ifo, shift in sorted(zip(request.ifos, request.shifts, strict=False)))
        recipe = replace(recipe, part=f"{request.start!r} {request.end!r} {shifts}")
    acceptance = acceptance_of(request, true_right_ascension=request.true_right_ascension)
    schedule = _schedule(request, rule or RULES[request.grid])
    waveforms, rejected = _files(request)
    for path in (waveforms, rejected):
        if path is not None:
            require_elsewhere(path.parent, schedule.paths)
    given = GivenNoise(given_texts(request.psd), acceptance, recipe.request, request.exact_df) if request.psd else None
    return InjectionPlan(
        request=request,
        recipe=recipe,
        acceptance=acceptance,
        noise=given or OwnNoise(schedule, acceptance, recipe.request),
        schedule=schedule,
        output_file=waveforms,
        rejected_file=rejected,
        branch_folder=waveforms.parent / "branches" if request.branches else None,
    )


def _files(request: TimeslideWaveforms) -> tuple[Path, Path | None]:
    """Where to: what is named, and in the folder for what is not."""
    waveforms, rejected = (
        None if path is None else place(path) for path in (request.waveforms_file, request.rejected_file)
    )
    if request.output_dir is not None:
        folder = place(request.output_dir)
        waveforms, rejected = waveforms or folder / WAVEFORMS_FILE, rejected or folder / REJECTED_FILE
    if waveforms is None:
        raise UsageError("say where to: --output-dir FOLDER, or --waveforms-file FILE.")
    if rejected is not None:
        checks.require_different("waveforms_file", waveforms, "rejected_file", rejected)
    return waveforms, rejected


def _schedule(request: TimeslideWaveforms, rule_type: type[SlideRule]) -> Schedule:
    rule = rule_type(
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
    return Schedule(request, rule)
