"""Binaries as other tools describe them: LAL's spins and inclination, the frame of the source, the sky at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.exported import ExportedSignals
    from aframe_data.types import FloatArray

_SPINS = ("spin1x", "spin1y", "spin1z", "spin2x", "spin2y", "spin2z")
_ANGLES = ("theta_jn", "phi_jl", "tilt_1", "tilt_2", "phi_12", "a_1", "a_2")


def cartesian(parameters: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The inclination and the six components of the spins, (n,) each, at each signal's reference frequency.

    ``inclination`` is the angle between the line of sight and the orbital angular momentum, as of
    ``SimInspiralTransformPrecessingNewInitialConditions``; spins along that momentum stay exactly along it.
    """
    names = (*_ANGLES, "mass_1", "mass_2", "reference_frequency", "phase")
    rows = zip(*(np.asarray(parameters[name], dtype=np.float64).tolist() for name in names), strict=True)
    values = np.array([_cartesian(dict(zip(names, row, strict=True))) for row in rows], dtype=np.float64)
    return dict(zip(("inclination", *_SPINS), values.reshape(-1, 1 + len(_SPINS)).T, strict=True))


def _cartesian(one: Mapping[str, float]) -> tuple[float, ...]:
    """Inclination and spins of one signal."""
    spins = [(one[f"a_{body}"], one[f"tilt_{body}"]) for body in (1, 2)]
    if all(a == 0 or tilt in (0, math.pi) for a, tilt in spins):
        along = [a * math.cos(tilt) for a, tilt in spins]
        return one["theta_jn"], 0.0, 0.0, along[0], 0.0, 0.0, along[1]
    found: tuple[float, ...] = lalsimulation.SimInspiralTransformPrecessingNewInitialConditions(
        *(one[name] for name in _ANGLES),
        *(one[name] * lal.MSUN_SI for name in ("mass_1", "mass_2")),
        one["reference_frequency"],
        one["phase"],
    )
    return found


def right_ascension(signals: ExportedSignals, parameters: Mapping[str, FloatArray]) -> FloatArray:
    """Right ascension, (n,) in [0, 2 pi), from the longitude that is fixed to the Earth, at each injection's time."""
    ra = np.asarray(parameters["ra"], dtype=np.float64)
    if not signals.has_true_right_ascension:
        ra = ra + sidereal_time(parameters["injection_time"])
    return np.mod(ra, 2 * np.pi)


def earth_longitude(signals: ExportedSignals, parameters: Mapping[str, FloatArray]) -> FloatArray:
    """The longitude of each source that is fixed to the Earth, (n,) in [0, 2 pi)."""
    ra = np.asarray(parameters["ra"], dtype=np.float64)
    if signals.has_true_right_ascension:
        ra = ra - sidereal_time(parameters["injection_time"])
    return np.mod(ra, 2 * np.pi)


def sidereal_time(gps: FloatArray) -> FloatArray:
    """Greenwich mean sidereal time, (n,) radians, as LAL has it."""
    return np.array([lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in gps.tolist()])


def chirp_mass(mass_1: FloatArray, mass_2: FloatArray) -> FloatArray:
    """The chirp mass, (n,), in the unit of the masses."""
    found: FloatArray = (mass_1 * mass_2) ** 0.6 / (mass_1 + mass_2) ** 0.2
    return found


def by_ifo(signals: ExportedSignals, values: FloatArray, name: str) -> dict[str, FloatArray]:
    """The columns of a parameter that has one for each interferometer: ``name_h1``, ``name_l1``."""
    ifos = [str(ifo).lower() for ifo in signals.attributes.get("ifos", ())]
    return {f"{name}_{ifo}": values[:, column] for column, ifo in enumerate(ifos)}
