"""The density of signals in a population, in the frame of the source, so that two populations can be compared."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import MASS_PARAMETERS
from aframe_data.plugin.protocols import PriorDensity, PriorFactors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.protocols import Prior
    from aframe_data.types import FloatArray


def density_of(prior: Prior, name: str) -> PriorDensity:
    """The prior as what its density is asked of.

    Raises
    ------
    UsageError
        It says no density.
    """
    if not isinstance(prior, PriorDensity):
        raise UsageError(f"prior {name!r} does not give its density: it only draws signals.")
    return prior


def ln_density(prior: Prior, name: str, parameters: Mapping[str, FloatArray]) -> FloatArray:
    """The natural logarithm of the density of n signals, (n,), over masses of the source frame.

    Parameters
    ----------
    name
        Of the prior, for messages.
    parameters
        As files have them, masses in the detector frame.

    Raises
    ------
    UsageError
        The prior says no density, or the signals lack a parameter that it is a density of.
    """
    density = density_of(prior, name)
    own, stretched = _own_frame(prior, name, density.variables, parameters)
    found: FloatArray = density.ln_prob(own) + stretched
    return found


def ln_factors(prior: Prior, name: str, parameters: Mapping[str, FloatArray]) -> dict[tuple[str, ...], FloatArray]:
    """The same in factors, (n,) each, by the variables of each; one of all variables where the prior tells no more.

    Masses of the source frame are in one factor with the redshift if the prior's are those of the detector frame.
    """
    variables = density_of(prior, name).variables
    if not isinstance(prior, PriorFactors):
        return {variables: ln_density(prior, name, parameters)}
    own, stretched = _own_frame(prior, name, variables, parameters)
    factors = dict(prior.ln_factors(own))
    if prior.frame == "source" or not {*MASS_PARAMETERS} & {*variables}:
        return factors
    together = {of: factors.pop(of) for of in [*factors] if {*MASS_PARAMETERS, "redshift"} & {*of}}
    factors[tuple(chain.from_iterable(together))] = sum(together.values(), stretched)
    return factors


def _own_frame(
    prior: Prior, name: str, variables: tuple[str, ...], parameters: Mapping[str, FloatArray]
) -> tuple[dict[str, FloatArray], FloatArray]:
    """The parameters as the prior's density takes them, and what makes of it one over masses of the source frame."""
    own = _with_aligned_spins(parameters)
    missing = [variable for variable in variables if variable not in own]
    if missing:
        raise UsageError(f"the signals have no {', '.join(missing)}, which prior {name!r} draws.")
    stretch = 1 + own["redshift"] if "redshift" in own else np.ones(len(next(iter(own.values()))))
    if prior.frame == "source":
        own |= {mass: own[mass] / stretch for mass in MASS_PARAMETERS if mass in own}
        return own, np.zeros(len(stretch))
    # A mass of the source frame is one of the detector frame divided by 1 + z.
    return own, sum(mass in variables for mass in MASS_PARAMETERS) * np.log(stretch)


def _with_aligned_spins(parameters: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The parameters, and the spins along the orbital angular momentum that a prior may draw in place of others."""
    own = dict(parameters)
    for body in (1, 2):
        if {f"a_{body}", f"tilt_{body}"} <= own.keys():
            own.setdefault(f"chi_{body}", own[f"a_{body}"] * np.cos(own[f"tilt_{body}"]))
    return own


def require_comparable(prior: Prior, name: str, other: Prior, other_name: str) -> None:
    """Refuse two populations of which one draws what is fixed in the other: no weight leads from one to the other.

    Raises
    ------
    UsageError
        Naming the parameters.
    """
    first, second = (set(density_of(*pair).variables) for pair in ((prior, name), (other, other_name)))
    for ours, theirs, only in ((name, other_name, first - second), (other_name, name, second - first)):
        if only:
            raise UsageError(
                f"prior {ours!r} draws {', '.join(sorted(only))}, and prior {theirs!r} does not: signals of one cannot "
                "be weighted for the other."
            )
