"""What a picture shows of signals: of binaries the few quantities that say which a detector sees, of others all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.outside import outside_text
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.plugin.kinds import NOT_DRAWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from aframe_data.types import FloatArray

#: Units of parameters by their names; of what is not here, none is known.
UNITS = {
    **dict.fromkeys(("mass_1", "mass_2", "chirp_mass", "total_mass"), "solar masses"),
    **dict.fromkeys(("tilt_1", "tilt_2", "phi_12", "phi_jl", "ra", "dec", "psi", "theta_jn", "phase"), "rad"),
    **dict.fromkeys(("luminosity_distance", "distance"), "Mpc"),
    "frequency": "Hz",
}

#: Signals of which a picture is made: with more, it shows the same and takes longer.
MOST_SIGNALS = 100_000
#: Signals from which on a population has contours.
FEWEST_FOR_CONTOURS = 400
#: Values that differ by less, as a fraction, are one value written by two roundings.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Quantity:
    """One axis of a corner plot.

    Attributes
    ----------
    label
        With its unit, as matplotlib typesets it.
    needs
        The parameters that it is computed from.
    of
        The computation: arrays (n,) in the order of `needs` to (n,).
    logarithmic
        Whether `of` gives the decimal logarithm, for an axis that shows what it is the logarithm of.
    """

    label: str
    needs: tuple[str, ...]
    of: Callable[..., FloatArray]
    logarithmic: bool = False


def _log_chirp_mass(mass_1: FloatArray, mass_2: FloatArray) -> FloatArray:
    return 0.6 * np.log10(mass_1 * mass_2) - 0.2 * np.log10(mass_1 + mass_2)


def _log_source_mass(mass: FloatArray, redshift: FloatArray) -> FloatArray:
    source: FloatArray = mass / (1 + redshift)
    return np.log10(source)


def _mass_ratio(mass_1: FloatArray, mass_2: FloatArray) -> FloatArray:
    return mass_2 / mass_1


def _effective_spin(*six: FloatArray) -> FloatArray:
    mass_1, mass_2, a_1, a_2, tilt_1, tilt_2 = six
    along: FloatArray = mass_1 * a_1 * np.cos(tilt_1) + mass_2 * a_2 * np.cos(tilt_2)
    return along / (mass_1 + mass_2)


#: Angles as the functions that are uniform for sources all over the sky: what the threshold does is then seen.
QUANTITIES = (
    Quantity(r"$\mathcal{M}_\mathrm{det}\;[M_\odot]$", ("mass_1", "mass_2"), _log_chirp_mass, logarithmic=True),
    Quantity("$q$", ("mass_1", "mass_2"), _mass_ratio),
    Quantity(r"$\chi_\mathrm{eff}$", ("mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2"), _effective_spin),
    Quantity("$z$", ("redshift",), np.asarray),
    Quantity(r"$\cos\,\theta_{JN}$", ("theta_jn",), np.cos),
    Quantity(r"$\sin\,\delta$", ("dec",), np.sin),
)

#: Masses as detectors see them, and as sources have them.
DETECTOR_MASSES = (
    Quantity(r"$m_1^\mathrm{det}\;[M_\odot]$", ("mass_1",), np.log10, logarithmic=True),
    Quantity(r"$m_2^\mathrm{det}\;[M_\odot]$", ("mass_2",), np.log10, logarithmic=True),
    QUANTITIES[3],
)
SOURCE_MASSES = (
    Quantity(r"$m_1^\mathrm{src}\;[M_\odot]$", ("mass_1", "redshift"), _log_source_mass, logarithmic=True),
    Quantity(r"$m_2^\mathrm{src}\;[M_\odot]$", ("mass_2", "redshift"), _log_source_mass, logarithmic=True),
    QUANTITIES[3],
)

#: Where a source is and how it is turned: behind what it is.
_LAST = ("luminosity_distance", "distance", "redshift", "theta_jn", "dec", "ra", "psi", "phase")
#: Characters of a name, which may be of anybody's file.
_LONGEST_NAME = 24


def are_binaries(parameters: Collection[str]) -> bool:
    """Whether signals with these parameters are binaries: they have all of theirs, or some, masses included, alone."""
    drawn = {*parameters} - NOT_DRAWN
    return drawn.issuperset(BASE_PARAMETERS) or {"mass_1", "mass_2"} <= drawn <= {*BASE_PARAMETERS}


def quantities_of(parameters: Collection[str], masses: Sequence[Quantity] = QUANTITIES[:1]) -> list[Quantity]:
    """What is shown of signals with these parameters: of sources that are no binaries, all that was drawn.

    Parameters
    ----------
    parameters
        Their names.
    masses
        By which quantities of its masses a binary is shown.
    """
    if are_binaries(parameters):
        return known({*parameters}, (*masses, *QUANTITIES[1:]))
    places = {name: place for place, name in enumerate(_LAST)}
    drawn = sorted((name for name in parameters if name not in NOT_DRAWN), key=lambda name: places.get(name, -1))
    better = {quantity.needs: quantity for quantity in QUANTITIES}
    return [better.get((name,)) or Quantity(with_unit(name).replace("$", r"\$"), (name,), _as_drawn) for name in drawn]


def with_unit(name: str) -> str:
    """``frequency [Hz]``, or the name alone where no unit is known."""
    unit = UNITS.get(name)
    return outside_text(name, _LONGEST_NAME) + (f" [{unit}]" if unit else "")


def _as_drawn(values: FloatArray) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def computed(parameters: Mapping[str, FloatArray], quantities: Sequence[Quantity]) -> list[FloatArray]:
    """Return each quantity of at most `MOST_SIGNALS` signals, taken at even steps."""
    size = min((len(values) for values in parameters.values()), default=0)
    step = -(-size // MOST_SIGNALS) or 1
    return [quantity.of(*(parameters[name][::step] for name in quantity.needs)) for quantity in quantities]


def known(parameters: set[str], quantities: Sequence[Quantity] = QUANTITIES) -> list[Quantity]:
    """The quantities that can be computed of these parameters."""
    return [quantity for quantity in quantities if parameters.issuperset(quantity.needs)]


def varies(values: FloatArray) -> bool:
    """Whether there are two values that differ by more than rounding."""
    if not len(values):
        return False
    low, high = float(values.min()), float(values.max())
    return high - low > _ROUNDING * max(abs(low), abs(high))
