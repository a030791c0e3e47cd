"""The parameters of a signal: which ones every file has, and how a prior's draw becomes them.

Conventions, as Aframe's readers expect them: masses in the files are detector frame, redshift is stored,
spins are bilby's (a, tilt, phi_12, phi_jl) at the signal's own reference frequency, which is stored too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError, WaveformError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


def missing_parameters(names: Iterable[str]) -> tuple[str, ...]:
    """The base parameters that are not among `names`."""
    given = set(names)
    return tuple(name for name in BASE_PARAMETERS if name not in given)


def require_base_parameters(names: Iterable[str], prior: str) -> None:
    """Refuse a prior that lacks parameters which every ledger file has.

    Raises
    ------
    UsageError
        Naming what is missing.
    """
    missing = missing_parameters(names)
    if missing:
        raise UsageError(f"prior {prior!r} cannot be used for binary waveforms: it does not give {', '.join(missing)}.")


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
    """Luminosity distance, (n,) Mpc, at `redshift` in an `astropy.cosmology` realization by name."""
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
    parameters = to_detector_frame(samples, frame)
    for name, values in parameters.items():
        if not np.all(np.isfinite(values)):
            raise WaveformError(f"the prior drew {name} = {values[~np.isfinite(values)][0]}, which is not finite.")
    if np.any(parameters["mass_2"] > parameters["mass_1"]):
        raise WaveformError("the prior drew mass_2 > mass_1; a prior must order its masses.")
    if "luminosity_distance" not in parameters:
        parameters["luminosity_distance"] = luminosity_distance(parameters["redshift"], cosmology)
    total_mass = parameters["mass_1"] + parameters["mass_2"]
    f_low, f_ref = signal_frequencies(total_mass, minimum_frequency, reference_frequency)
    parameters["minimum_frequency"], parameters["reference_frequency"] = f_low, f_ref
    return parameters
