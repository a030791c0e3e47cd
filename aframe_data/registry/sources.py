"""The kind of sources whose signals a waveform generator makes, and what it asks of priors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, cast

from aframe_data.errors import AframeDataError, PluginError, UsageError, WaveformError
from aframe_data.plugin.kinds import TAKEN, Regions
from aframe_data.registry.choice import choose, made
from aframe_data.registry.names import registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from aframe_data.plugin.kinds import SourceKind
    from aframe_data.plugin.records import Frame, WaveformGeneratorProvider
    from aframe_data.registry.choice import Choice
    from aframe_data.types import FloatArray


def kind_choice(generator: Choice) -> Choice:
    """The kind of sources whose signals a waveform generator makes; one of its own distribution before all others.

    Raises
    ------
    PluginError
        Its record names none that there is.
    """
    name = cast("WaveformGeneratorProvider", generator.provider).signals
    own = f"{generator.registered.plugin.distribution}:{name}"
    try:
        there = {f"{entry.plugin.distribution}:{entry.provider.name}" for entry in registered("source-kind")}
        return choose("source-kind", own if own in there else name)
    except UsageError as error:
        raise PluginError(f"waveform generator {generator.key!r} cannot be used: {error}") from error


def kind_of(generator: Choice) -> SourceKind:
    """The object behind it, made once in each process.

    Raises
    ------
    PluginError
        As `kind_choice` and `Choice.create`; or what it says of itself cannot be.
    """
    return _sound(kind_choice(generator))


def _sound(choice: Choice) -> SourceKind:
    kind = cast("SourceKind", made(choice))
    for fault in faults_of_kind(kind):
        raise PluginError(f"source kind {choice.key!r} of {choice.registered.plugin.distribution}: {fault}")
    return kind


def faults_of_kind(kind: SourceKind) -> Iterator[str]:
    """What is wrong in what a kind of sources says of itself: names that are there, regions that can be counted."""
    for name in ("parameters", "added", "described_by"):
        names = getattr(kind, name)
        if not isinstance(names, tuple) or not all(isinstance(each, str) for each in names):
            yield f"`{name}` must be a tuple of names, not {names!r}."
            return
    every = (*kind.parameters, *kind.added)
    if len(set(every)) < len(every):
        yield "`parameters` and `added` name something twice."
    lacking = [name for name in ("ra", "dec", "psi") if name not in kind.parameters]
    if lacking:
        yield f"`parameters` lacks {', '.join(lacking)}, without which no detector sees a signal."
    if unfit := unfit_names(every):
        yield f"no parameter in a file can have the name {', '.join(unfit)}."
    unknown = [name for name in kind.described_by if name not in every]
    if unknown:
        yield f"`described_by` names {', '.join(unknown)}, which not every signal has."
    yield from _faults_of_example(kind)
    if not isinstance(kind.regions, Regions):
        yield f"`regions` must be Regions, not {kind.regions!r}."
    elif not {*kind.regions.never_estimated} <= {*range(kind.regions.count)}:
        yield f"`regions.never_estimated` names regions that are none of the {kind.regions.count}."


def _faults_of_example(kind: SourceKind) -> Iterator[str]:
    """Whether it is one source, by numbers; whether it is possible, `example_of` shows."""
    example = kind.example
    if not isinstance(example, Mapping):
        yield f"`example` must be a mapping of names and numbers, not {example!r}."
        return
    if lacking := [name for name in kind.parameters if name not in example]:
        yield f"`example`, which is one ordinary source, lacks {', '.join(lacking)}."
    for name, value in example.items():
        if not isinstance(value, Real) or not math.isfinite(value):
            yield f"`example` has {name} = {value!r}, which is no finite number."


def facts_of_kind(choice: Choice) -> dict[str, Any]:
    """What a person may want to know of a kind: what its draws have, what is added, the example, regions in words.

    Raises
    ------
    PluginError
        As `kind_of`.
    """
    kind = _sound(choice)
    regions = kind.regions
    with choice.at_work():
        words = [regions.describe(number) for number in range(regions.count)]
    return {
        "parameters": [*kind.parameters],
        "added": [*kind.added],
        "described_by": [*kind.described_by],
        "example": dict(kind.example),
        "regions": words,
        "never_estimated": [words[number] for number in regions.never_estimated],
    }


def unfit_names(names: Iterable[str]) -> list[str]:
    """Those that no parameter in a file can have."""
    return [name for name in names if name in TAKEN or "/" in name]


def regions_of(generator: Choice, parameters: Mapping[str, FloatArray]) -> NDArray[np.intp]:
    """The numbers of the regions, (n,), of n signals.

    Raises
    ------
    PluginError
        The kind gives numbers that are none of its regions'.
    """
    import numpy as np  # not for listing plugins

    choice, regions = kind_choice(generator), kind_of(generator).regions
    with choice.at_work():
        numbers = np.asarray(regions.of(parameters))
    count = len(next(iter(parameters.values())))
    if numbers.shape != (count,) or numbers.dtype.kind not in "iu":
        raise PluginError(
            f"source kind {choice.key!r} gives {numbers.dtype} of shape {numbers.shape} as regions of {count} signals."
        )
    if not ((numbers >= 0) & (numbers < regions.count)).all():
        raise PluginError(
            f"source kind {choice.key!r} gives regions {numbers.min()} to {numbers.max()}, and has {regions.count}."
        )
    return numbers.astype(np.intp, copy=False)


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


def example_of(choice: Choice) -> dict[str, FloatArray]:
    """One ordinary source of a kind as a generator takes it, (1,) each; errors as of `completed`."""
    import numpy as np  # not for listing plugins

    example = {name: np.array([value], dtype=np.float64) for name, value in _sound(choice).example.items()}
    return completed(
        choice, example, frame="detector", cosmology="Planck15", minimum_frequency=20, reference_frequency=50
    )


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
        The kind loses a parameter of the draw, does not add what it says, or gives what are no numbers.
    WaveformError
        It refuses the draw.
    """
    import numpy as np  # not for listing plugins

    drawn = {name: np.asarray(values, dtype=np.float64).view() for name, values in samples.items()}
    for values in drawn.values():
        values.flags.writeable = False
    count, kind = len(next(iter(drawn.values()))), _sound(choice)
    try:
        with choice.at_work():
            parameters = kind.complete(
                drawn,
                frame=frame,
                cosmology=cosmology,
                minimum_frequency=minimum_frequency,
                reference_frequency=reference_frequency,
            )
    except WaveformError as error:
        if choice.registered.plugin.built_in:
            raise
        raise WaveformError(f"source kind {choice.key!r}: {error}") from error
    if not isinstance(parameters, Mapping):
        raise PluginError(f"source kind {choice.key!r} completes a draw as a {type(parameters).__name__}, no mapping.")
    absent = [name for name in (*samples, *kind.added) if name not in parameters]
    if absent:
        raise PluginError(f"source kind {choice.key!r} does not give {', '.join(absent)} of each signal.")
    return {name: _column(choice.key, name, values, count) for name, values in parameters.items()}


def _column(kind: str, name: str, values: Any, count: int) -> FloatArray:
    """A parameter of n signals, (n,) float64, as a kind gives it."""
    import numpy as np  # not for listing plugins

    found = np.asarray(values)
    if found.shape != (count,) or found.dtype.kind not in "fiu":
        told = f"{found.dtype} of shape {found.shape}"
        raise PluginError(f"source kind {kind!r} gives {name} as {told}, not as real numbers of shape ({count},).")
    if not np.isfinite(found).all():
        raise PluginError(f"source kind {kind!r} gives {name} = {found[~np.isfinite(found)][0]}, which is not finite.")
    return found.astype(np.float64, copy=False)
