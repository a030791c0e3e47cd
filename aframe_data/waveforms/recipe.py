"""What defines a set of signals: everything that the data depends on, and nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aframe_data.errors import PluginError, UsageError
from aframe_data.plugin.protocols import OrderedPrior
from aframe_data.registry.choice import made
from aframe_data.registry.sources import completed, kind_choice, kind_of, require_parameters, unfit_names
from aframe_data.seeds import Stream, derived, generator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.plugin.kinds import SourceKind
    from aframe_data.plugin.protocols import Prior, WaveformGenerator
    from aframe_data.plugin.records import WaveformGeneratorProvider
    from aframe_data.registry.choice import Choice
    from aframe_data.types import WaveformRequest
    from aframe_data.waveforms.draws import Parameters

#: Raised when the same request gives other signals, so that files of two ways are never taken for the same.
RECIPE = 3

#: Signals in a unit of work, where the waveforms are short and the model asks for no more; see `Recipe.unit_size`.
_LARGEST_UNIT = 64
#: Samples of one polarization in a unit of work: its memory does not grow with the waveforms' length.
_UNIT_SAMPLES = 2**20

DEFAULT_COSMOLOGY = "Planck15"


@dataclass(frozen=True)
class Recipe:
    """A population, a model and a grid, with the seed that makes them reproducible.

    Attributes
    ----------
    prior, generator
        The providers.
    request
        The grid of the waveforms.
    minimum_frequency, reference_frequency
        As asked, in Hz; the kind of sources may change them signal by signal.
    seed
        Of the run.
    stream
        What the signals are for.
    dtype
        Of the waveforms.
    part
        Words for the part that this is of what the seed makes, if it is only a part: parts of one seed share no draw.
    """

    prior: Choice
    generator: Choice
    request: WaveformRequest
    minimum_frequency: float
    reference_frequency: float
    seed: int
    stream: Stream
    dtype: str
    part: str = ""

    def __str__(self) -> str:
        options = "" if self.generator.options is None else f" {self.generator.options}"
        return f"prior {self.prior.key!r} with waveform generator {self.generator.key!r}{options}"

    @property
    def entropy(self) -> int:
        """What all generators are made from."""
        return derived(self.seed, self.part) if self.part else self.seed

    @property
    def kind(self) -> SourceKind:
        """The kind of sources, as the generator says."""
        return kind_of(self.generator)

    @property
    def unit_size(self) -> int:
        """Draws in a unit of work; it depends on grid and model alone, never on the machine or on the number asked."""
        return max(1, min(max(_LARGEST_UNIT, self.batch or 0), _UNIT_SAMPLES // self.request.size))

    @property
    def batch(self) -> int | None:
        """How many signals suit the generator at once, if it says so; it is never given more."""
        return _record_of(self.generator).batch

    @property
    def waveform_batch(self) -> int | None:
        """How many waveforms are made at once: the batch, as far as memory for a unit of work goes."""
        return None if self.batch is None else min(self.batch, self.unit_size)

    def adopting(self, found: Mapping[str, Any], asked: int | None) -> Recipe:
        """With the seed of work that is there, by its identity, where none was asked for."""
        seed = found.get("seed")
        return replace(self, seed=seed) if asked is None and isinstance(seed, int) else self

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules by which signals are drawn and made: the providers', and what turns redshifts into distances."""
        choices = (self.prior, self.generator, kind_choice(self.generator))
        return (*(choice.module for choice in choices), "astropy.cosmology", "astropy.units")

    @property
    def providers(self) -> dict[str, Any]:
        """Prior and generator with their versions, as the provenance keeps them."""
        strange = {name: choice.describe() for name, choice in self._strange_kind.items()}
        return {"prior": self.prior.describe(), "generator": self.generator.describe(), **strange}

    @property
    def _strange_kind(self) -> dict[str, Choice]:
        """The kind of sources, where a plugin of others gives it; `RECIPE` stands for our own."""
        kind = kind_choice(self.generator)
        return {} if kind.registered.plugin.built_in else {"source_kind": kind}

    @property
    def identity(self) -> dict[str, Any]:
        """What the signals are a function of."""
        return {
            "recipe": RECIPE,
            "prior": self.prior.identity,
            "generator": self.generator.identity,
            **{name: choice.identity for name, choice in self._strange_kind.items()},
            "request": asdict(self.request),
            "minimum_frequency": self.minimum_frequency,
            "reference_frequency": self.reference_frequency,
            "seed": self.seed,
            "stream": self.stream.name.lower(),
            "dtype": self.dtype,
            "unit_size": self.unit_size,
            **({} if self.batch is None else {"batch": self.batch}),
            **({"part": self.part} if self.part else {}),
        }


