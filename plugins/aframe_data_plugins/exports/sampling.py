"""The density that signals were drawn with, as populations and rates are estimated with: over masses, redshift, spins.

A prior's density is over all parameters. Where the angles of the sky, of the orbit and around it are isotropic, as the
files of LIGO-Virgo-KAGRA have them, their part is known and taken out, and the rest is a density of Cartesian spins.
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
        a, tilt = parameters[f"a_{body}"], parameters[f"tilt_{body}"]
        # The volume of a shell of the spin, per magnitude and tilt, with any azimuth.
        found = found - np.log(_TURN * a**2 * np.sin(tilt))
    return found


def _isotropic(parameters: Mapping[str, FloatArray]) -> FloatArray:
    """The logarithm of the density of isotropic angles, (n,)."""
    uniform = -sum(np.log(width) for width in _UNIFORM.values())
    found: FloatArray = uniform + np.log(np.cos(parameters["dec"]) / 2) + np.log(np.sin(parameters["theta_jn"]) / 2)
    return found
