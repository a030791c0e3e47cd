"""One small question to an object that needs no archive, and what is wrong with its answer.

What archives are asked stands in `aframe_data.registry.online`.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, cast

from aframe_data.errors import AframeDataError
from aframe_data.plugin.records import PriorProvider, SourceKindProvider, WaveformGeneratorProvider
from aframe_data.registry.choice import choose
from aframe_data.registry.names import registered
from aframe_data.registry.sources import completed, faults_of_kind, kind_choice
from aframe_data.types import Polarizations, WaveformRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.plugin.protocols import Prior, WaveformGenerator
    from aframe_data.registry.choice import Choice
    from aframe_data.types import FloatArray

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
                faults += faults_of_kind(instance)
                if not faults:
                    _some_signals(choice, provider_of=choice)
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


def _of_signals(choice: Choice, generator: WaveformGenerator) -> Iterator[str]:
    """Of one binary, or some other signals: kind, shape and numbers."""
    import numpy as np

    kind = kind_choice(choice)
    if kind.key == "binary":
        from aframe_data.plugin.binary import ordinary_binary

        what, parameters = "an ordinary binary", ordinary_binary()
    else:
        what, parameters = "a signal", _some_signals(kind, provider_of=choice)
    if not parameters:
        return  # no prior that would go with it is at hand
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
    count = len(next(iter(parameters.values())))
    for name in ("plus", "cross"):
        values = np.asarray(getattr(made, name))
        if values.shape != (count, _GRID.size) or values.dtype.kind != "f":
            asked = "one signal" if count == 1 else f"{count} signals"
            yield f"{name} of {asked} is {values.dtype} of shape {values.shape}, not floats of ({count}, {_GRID.size})."
        elif not np.isfinite(values).all():
            yield f"{name} of {what} is not finite everywhere."
        elif not values.any(axis=1).all():
            yield f"{name} of {what} is zero everywhere."


def _some_signals(kind: Choice, provider_of: Choice) -> dict[str, FloatArray]:
    """Signals of a kind of sources, completed; none where the distributions concerned have no prior of them."""
    import numpy as np

    near = {choice.registered.plugin.distribution for choice in (kind, provider_of)}
    needed = set(kind.create().parameters)
    for entry in registered("prior"):
        declared = cast("PriorProvider", entry.provider).parameters
        if entry.plugin.distribution not in near or (declared is not None and not needed <= {*declared}):
            continue
        try:
            prior = choose("prior", entry.key).create()
            draw = prior.sample(_DRAWS, np.random.default_rng(1)) if needed <= {*prior.parameters} else None
        except Exception:  # noqa: BLE001, S112 - the prior's own faults are told where it is checked
            continue
        if draw is not None:
            return completed(
                kind,
                draw,
                frame=prior.frame,
                cosmology=getattr(prior, "cosmology", "Planck15"),
                minimum_frequency=20,
                reference_frequency=50,
            )
    return {}


def _differing(first: Any, second: Any) -> str:
    return ", ".join(sorted(set(first) ^ set(second)))
