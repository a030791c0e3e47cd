"""From what a user asks for to a recipe: every argument that defines signals, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data import checks
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
    from aframe_data.seeds import Stream

DTYPES = ("float32", "float64")


def make_recipe(
    *,
    prior: str,
    prior_options: Mapping[str, Any] | None,
    generator: str,
    generator_options: Mapping[str, Any] | None,
    sample_rate: float,
    waveform_duration: float,
    right_pad: float,
    minimum_frequency: float,
    reference_frequency: float,
    seed: int | None,
    stream: Stream,
    dtype: str,
) -> Recipe:
    """Check what defines signals, and choose prior and generator; a seed is drawn where None.

    Raises
    ------
    UsageError
        An argument is wrong.
    """
    checks.require_grid(sample_rate, waveform_duration, right_pad)
    checks.require_frequencies(minimum_frequency, reference_frequency, sample_rate)
    checks.require_choice("dtype", dtype, DTYPES)
    checks.require_seed(seed)
    model = choose_generator(generator, generator_options)
    return Recipe(
        prior=choose_prior(prior, prior_options, kind_of(model)),
        generator=model,
        request=WaveformRequest(sample_rate, waveform_duration, right_pad),
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
        seed=new_seed() if seed is None else seed,
        stream=stream,
        dtype=dtype,
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
