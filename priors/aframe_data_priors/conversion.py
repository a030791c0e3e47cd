"""From whatever a bilby prior draws (chirp_mass, mass_ratio, luminosity_distance, chi_1, …) to base parameters.

bilby's own conversion does the work; here are the frame, the cosmology and what bilby leaves undone. The
draws themselves are made elsewhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from astropy import cosmology as cosmologies
from astropy import units
from scipy.interpolate import CubicSpline

from aframe_data.errors import UsageError
from aframe_data_priors.bilby_library import bilby
from aframe_data_priors.drawing import Samples, columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.plugin.records import Frame
    from aframe_data.types import FloatArray

_SOURCE = "_source"
_MASSES = ("mass_1", "mass_2", "chirp_mass", "total_mass")
_TIDAL_PREFIXES = ("lambda_", "delta_lambda", "eos_")
_EQUATION_OF_STATE = "eos_"

#: The table by which distance becomes redshift: 1e-8 to 1e3, in steps of 0.01 in ln z.
_TABLE_REDSHIFTS = np.exp(np.arange(np.log(1e-8), np.log(1e3), 0.01))


def convert(samples: Samples, *, frame: Frame, cosmology: str) -> Samples:
    """Add to a draw all that follows from it.

    Parameters
    ----------
    samples
        Drawn parameters, (n,) each, by bilby's names.
    frame
        The frame in which masses without ``_source`` are given. Masses with ``_source`` are always of the
        source frame: where `frame` is ``"source"`` the ending says nothing new, else they are multiplied by
        (1 + redshift).
    cosmology
        Name of an `astropy.cosmology` realization; bilby's default must be the same
        (`aframe_data_priors.bilby_library.process_state`).

    Returns
    -------
    dict
        The draw, and what bilby makes of it, (n,) float64: component masses (and chirp_mass, mass_ratio, … of
        them) in `frame`, redshift, luminosity_distance (Mpc), a and tilt of aligned spins (tilt 0 or pi),
        phi_12 = phi_jl = 0 where they were not drawn, lambda_1 and lambda_2 where a tide was drawn; and, for
        constraints, masses with ``_source``. NaN where two drawn masses contradict each other.

    Raises
    ------
    UsageError
        A distance that no redshift belongs to, or a combination that cannot be converted.
    """
    size = len(next(iter(samples.values())))
    given = dict(samples)
    if frame == "source":
        given = _without_source_endings(given)
    given = _with_redshift(given, cosmology)
    conversion = bilby.gw.conversion
    tidal = any(name.startswith(_TIDAL_PREFIXES) for name in given)
    to_lal = (
        conversion.convert_to_lal_binary_neutron_star_parameters
        if tidal
        else conversion.convert_to_lal_binary_black_hole_parameters
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        converted, _ = to_lal(given)
        if "mass_1" in converted and "mass_2" in converted:
            converted = conversion.generate_mass_parameters(converted)
    complete = columns(converted, size)
    stretch = 1.0 if frame == "source" else 1 + complete.get("redshift", np.full(size, np.nan))
    source_masses = {name + _SOURCE: complete[name] / stretch for name in _MASSES if name in complete}
    return source_masses | complete


def _without_source_endings(samples: Samples) -> Samples:
    if any(name.startswith(_EQUATION_OF_STATE) for name in samples):
        raise UsageError(
            "a prior in the source frame cannot draw an equation of state: draw lambda_1 and lambda_2, "
            "or masses in the detector frame."
        )
    renamed: Samples = {}
    for name, values in samples.items():
        bare = name.removesuffix(_SOURCE)
        if bare in renamed or (bare != name and bare in samples):
            raise UsageError(
                f"the prior draws both {bare} and {bare}{_SOURCE}, although its frame is source: leave one."
            )
        renamed[bare] = values
    return renamed


def _with_redshift(samples: Samples, cosmology: str) -> Samples:
    if "redshift" in samples:
        return samples
    for name in ("luminosity_distance", "comoving_distance"):
        if name in samples:
            return samples | {"redshift": distance_to_redshift(samples[name], name, cosmology)}
    return samples


def distance_to_redshift(distance: FloatArray, kind: str, cosmology: str) -> FloatArray:
    """Redshift, (n,), at a distance in Mpc, to a relative 1e-8.

    ``bilby.gw.conversion`` solves for each signal by itself, at 5 ms each; a spline of ln z over ln(distance)
    is ten thousand times faster.

    Parameters
    ----------
    distance
        (n,) Mpc.
    kind
        ``"luminosity_distance"`` or ``"comoving_distance"``.
    cosmology
        Name of an `astropy.cosmology` realization.

    Raises
    ------
    UsageError
        A distance outside what redshifts of 1e-8 to 1e3 cover.
    """
    table, nearest, farthest = _redshift_table(kind, cosmology)
    wrong = ~((distance >= nearest) & (distance <= farthest))
    if np.any(wrong):
        raise UsageError(
            f"the prior drew {kind} = {distance[wrong][0]:g} Mpc; "
            f"only {nearest:.1g} to {farthest:.1g} Mpc have a redshift in {cosmology}."
        )
    redshift: FloatArray = np.exp(table(np.log(distance)))
    return redshift


@lru_cache(maxsize=8)
def _redshift_table(kind: str, cosmology: str) -> tuple[Callable[[FloatArray], FloatArray], float, float]:
    model = getattr(cosmologies, cosmology)
    distances = getattr(model, kind)(_TABLE_REDSHIFTS).to_value(units.Mpc)
    return CubicSpline(np.log(distances), np.log(_TABLE_REDSHIFTS)), float(distances[0]), float(distances[-1])