def _record_of(generator: Choice) -> WaveformGeneratorProvider:
    return cast("WaveformGeneratorProvider", generator.provider)


def prior_of(recipe: Recipe) -> Prior:
    """The prior, made once in each process; refused if it lacks what every file needs, or draws what none can keep.

    Raises
    ------
    UsageError
        Naming the missing parameters.
    PluginError
        Naming a parameter that files have no room for.
    """
    prior: Prior = made(recipe.prior)
    require_parameters(recipe.generator, prior.parameters, recipe.prior.key)
    for name in unfit_names(prior.parameters):
        raise PluginError(f"prior {recipe.prior.key!r} draws {name!r}: no parameter in a file can have that name.")
    return prior


def generator_of(choice: Choice) -> WaveformGenerator:
    """The waveform generator, made once in each process."""
    return cast("WaveformGenerator", made(choice))


def cosmology_of(prior: Prior) -> str:
    """The cosmology by which the prior's redshifts become distances."""
    return str(getattr(prior, "cosmology", DEFAULT_COSMOLOGY))


def draw(recipe: Recipe, stream: Stream, unit: Sequence[int], count: int, first: int | None = None) -> Parameters:
    """Draw some signals of one unit, ready for the waveform generator.

    Parameters
    ----------
    recipe
        Its entropy, with `stream` and `unit`, is all that the draw depends on.
    unit
        Whole numbers that tell this draw from all others of the stream: the unit, and what it draws in parts.
    count
        Number of signals; the same `count` gives the same draw.
    first
        Number of the first of them among all of the output, for a prior whose signals are taken in order.

    Raises
    ------
    PluginError
        The prior does not return what it declares, or the kind of sources does not complete it.
    """
    prior = prior_of(recipe)
    with recipe.prior.at_work():
        if first is not None and isinstance(prior, OrderedPrior) and prior.has_order:
            samples = prior.take(first, first + count)
        else:
            samples = prior.sample(count, generator(recipe.entropy, stream, *unit))
    absent = [name for name in prior.parameters if name not in samples]
    if absent:
        raise PluginError(f"prior {recipe.prior.key!r} did not draw {', '.join(absent)}, which it declares.")
    for name, values in samples.items():
        if np.asarray(values).dtype.kind not in "fiuO":
            raise PluginError(f"prior {recipe.prior.key!r} drew {name} that are no real numbers: {values[:1]}.")
        if np.shape(values) != (count,):
            raise PluginError(f"prior {recipe.prior.key!r} drew {name} of shape {np.shape(values)}, not ({count},).")
    return completed(
        kind_choice(recipe.generator),
        samples,
        frame=prior.frame,
        cosmology=cosmology_of(prior),
        minimum_frequency=recipe.minimum_frequency,
        reference_frequency=recipe.reference_frequency,
    )


def require_model_parameters(recipe: Recipe, names: set[str]) -> None:
    """Refuse a generator that needs what neither the prior nor the core gives."""
    missing = [name for name in _record_of(recipe.generator).parameters if name not in names]
    if missing:
        raise UsageError(
            f"waveform generator {recipe.generator.key!r} needs {', '.join(missing)}, which prior "
            f"{recipe.prior.key!r} does not give."
        )
