"""Drawing from a population with bilby, seeded, with a bound on rejection. Knows no population by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from aframe_data.errors import UsageError
from aframe_data_priors.bilby_library import bilby, process_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aframe_data.plugin.records import Frame
    from aframe_data.types import FloatArray
    from aframe_data_priors.density import Density

Samples: TypeAlias = "dict[str, FloatArray]"

#: Rejection gives up when fewer than this part of at least this many draws were accepted.
MINIMUM_ACCEPTANCE = 1e-4
MINIMUM_DRAWS = 100_000

_SMALLEST_BATCH = 16
_LARGEST_BATCH = 65_536


@dataclass(frozen=True)
class Population:
    """A distribution of signals: what is drawn, and what becomes of it.

    Attributes
    ----------
    label
        How messages call it.
    priors
        A ``bilby.core.prior.PriorDict``; its constraints are not looked at here, only by `accept`.
    frame
        The frame of the masses.
    cosmology
        The name of an `astropy.cosmology` realization.
    outputs
        The names that a draw has; all of them are in what `convert` returns.
    accept
        Of converted draws, (n,) each, those that belong to the population, (n,) bool.
    rule
        What `accept` asks for, in words.
    convert
        From the drawn parameters to the final ones, (n,) each.
    """

    label: str
    priors: Any
    frame: Frame
    cosmology: str
    outputs: tuple[str, ...]
    accept: Callable[[Samples], NDArray[np.bool_]]
    rule: str
    convert: Callable[[Samples], Samples] = dict


class BilbyPrior:
    """A population behind the protocol `aframe_data.plugin.protocols.Prior`.

    Rejected draws are replaced by fresh ones, in order, so that a draw is a pure function of `n` and of the
    state of the generator, and has the population's density given that it is accepted.

    Raises
    ------
    UsageError
        When made, and by `sample`: (almost) no draw is accepted.
    """

    def __init__(self, population: Population) -> None:
        self._population = population
        # A population that can hardly be drawn from is refused before any work.
        self.sample(1, np.random.default_rng(0))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that a draw has."""
        return self._population.outputs

    @property
    def frame(self) -> Frame:
        """The frame of the masses."""
        return self._population.frame

    @property
    def cosmology(self) -> str:
        """The name of an `astropy.cosmology` realization."""
        return self._population.cosmology

    @cached_property
    def _density(self) -> Density:
        from aframe_data_priors.density import Density  # astropy's constants, which drawing does without

        return Density(self._population, draw)

    @property
    def distributions(self) -> Mapping[str, str]:
        """What is drawn, as bilby writes it."""
        return self._density.distributions

    @property
    def variables(self) -> tuple[str, ...]:
        """The parameters that `ln_prob` is a density of."""
        return self._density.variables

    def ln_prob(self, parameters: Mapping[str, FloatArray]) -> FloatArray:
        """Return the logarithm of the density of n signals, (n,); errors as `aframe_data_priors.density.Density`."""
        return self._density.ln_prob(parameters)

    def ln_factors(self, parameters: Mapping[str, FloatArray]) -> Mapping[tuple[str, ...], FloatArray]:
        """Return the same in factors, by the variables of each."""
        return self._density.ln_factors(parameters)

    def sample(self, n: int, rng: np.random.Generator) -> Mapping[str, FloatArray]:
        """Draw `n` signals: name of each parameter and its values, (n,), float64; all randomness from `rng`."""
        batches: list[Samples] = []
        drawn = accepted = 0
        with process_state(rng=rng, cosmology=self.cosmology):
            while not batches or accepted < n:
                size = _batch_size(n - accepted, accepted, drawn)
                batch, count = self._batch(size)
                batches.append(batch)
                drawn += size
                accepted += count
                if drawn >= MINIMUM_DRAWS and accepted < MINIMUM_ACCEPTANCE * drawn:
                    raise UsageError(
                        f"{self._population.label} cannot be drawn from: {accepted} of {drawn} draws had "
                        f"{self._population.rule}. Choose distributions that allow it."
                    )
        return {name: np.concatenate([batch[name] for batch in batches])[:n] for name in self.parameters}

    def _batch(self, size: int) -> tuple[Samples, int]:
        """Draw `size` signals, keep the accepted ones, and count them."""
        population = self._population
        converted = population.convert(draw(population.priors, size))
        keep = population.accept(converted)
        return {name: converted[name][keep] for name in population.outputs}, int(np.count_nonzero(keep))


def draw(priors: Any, size: int) -> Samples:
    """One draw of every parameter of a PriorDict, (size,) float64, whether or not its constraints hold.

    bilby's own loop over constraints has no bound, and ignores constraints on what it cannot compute.
    """
    names = [name for name in priors if not isinstance(priors[name], bilby.core.prior.Constraint)]
    return columns(priors.sample_subset(keys=names, size=size), size)


def columns(samples: Mapping[str, Any], size: int) -> Samples:
    """Every value as (size,) float64: bilby gives numbers for what is fixed."""
    return {
        name: np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), (size,)))
        for name, values in samples.items()
    }


def _batch_size(missing: int, accepted: int, drawn: int) -> int:
    """How many to draw for `missing` signals at the acceptance so far; some spare, as most rules are strict."""
    wanted = missing if drawn == 0 else 1.1 * missing * drawn / max(accepted, 1)
    return int(np.clip(wanted, _SMALLEST_BATCH, _LARGEST_BATCH))
