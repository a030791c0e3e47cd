"""Validation signals: those of a population that a network would see, in its detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.detection.acceptance import acceptance_of
from aframe_data.injections.noise import GivenNoise, given_texts
from aframe_data.injections.plan import InjectionPlan
from aframe_data.places import place
from aframe_data.seeds import Stream
from aframe_data.waveforms.request import recipe_of, warn_if_aframe_cannot_read

if TYPE_CHECKING:
    from aframe_data.requests.validation import ValidationWaveforms


def plan(request: ValidationWaveforms) -> InjectionPlan:
    """Plan validation signals; reads no strain and no noise."""
    recipe = recipe_of(request, Stream.VALIDATION)
    warn_if_aframe_cannot_read(recipe)
    acceptance = acceptance_of(request)
    return InjectionPlan(
        request=request,
        recipe=recipe,
        acceptance=acceptance,
        noise=GivenNoise(given_texts(request.psd), acceptance, recipe.request, request.exact_df),
        schedule=None,
        output_file=place(request.output_file),
        rejected_file=None if request.rejected_file is None else place(request.rejected_file),
    )
