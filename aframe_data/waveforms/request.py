"""From what a user asks for to a recipe: prior and generator are chosen, and checked by their records."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import missing_parameters
from aframe_data.plugin.code import Code
from aframe_data.plugin.records import PriorProvider
from aframe_data.registry.candidates import candidates
from aframe_data.registry.choice import choose
from aframe_data.registry.sources import require_parameters
from aframe_data.requests.shared import Working
from aframe_data.requests.signals import prior_given
from aframe_data.seeds import new_seed
from aframe_data.types import WaveformRequest
from aframe_data.waveforms.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.registry.choice import Choice
    from aframe_data.requests.signals import Signals
    from aframe_data.seeds import Stream

_logger = logging.getLogger(__name__)


def recipe_of(request: Signals, stream: Stream) -> Recipe:
    """The recipe of a request; a seed is drawn where it has none.

    Raises
    ------
    UsageError
        A provider or an option of one is unknown, or the prior lacks parameters.
    """
    model = choose_generator(request.generator, request.generator_options)
    prior = choose_prior(prior_given(request.prior), request.prior_options, model)
    if isinstance(request, Working) and request.processes():
        _require_portable(prior)
    return Recipe(
        prior=prior,
        generator=model,
        request=WaveformRequest(request.sample_rate, request.waveform_duration, request.right_pad),
        minimum_frequency=request.minimum_frequency,
        reference_frequency=request.reference_frequency,
        seed=new_seed() if request.seed is None else request.seed,
        stream=stream,
        dtype=request.dtype,
    )


def _require_portable(prior: Choice) -> None:
    """Refuse, before the work, a Python object that worker processes cannot get."""
    values = [getattr(prior.options, spec.name) for spec in prior.provider.option_specs]
    for code in values:
        if isinstance(code, Code) and code.value is not None and code.bound_here:
            raise UsageError(
                f"prior {code.name!r} cannot be sent to worker processes: {code.bound_here}. Use workers=0, or have "
                "its functions and classes at the top of a module."
            )


def warn_if_aframe_cannot_read(recipe: Recipe) -> None:
    """Warn of signals that Aframe's inference and plots cannot read, since their own classes ask for binaries."""
    missing = missing_parameters(recipe.kind.parameters)
    if missing:
        _logger.warning(
            "these signals are no binaries: Aframe's own readers of injections, which need %s, cannot read the files. "
            "All commands of aframe-data read them.",
            ", ".join(missing),
        )


def choose_prior(name: str | Code, options: Mapping[str, Any] | None, generator: Choice) -> Choice:
    """Choose a prior for a waveform generator; what its record declares is checked without loading it."""
    choice = choose("prior", name, options)
    choice.registered.require_installed()
    provider = choice.provider
    if isinstance(provider, PriorProvider) and provider.parameters is not None:
        require_parameters(generator, provider.parameters, choice.key)
    return choice


def choose_generator(name: str, options: Mapping[str, Any] | None) -> Choice:
    """Choose a waveform generator; ``auto`` is the first that may be chosen automatically."""
    entry = candidates("waveforms", (name,))[0]
    entry.require_installed()
    return choose("waveforms", entry.key, options)
