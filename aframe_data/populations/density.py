"""The density of signals in a population, in the frame of the source, so that two populations can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import MASS_PARAMETERS
from aframe_data.plugin.protocols import PriorDensity

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
    missing = [variable for variable in density.variables if variable not in parameters]
    if missing:
        raise UsageError(f"the signals have no {', '.join(missing)}, which prior {name!r} draws.")
    own = dict(parameters)
    stretch = 1 + own["redshift"] if "redshift" in own else np.ones(len(next(iter(own.values()))))
    if prior.frame == "source":
        own |= {mass: own[mass] / stretch for mass in MASS_PARAMETERS if mass in own}
        return density.ln_prob(own)
    masses = sum(mass in density.variables for mass in MASS_PARAMETERS)
    # A mass of the source frame is one of the detector frame divided by 1 + z.
    found: FloatArray = density.ln_prob(own) + masses * np.log(stretch)
    return found


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
