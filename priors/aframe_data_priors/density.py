"""The density of a bilby population over the base parameters, whatever bilby draws in their place.

bilby's distributions give the density of what they draw (a chirp mass, a luminosity distance); the Jacobian makes of it
the density of masses and redshift. Draws that a rule or a constraint rejects raise the density of the others: how many
there are is counted, once, among draws of a fixed seed.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from astropy import constants, units
from astropy import cosmology as cosmologies

from aframe_data.errors import UsageError
from aframe_data_priors.bilby_library import bilby, process_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

#: Draws among which the accepted ones are counted: until so many are accepted, and at most so many.
_ACCEPTED, _DRAWS, _BATCH = 100_000, 2_097_152, 32_768
_SOURCE = "_source"
#: What is drawn in the place of another parameter, which then is the variable.
_FOR = {
    "mass_ratio": "mass_2",
    "chirp_mass": "mass_1",
    "total_mass": "mass_1",
    "luminosity_distance": "redshift",
    "comoving_distance": "redshift",
    "cos_tilt_1": "tilt_1",
    "cos_tilt_2": "tilt_2",
    "cos_theta_jn": "theta_jn",
}
#: What binaries may draw for their masses.
_MASSES = frozenset({"mass_1", "mass_2", "mass_ratio", "chirp_mass", "total_mass", "symmetric_mass_ratio"})
_PAIRS = ({"mass_1", "mass_2"}, *({name, "mass_ratio"} for name in ("mass_1", "chirp_mass", "total_mass")))


class Population(Protocol):
    """What is needed of `aframe_data_priors.drawing.Population`."""

    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def priors(self) -> Any: ...  # noqa: D102
    @property
    def frame(self) -> str: ...  # noqa: D102
    @property
    def cosmology(self) -> str: ...  # noqa: D102
    @property
    def accept(self) -> Callable[[dict[str, FloatArray]], NDArray[np.bool_]]: ...  # noqa: D102
    @property
    def convert(self) -> Callable[[dict[str, FloatArray]], dict[str, FloatArray]]: ...  # noqa: D102


class Density:
    """The density of a population; see `aframe_data.plugin.protocols.PriorDensity`.

    Parameters
    ----------
    population
        Whose distributions are each of one parameter, conditional on others or not.
    draw
        Draws so many signals of a PriorDict, whether or not they are accepted.
    """

    def __init__(self, population: Population, draw: Callable[[Any, int], dict[str, FloatArray]]) -> None:
        self._population = population
        self._draw = draw
        self._drawn = {
            name: prior
            for name, prior in population.priors.items()
            if not isinstance(prior, bilby.core.prior.Constraint)
        }

    @property
    def distributions(self) -> dict[str, str]:
        """What is drawn, as bilby writes it, without what only decorates it."""
        return {name: _shown(prior) for name, prior in self._population.priors.items()}

    @property
    def variables(self) -> tuple[str, ...]:
        """The parameters that are drawn, or stand for what is drawn."""
        names = [name for name, prior in self._drawn.items() if not _is_fixed(prior)]
        return tuple(dict.fromkeys(map(_variable, names)))

    def ln_prob(self, parameters: Mapping[str, FloatArray]) -> FloatArray:
        """Return the logarithm of the density, (n,).

        Raises
        ------
        UsageError
            A distribution is not of one parameter, or nobody knows what it draws.
        """
        jacobians, densities, rejected = self._parts(parameters)
        total: FloatArray = np.zeros(len(rejected))
        with np.errstate(invalid="ignore"):
            for part in (*jacobians.values(), *densities.values()):
                total = total + part
        total[rejected | ~np.isfinite(total)] = -np.inf
        density: FloatArray = total - np.log(self._accepted)
        return density

    def ln_factors(self, parameters: Mapping[str, FloatArray]) -> dict[tuple[str, ...], FloatArray]:
        """Return the logarithms of the factors of it, (n,) each, by the variables of each; errors as `ln_prob`.

        What is drawn is independent of everything else but for conditions, constraints and frames.
        """
        jacobians, densities, rejected = self._parts(parameters)
        factors: dict[tuple[str, ...], FloatArray] = {}
        for group in self._groups():
            total: FloatArray = np.zeros(len(rejected))
            with np.errstate(invalid="ignore"):
                for name in densities:
                    if name in group or _is_fixed(self._drawn[name]):
                        total = total + jacobians[name] + densities[name]
            if group & self._judged:
                total[rejected] = -np.inf
                total = total - np.log(self._accepted)
            total[~np.isfinite(total)] = -np.inf
            factors[tuple(dict.fromkeys(_variable(name) for name in self._drawn if name in group))] = total
        return factors

    @cached_property
    def _judged(self) -> frozenset[str]:
        """What is drawn that decides whether a draw is accepted: masses, unless a constraint is of something else."""
        varied = frozenset(name for name, prior in self._drawn.items() if not _is_fixed(prior))
        constraints = {*self._population.priors} - {*self._drawn}
        return varied if constraints - _MASSES else frozenset(name for name in varied if _bare(name) in _MASSES)

    def _groups(self) -> list[frozenset[str]]:
        """What is drawn, in the smallest groups that are independent of one another."""
        varied = {name: prior for name, prior in self._drawn.items() if not _is_fixed(prior)}
        links = [{name, *getattr(prior, "required_variables", ())} for name, prior in varied.items()]
        links += [set(self._judged), {name for name in varied if _bare(name) in _MASSES}]
        if self._population.frame == "detector":
            links += [
                {name, other}
                for name in varied
                if name.endswith(_SOURCE)
                for other in varied
                if _variable(other) == "redshift"
            ]
        groups: list[frozenset[str]] = []
        for link in (frozenset(link & varied.keys()) for link in links if link & varied.keys()):
            touched = [group for group in groups if group & link]
            groups = [group for group in groups if group not in touched] + [link.union(*touched)]
        return groups

    def _parts(
        self, parameters: Mapping[str, FloatArray]
    ) -> tuple[dict[str, FloatArray], dict[str, FloatArray], NDArray[np.bool_]]:
        """Of what is drawn, by its name, the logarithms of Jacobians and densities, and which signals are rejected."""
        given = {name: np.asarray(values, dtype=np.float64) for name, values in parameters.items()}
        with process_state(cosmology=self._population.cosmology), np.errstate(divide="ignore", invalid="ignore"):
            values, jacobians = self._values(given)
            densities = {name: _ln_prob(prior, values[name], values) for name, prior in self._drawn.items()}
            return jacobians, densities, ~self._population.accept(self._population.convert(values))

    @cached_property
    def _accepted(self) -> float:
        """The share of draws that are accepted."""
        population = self._population
        drawn = accepted = 0
        with process_state(rng=np.random.default_rng(0), cosmology=population.cosmology):
            while drawn < _DRAWS and accepted < _ACCEPTED:
                accepted += int(
                    np.count_nonzero(population.accept(population.convert(self._draw(population.priors, _BATCH))))
                )
                drawn += _BATCH
                if accepted == drawn:  # nothing is rejected, or next to nothing
                    return 1.0
        if not accepted:
            raise UsageError(f"{population.label} has no density: no draw of {drawn} is accepted.")
        return accepted / drawn

    def _values(self, given: Mapping[str, FloatArray]) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
        """What is drawn, of the given parameters, and the logarithm of each one's Jacobian."""
        values: dict[str, FloatArray] = {}
        jacobians: dict[str, FloatArray] = {}
        masses = {_bare(name) for name in self._drawn} & _MASSES
        if masses and masses not in _PAIRS:
            raise UsageError(f"{self._population.label} has no known density: it draws {', '.join(sorted(masses))}.")
        for name, prior in self._drawn.items():
            values[name], jacobians[name] = self._value(name, given)
            if _is_fixed(prior) and _bare(name) in _FOR:
                raise UsageError(f"{self._population.label} has no density of masses and distance: {name} is fixed.")
        return values, jacobians

    def _value(self, name: str, given: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
        """One of what is drawn, and its part of the Jacobian."""
        bare = _bare(name)
        if bare in ("chi_1", "chi_2"):  # of a spin along the orbital angular momentum
            a, tilt = given[f"a_{bare[-1]}"], given[f"tilt_{bare[-1]}"]
            along = a * np.cos(tilt)
            return np.where(np.isclose(np.abs(along), a, rtol=1e-9, atol=0), along, np.nan), np.zeros(len(a))
        known = "mass_1" if bare in ("chirp_mass", "total_mass", "mass_ratio") else _FOR.get(bare, bare)
        if known not in given:
            raise UsageError(f"{self._population.label} has no known density: it draws {name}, which no file has.")
        stretched = bare != name and self._population.frame == "detector"
        stretch = 1 + given["redshift"] if stretched else np.ones(len(given[known]))
        if bare in ("chirp_mass", "total_mass", "mass_ratio"):
            value, own = _mass(bare, given["mass_1"], given["mass_2"], drawn={_bare(drawn) for drawn in self._drawn})
            if bare == "mass_ratio":
                return value, own
        elif bare in ("luminosity_distance", "comoving_distance"):
            return _distance(bare, given["redshift"], self._population.cosmology)
        elif bare.startswith("cos_"):
            angle = given[known]
            return np.cos(angle), np.log(np.abs(np.sin(angle)))
        else:
            value, own = given[bare], np.zeros(len(given[bare]))
        return value / stretch, own - np.log(stretch)


def _bare(name: str) -> str:
    """The name of what is drawn, whatever its frame."""
    return name.removesuffix(_SOURCE)


def _variable(name: str) -> str:
    """The parameter that what is drawn is, or stands for."""
    return _FOR.get(_bare(name), _bare(name))


def _is_fixed(prior: object) -> bool:
    return isinstance(prior, bilby.core.prior.DeltaFunction)


def _ln_prob(prior: object, value: FloatArray, values: Mapping[str, FloatArray]) -> FloatArray:
    """The logarithm of the density of one distribution; zero where it is one value, and that is it."""
    if _is_fixed(prior):
        same = np.isclose(value, prior.peak, rtol=1e-9, atol=1e-12)  # type: ignore[attr-defined]
        return np.where(same, 0.0, -np.inf)
    if isinstance(prior, bilby.core.prior.JointPrior):
        raise UsageError("the density of distributions of several parameters together is not known here.")
    required = {name: values[name] for name in getattr(prior, "required_variables", ())}
    found: FloatArray = np.asarray(prior.ln_prob(value, **required), dtype=np.float64)  # type: ignore[attr-defined]
    return found


def _mass(name: str, mass_1: FloatArray, mass_2: FloatArray, *, drawn: set[str]) -> tuple[FloatArray, FloatArray]:
    """A mass or a ratio of two, and its part of the Jacobian: all of that of both is with the ratio.

    d(chirp mass, ratio) / d(mass_1, mass_2) is the chirp mass over mass_1², d(total mass, ratio) the total mass over
    mass_1², and d(mass_1, ratio) is 1 / mass_1.
    """
    chirp, total = (mass_1 * mass_2) ** 0.6 / (mass_1 + mass_2) ** 0.2, mass_1 + mass_2
    if name != "mass_ratio":
        return (chirp if name == "chirp_mass" else total), np.zeros(len(mass_1))
    if "chirp_mass" in drawn:
        return mass_2 / mass_1, np.log(chirp) - 2 * np.log(mass_1)
    if "total_mass" in drawn:
        return mass_2 / mass_1, np.log(total) - 2 * np.log(mass_1)
    return mass_2 / mass_1, -np.log(mass_1)


def _distance(name: str, redshift: FloatArray, cosmology: str) -> tuple[FloatArray, FloatArray]:
    """A distance in Mpc and its derivative by redshift; the cosmologies are flat."""
    model = getattr(cosmologies, cosmology)
    comoving = model.comoving_distance(redshift).to_value(units.Mpc)
    slope = (constants.c / model.H(redshift)).to_value(units.Mpc)
    if name == "comoving_distance":
        return comoving, np.log(slope)
    return (1 + redshift) * comoving, np.log(comoving + (1 + redshift) * slope)


def _shown(prior: object) -> str:
    """``PowerLaw(alpha=-2.35, minimum=5, maximum=100)``: the class of a distribution and what it was made with."""
    if _is_fixed(prior):
        return f"{prior.peak:g}"  # type: ignore[attr-defined]
    decoration = ("name", "latex_label", "unit", "boundary", "condition_func")
    try:
        arguments = prior.get_instantiation_dict()  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - the user's own distribution may not be written out
        arguments = {}
    shown = {key: value for key, value in arguments.items() if key not in decoration and value is not None}
    text = ", ".join(f"{key}={_argument(value)}" for key, value in shown.items())
    required = getattr(prior, "required_variables", ())
    given = f" given {', '.join(required)}" if required else ""
    return f"{type(prior).__name__}({text}){given}"


def _argument(value: object) -> str:
    if isinstance(value, (int, float, np.number)):
        return f"{float(value):g}"
    name = getattr(value, "name", None)
    return str(name) if name else str(value)
