"""The kind of sources whose signals a waveform generator makes, and what it asks of priors."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aframe_data.errors import AframeDataError, PluginError, UsageError
from aframe_data.registry.choice import choose, made
from aframe_data.registry.names import registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from aframe_data.plugin.kinds import SourceKind
    from aframe_data.plugin.records import Frame, WaveformGeneratorProvider
    from aframe_data.registry.choice import Choice
    from aframe_data.types import FloatArray


def kind_choice(generator: Choice) -> Choice:
    """The kind of sources whose signals a waveform generator makes.

    Raises
    ------
    PluginError
        Its record names none that there is.
    """
    name = cast("WaveformGeneratorProvider", generator.provider).signals
    try:
        return choose("source-kind", name)
    except UsageError as error:
        raise PluginError(f"waveform generator {generator.key!r} cannot be used: {error}") from error


def kind_of(generator: Choice) -> SourceKind:
    """The object behind it, made once in each process; errors as `kind_choice` and `Choice.create`."""
    return cast("SourceKind", made(kind_choice(generator)))


def require_parameters(generator: Choice, names: Iterable[str], prior: str) -> None:
    """Refuse a prior that lacks parameters which every draw of the generator's kind has.

    Raises
    ------
    UsageError
        Naming what is missing, and generators that could do with what there is.
    """
    given = set(names)
    missing = [name for name in kind_of(generator).parameters if name not in given]
    if missing:
        others = ", ".join(_others(given))
        raise UsageError(
            f"prior {prior!r} cannot be used for {kind_choice(generator).provider.name} waveforms: it does not give "
            f"{', '.join(missing)}.{f' Waveform generators for it: {others}.' if others else ''}"
        )


def _others(given: set[str]) -> Iterator[str]:
    for entry in registered("waveforms"):
        try:
            generator = choose("waveforms", entry.key)
            if given.issuperset(kind_of(generator).parameters):
                yield entry.key
        except AframeDataError:  # a stranger's kind, or options that it requires: nothing to recommend
            continue


def completed(
    choice: Choice,
    samples: Mapping[str, FloatArray],
    *,
    frame: Frame,
    cosmology: str,
    minimum_frequency: float,
    reference_frequency: float,
) -> dict[str, FloatArray]:
    """Make of a prior's draw what a generator gets, by the choice of a kind; see `SourceKind.complete`.

    Raises
    ------
    PluginError
        The kind loses a parameter of the draw, or does not add what it says.
    """
    import numpy as np  # not for listing plugins

    kind = cast("SourceKind", made(choice))
    count = len(next(iter(samples.values())))
    with choice.at_work():
        parameters = kind.complete(
            samples,
            frame=frame,
            cosmology=cosmology,
            minimum_frequency=minimum_frequency,
            reference_frequency=reference_frequency,
        )
    for name in (*samples, *kind.added):
        if np.shape(parameters.get(name, ())) != (count,):
            raise PluginError(
                f"kind of sources {choice.key!r} does not give {name} of each signal, ({count},) numbers."
            )
    return parameters
