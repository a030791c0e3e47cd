"""One small question to an object that needs no archive, and what is wrong with its answer.

What archives are asked stands in `aframe_data.registry.online`.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, WaveformError
from aframe_data.plugin.records import PriorProvider, SourceKindProvider, WaveformGeneratorProvider
from aframe_data.registry.sources import example_of, faults_of_kind, kind_choice
from aframe_data.types import Polarizations, WaveformRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.plugin.protocols import Prior, WaveformGenerator
    from aframe_data.registry.choice import Choice

#: A grid that is quick to fill.
_GRID = WaveformRequest(sample_rate=1024, duration=2, right_pad=0.5)
_DRAWS = 3


def faults_of_answers(choice: Choice, instance: Any) -> Iterator[str]:
    """What is wrong with the answers to a small question: some draws of a prior, one signal of a generator."""
    provider = choice.provider
    printed = io.StringIO()
    faults: list[str] = []
    try:
        with redirect_stdout(printed):
            if isinstance(provider, PriorProvider):
                faults += _of_draws(provider, instance)
            elif isinstance(provider, SourceKindProvider):
                faults += [*faults_of_kind(instance)] or [*_of_example(choice)]
            elif isinstance(provider, WaveformGeneratorProvider):
                faults += _of_signals(choice, instance)
    except AframeDataError as error:
        faults.append(f"it refuses a small question: {error}")
    except Exception as error:  # noqa: BLE001 - a stranger may raise anything
        text = " ".join(str(error).split()).rstrip(".")
        faults.append(f"it fails on a small question: {type(error).__name__}: {text}.")
    yield from faults
    if printed.getvalue().strip():
        yield f"it prints on stdout, where results go: {printed.getvalue().split(chr(10))[0]!r}."


def _of_draws(provider: PriorProvider, prior: Prior) -> Iterator[str]:
    """Of a few draws: names, shapes and numbers, twice of one generator."""
    import numpy as np

    first, again = ({**prior.sample(_DRAWS, np.random.default_rng(1))} for _ in range(2))
    declared = set(prior.parameters)
    if provider.parameters is not None and set(provider.parameters) != declared:
        yield f"the record's parameters are not the object's: {_differing(provider.parameters, declared)}."
    if provider.frame not in (None, prior.frame) or prior.frame not in ("source", "detector"):
        yield f"the frame is {prior.frame!r}, and the record says {provider.frame!r}."
    if set(first) != declared:
        yield f"`parameters` and the names of a draw differ: {_differing(declared, first)}."
    for name, values in first.items():
        column = np.asarray(values)
        if column.shape != (_DRAWS,) or column.dtype.kind not in "fiu":
            yield f"{name} of {_DRAWS} draws is {column.dtype} of shape {column.shape}, not ({_DRAWS},) real numbers."
        elif not np.isfinite(column).all():
            yield f"{name} is not finite."
        elif not np.array_equal(column, np.asarray(again.get(name))):
            yield f"{name} is another one when the same generator is given again."


def _of_example(kind: Choice) -> Iterator[str]:
    """Of the one source that a kind says is possible: whether it is."""
    try:
        example_of(kind)
    except WaveformError as error:
        yield f"it refuses its own example: {error}"


def _of_signals(choice: Choice, generator: WaveformGenerator) -> Iterator[str]:
    """Of the signal that is the example of its kind: shape and numbers."""
    import numpy as np

    kind = kind_choice(choice)
    try:
        parameters = example_of(kind)
    except AframeDataError as error:
        yield f"it could not be asked for a signal: {error}"
        return
    try:
        generator.check(parameters, _GRID)
    except AframeDataError:
        return  # it makes other signals than this
    made = generator.generate(parameters, _GRID)
    if not isinstance(made, Polarizations):
        yield f"it answers with a {type(made).__name__}, not with Polarizations."
        return
    if made.failures:
        return
    for name in ("plus", "cross"):
        values = np.asarray(getattr(made, name))
        if values.shape != (1, _GRID.size) or values.dtype.kind != "f":
            yield f"{name} of one signal is {values.dtype} of shape {values.shape}, not floats of (1, {_GRID.size})."
        elif not np.isfinite(values).all():
            yield f"{name} of the example of {kind.key!r} is not finite everywhere."
        elif not values.any():
            yield f"{name} of the example of {kind.key!r} is zero everywhere."


def _differing(first: Any, second: Any) -> str:
    return ", ".join(sorted(set(first) ^ set(second)))
