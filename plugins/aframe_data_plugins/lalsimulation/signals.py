"""From the parameters of the file format to the arguments of LALSimulation, one signal at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import lal
import lalsimulation
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

_TIDES = ("lambda_1", "lambda_2")


class Draw(NamedTuple):
    """One signal as a prior gives it: detector-frame solar masses, radians, Mpc, Hz."""

    mass_1: float
    mass_2: float
    a_1: float
    a_2: float
    tilt_1: float
    tilt_2: float
    phi_12: float
    phi_jl: float
    theta_jn: float
    phase: float
    luminosity_distance: float
    minimum_frequency: float
    reference_frequency: float
    lambda_1: float
    lambda_2: float


class Signal(NamedTuple):
    """One signal as LALSimulation takes it: SI units, Cartesian spins at the reference frequency."""

    mass_1: float
    mass_2: float
    spin_1x: float
    spin_1y: float
    spin_1z: float
    spin_2x: float
    spin_2y: float
    spin_2z: float
    distance: float
    inclination: float
    phase: float
    minimum_frequency: float
    reference_frequency: float
    extra: lal.Dict | None

    @property
    def spins(self) -> tuple[float, ...]:
        """The six components of the spins."""
        return self[2:8]

    @property
    def binary(self) -> tuple[float, ...]:
        """The arguments that SimInspiralTD and SimInspiralChooseFDWaveform begin with.

        The last three are zero: the longitude of the ascending nodes, the eccentricity, the mean anomaly.
        """
        return (*self[:11], 0.0, 0.0, 0.0)


def draws(parameters: Mapping[str, FloatArray]) -> Iterator[Draw]:
    """The signals among arrays of parameters, (n,) each; tides are zero unless the prior gives them."""
    count = len(parameters["mass_1"])
    untidal = np.zeros(count)
    columns = [parameters.get(name, untidal) if name in _TIDES else parameters[name] for name in Draw._fields]
    # Python's own floats: LAL's wrappers take them faster than numpy's.
    return (Draw._make(row) for row in zip(*(np.asarray(column).tolist() for column in columns), strict=True))


def precesses(a: FloatArray, tilt: FloatArray) -> NDArray[np.bool_]:
    """Whether spins of magnitude `a` have a component in the orbital plane, (n,)."""
    in_plane: NDArray[np.bool_] = (a != 0) & (tilt != 0) & (tilt != math.pi)
    return in_plane


def to_lal(draw: Draw) -> Signal:
    """Convert units and spins.

    The spins of a precessing system go through SimInspiralTransformPrecessingNewInitialConditions at the
    signal's own reference frequency, the one at which the model is told to take them. As in bilby's
    ``bilby_to_lalsimulation_spins``, spins along the orbital angular momentum are projected directly, so
    that their components in the plane are exactly zero and the inclination is exactly theta_jn.
    """
    mass_1, mass_2 = draw.mass_1 * lal.MSUN_SI, draw.mass_2 * lal.MSUN_SI
    if _in_plane(draw.a_1, draw.tilt_1) or _in_plane(draw.a_2, draw.tilt_2):
        inclination, *spin = lalsimulation.SimInspiralTransformPrecessingNewInitialConditions(
            draw.theta_jn,
            draw.phi_jl,
            draw.tilt_1,
            draw.tilt_2,
            draw.phi_12,
            draw.a_1,
            draw.a_2,
            mass_1,
            mass_2,
            draw.reference_frequency,
            draw.phase,
        )
    else:
        inclination = draw.theta_jn
        spin = [0.0, 0.0, draw.a_1 * math.cos(draw.tilt_1), 0.0, 0.0, draw.a_2 * math.cos(draw.tilt_2)]
    return Signal(
        mass_1=mass_1,
        mass_2=mass_2,
        spin_1x=spin[0],
        spin_1y=spin[1],
        spin_1z=spin[2],
        spin_2x=spin[3],
        spin_2y=spin[4],
        spin_2z=spin[5],
        distance=draw.luminosity_distance * 1e6 * lal.PC_SI,
        inclination=inclination,
        phase=draw.phase,
        minimum_frequency=draw.minimum_frequency,
        reference_frequency=draw.reference_frequency,
        extra=_tides(draw.lambda_1, draw.lambda_2),
    )


def _in_plane(a: float, tilt: float) -> bool:
    return a != 0 and tilt not in (0, math.pi)


def _tides(lambda_1: float, lambda_2: float) -> lal.Dict | None:
    if lambda_1 == lambda_2 == 0:
        return None
    extra = lal.CreateDict()
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda1(extra, lambda_1)
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda2(extra, lambda_2)
    return extra
