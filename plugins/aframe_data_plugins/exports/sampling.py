"""The density that signals were drawn with, as populations and rates are estimated with: over masses, redshift, spins.

A prior's density is over all parameters. Where the angles of the sky, of the orbit and around it are isotropic, as the
files of LIGO-Virgo-KAGRA have them, their part is known and taken out, and the rest is a density of Cartesian spins.
Readers that leave the spins out, or replace them, need masses and redshift by themselves: they are factors of it where
the prior draws them independently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.exported import ExportedSignals
    from aframe_data.types import FloatArray

_TURN = 2 * np.pi
_UNIFORM = {"ra": _TURN, "phase": _TURN, "phi_12": _TURN, "phi_jl": _TURN, "psi": np.pi}
_KEPT = frozenset({"mass_1", "mass_2", "redshift", "a_1", "a_2", "tilt_1", "tilt_2"})
#: By how much densities of other angles may differ from what isotropy says, in the logarithm.
_ROUNDING = 1e-6


def ln_sampling(signals: ExportedSignals, parameters: Mapping[str, FloatArray]) -> FloatArray:
    """The logarithm of the density over (mass_1, mass_2, redshift, spin 1, spin 2), source frame, Cartesian, (n,).

    Raises
    ------
    UsageError
        The prior says no density, fixes a parameter, or does not have these angles isotropic.
    """
    angles = {*_UNIFORM, "dec", "theta_jn"}
    if {*signals.prior_variables} != _KEPT | angles:
        raise UsageError("the prior does not draw all masses, spins and angles of a binary.")
    density = signals.ln_prior(parameters)
    rng = np.random.default_rng(0)
    count = len(density)
    turned = {name: rng.uniform(0, width, count) for name, width in _UNIFORM.items()}
    turned |= {"dec": np.arcsin(rng.uniform(-1, 1, count)), "theta_jn": np.arccos(rng.uniform(-1, 1, count))}
    known = _isotropic(parameters)
    if not np.allclose(
        signals.ln_prior({**parameters, **turned}) - _isotropic({**parameters, **turned}),
        density - known,
        atol=_ROUNDING,
    ):
        raise UsageError("the prior's angles are not isotropic.")
    found: FloatArray = density - known
    for body in (1, 2):
        # With any azimuth.
        found = found - np.log(_TURN) - ln_polar(parameters, body)
    return found


def ln_polar(parameters: Mapping[str, FloatArray], body: int) -> FloatArray:
    """The logarithm of the volume of a body's Cartesian spin per magnitude, polar angle and azimuth, (n,)."""
    found: FloatArray = np.log(parameters[f"a_{body}"] ** 2 * np.sin(parameters[f"tilt_{body}"]))
    return found


def ln_spin(
    factors: Mapping[tuple[str, ...], FloatArray], parameters: Mapping[str, FloatArray], body: int
) -> FloatArray:
    """The logarithm of the density of a body's Cartesian spin alone, (n,), where azimuths are uniform.

    Errors as of `ln_factor`.
    """
    found: FloatArray = ln_factor(factors, f"a_{body}", f"tilt_{body}") - np.log(_TURN) - ln_polar(parameters, body)
    return found


def ln_factor(factors: Mapping[tuple[str, ...], FloatArray], *variables: str) -> FloatArray:
    """The logarithm of the density of some variables alone, (n,), of all factors of a density.

    Raises
    ------
    UsageError
        They are not drawn, or not independently of the others.
    """
    names = {*variables}
    found = {of: values for of, values in factors.items() if names & {*of}}
    together = {name for of in found for name in of}
    if missing := sorted(names - together):
        raise UsageError(f"the prior does not draw {', '.join(missing)}.")
    if others := sorted(together - names):
        told = ", ".join(sorted(names))
        raise UsageError(f"in the frame of the source, {told} are not independent of {', '.join(others)} in the prior.")
    total: FloatArray = sum(found.values(), np.zeros(1))
    return total


def _isotropic(parameters: Mapping[str, FloatArray]) -> FloatArray:
    """The logarithm of the density of isotropic angles, (n,)."""
    uniform = -sum(np.log(width) for width in _UNIFORM.values())
    found: FloatArray = uniform + np.log(np.cos(parameters["dec"]) / 2) + np.log(np.sin(parameters["theta_jn"]) / 2)
    return found
