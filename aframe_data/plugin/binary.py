"""Binaries, and all that the core knows of them: parameters, what becomes of a prior's draw, regions of a population.

Conventions, as Aframe's readers expect them: masses in the files are detector frame, redshift is stored,
spins are bilby's (a, tilt, phi_12, phi_jl) at the signal's own reference frequency, which is stored too.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError, WaveformError
from aframe_data.plugin.kinds import Regions, finite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from aframe_data.plugin.records import Frame
    from aframe_data.types import FloatArray

#: The 14 parameters that every ledger file has; masses in solar masses, angles in radians.
BASE_PARAMETERS = (
    "mass_1",
    "mass_2",
    "a_1",
    "a_2",
    "tilt_1",
    "tilt_2",
    "phi_12",
    "phi_jl",
    "ra",
    "dec",
    "redshift",
    "psi",
    "theta_jn",
    "phase",
)

#: Mass parameters that scale with 1 + redshift.
MASS_PARAMETERS = ("mass_1", "mass_2", "chirp_mass", "total_mass")

#: A binary of total mass M starts at or below this over M (solar masses), in Hz: about 0.43 of the
#: frequency of the innermost stable circular orbit, so that a heavy signal has an inspiral at all.
START_FREQUENCY_TIMES_MASS = 1899.0

#: Up to this redshift distances come from a polynomial of log(1 + z), of this degree.
_FARTHEST, _DEGREE = 20.0, 40
_SPAN = float(np.log1p(_FARTHEST))

#: mass_1 / mass_2 where a region begins; the last one has no end.
_MASS_RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0)

#: The region of masses that are equal to the last digit. Frequency-sequence and time-domain calls of LAL's
#: models differ there, by up to 1.6 in SNR, so it is never estimated.
EQUAL_MASSES = 0


def missing_parameters(names: Iterable[str]) -> tuple[str, ...]:
    """The base parameters that are not among `names`."""
    given = set(names)
    return tuple(name for name in BASE_PARAMETERS if name not in given)


def to_detector_frame(samples: Mapping[str, FloatArray], frame: Frame) -> dict[str, FloatArray]:
    """Masses times (1 + redshift) where `frame` is ``"source"``; a copy of the mapping otherwise."""
    converted: dict[str, FloatArray] = {name: np.asarray(values, dtype=np.float64) for name, values in samples.items()}
    if frame == "source":
        for name in MASS_PARAMETERS:
            if name in converted:
                converted[name] = converted[name] * (1 + converted["redshift"])
    return converted


def signal_frequencies(
    total_mass: FloatArray, minimum_frequency: float, reference_frequency: float
) -> tuple[FloatArray, FloatArray]:
    """The frequencies at which each signal starts and at which its spins are given.

    Parameters
    ----------
    total_mass
        (n,) detector frame, solar masses.
    minimum_frequency, reference_frequency
        As asked, in Hz.

    Returns
    -------
    f_low, f_ref
        (n,) Hz. ``f_low = min(minimum_frequency, 1899 / total_mass)``; ``f_ref`` is the asked one, or
        f_low where f_low had to be lowered: one value for the spins' conversion and for the model.
    """
    limit = START_FREQUENCY_TIMES_MASS / np.asarray(total_mass, dtype=np.float64)
    f_low = np.minimum(minimum_frequency, limit)
    f_ref = np.where(f_low < minimum_frequency, f_low, reference_frequency)
    return f_low, f_ref


def luminosity_distance(redshift: FloatArray, cosmology: str) -> FloatArray:
    """Luminosity distance, (n,) Mpc, at `redshift` in an `astropy.cosmology` realization by name.

    To 1e-10 of what astropy gives, which integrates for each signal by itself and takes five times as long as all the
    rest of a draw.
    """
    redshift = np.asarray(redshift, dtype=np.float64)
    stretch = np.log1p(np.clip(redshift, 0, _FARTHEST))
    distance: FloatArray = np.polynomial.chebyshev.chebval(2 * stretch / _SPAN - 1, _distances(cosmology)) * stretch
    beyond = ~((redshift >= 0) & (redshift <= _FARTHEST))
    if np.any(beyond):
        distance[beyond] = _exact_distance(redshift[beyond], cosmology)
    return distance


@cache
def _distances(cosmology: str) -> FloatArray:
    """Chebyshev coefficients of the luminosity distance over log(1 + z), by log(1 + z) from 0 to `_SPAN`."""
    places = np.polynomial.chebyshev.chebpts1(_DEGREE + 1)
    stretch = (places + 1) * _SPAN / 2
    distances = _exact_distance(np.expm1(stretch), cosmology)
    # As sums and not by BLAS: parts made on several machines have the same bits.
    values = np.polynomial.chebyshev.chebvander(places, _DEGREE) * (distances / stretch)[:, None]
    coefficients: FloatArray = values.sum(axis=0) * 2 / len(places)
    coefficients[0] /= 2
    return coefficients


def _exact_distance(redshift: FloatArray, cosmology: str) -> FloatArray:
    from astropy import cosmology as cosmologies
    from astropy import units

    model = getattr(cosmologies, cosmology, None)
    if not isinstance(model, cosmologies.Cosmology):
        raise UsageError(f"unknown cosmology {cosmology!r}; astropy.cosmology has: {', '.join(cosmologies.available)}.")
    distance: FloatArray = model.luminosity_distance(redshift).to_value(units.Mpc)
    return distance


def complete(
    samples: Mapping[str, FloatArray],
    *,
    frame: Frame,
    cosmology: str,
    minimum_frequency: float,
    reference_frequency: float,
) -> dict[str, FloatArray]:
    """Make of a prior's draw what a waveform generator gets.

    Returns
    -------
    dict
        The draw with masses in the detector frame, `luminosity_distance` (Mpc; the draw's own if it has
        one), `minimum_frequency` and `reference_frequency` (Hz): all (n,) float64.

    Raises
    ------
    WaveformError
        The draw holds a value that is not finite, or mass_2 > mass_1.
    """
    parameters = finite(to_detector_frame(samples, frame))
    if np.any(parameters["mass_2"] > parameters["mass_1"]):
        raise WaveformError("the prior drew mass_2 > mass_1; a prior must order its masses.")
    if "luminosity_distance" not in parameters:
        parameters["luminosity_distance"] = luminosity_distance(parameters["redshift"], cosmology)
    total_mass = parameters["mass_1"] + parameters["mass_2"]
    f_low, f_ref = signal_frequencies(total_mass, minimum_frequency, reference_frequency)
    parameters["minimum_frequency"], parameters["reference_frequency"] = f_low, f_ref
    return parameters


def regions_of(parameters: Mapping[str, FloatArray]) -> NDArray[np.intp]:
    """Number of the region, (n,), of each of n signals.

    Where a model's spectrum and its time series disagree, they do so for binaries of a kind: of exactly equal
    masses, or of very different ones with the heavier spin against the orbit. So the regions are bands of mass
    ratio, halved by the direction of the primary's spin.
    """
    ratio = parameters["mass_1"] / parameters["mass_2"]
    band = np.searchsorted(_MASS_RATIOS, ratio, side="right") - 1
    against = parameters["a_1"] * np.cos(parameters["tilt_1"]) < 0
    equal = parameters["mass_1"] == parameters["mass_2"]
    return np.where(equal, EQUAL_MASSES, 1 + 2 * band + against)


def describe_region(region: int) -> str:
    """``mass ratio 4 to 6, primary spin against the orbit``."""
    if region == EQUAL_MASSES:
        return "equal masses"
    band, against = divmod(region - 1, 2)
    start = _MASS_RATIOS[band]
    stop = f" to {_MASS_RATIOS[band + 1]:g}" if band + 1 < len(_MASS_RATIOS) else " and more"
    return f"mass ratio {start:g}{stop}, primary spin {'against' if against else 'along'} the orbit"


REGIONS = Regions(1 + 2 * len(_MASS_RATIOS), regions_of, describe_region, never_estimated=(EQUAL_MASSES,))


class Binaries:
    """The kind of sources ``binary``; see `aframe_data.plugin.kinds.SourceKind`."""

    parameters = BASE_PARAMETERS
    added = ("reference_frequency", "minimum_frequency")
    described_by = ("mass_1", "mass_2", "a_1", "a_2", "redshift")
    regions = REGIONS
    #: Black holes, seen from an angle at which plus and cross are loud.
    example: Mapping[str, float] = dict.fromkeys(BASE_PARAMETERS, 0.0) | {
        "mass_1": 36.0,
        "mass_2": 29.0,
        "redshift": 0.1,
        "theta_jn": 0.7,
        "phase": 1.0,
    }
    complete = staticmethod(complete)
