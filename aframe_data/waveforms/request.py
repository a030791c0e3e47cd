"""From what a user asks for to a recipe: prior and generator are chosen, and checked by their records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.plugin.records import PriorProvider
from aframe_data.registry.candidates import candidates
from aframe_data.registry.choice import choose
from aframe_data.seeds import new_seed
from aframe_data.types import WaveformRequest
from aframe_data.waveforms.recipe import Recipe, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.kinds import SourceKind
    from aframe_data.registry.choice import Choice
    from aframe_data.requests.shared import Signals
    from aframe_data.seeds import Stream


def recipe_of(request: Signals, stream: Stream) -> Recipe:
    """The recipe of a request; a seed is drawn where it has none.

    Raises
    ------
    UsageError
        A provider or an option of one is unknown, or the prior lacks parameters.
    """
    model = choose_generator(request.generator, request.generator_options)
    return Recipe(
        prior=choose_prior(request.prior, request.prior_options, kind_of(model)),
        generator=model,
        request=WaveformRequest(request.sample_rate, request.waveform_duration, request.right_pad),
        minimum_frequency=request.minimum_frequency,
        reference_frequency=request.reference_frequency,
        seed=new_seed() if request.seed is None else request.seed,
        stream=stream,
        dtype=request.dtype,
    )


def choose_prior(name: str, options: Mapping[str, Any] | None, kind: SourceKind) -> Choice:
    """Choose a prior for signals of a kind; what its record declares is checked without loading it."""
    choice = choose("prior", name, options)
    choice.registered.require_installed()
    provider = choice.provider
    if isinstance(provider, PriorProvider) and provider.parameters is not None:
        kind.require(provider.parameters, choice.key)
    return choice


def choose_generator(name: str, options: Mapping[str, Any] | None) -> Choice:
    """Choose a waveform generator; ``auto`` is the first that may be chosen automatically."""
    entry = candidates("waveforms", (name,))[0]
    entry.require_installed()
    return choose("waveforms", entry.key, options)
