"""A rough spectrum of any binary, of hundreds at once: how loud it is for those who see it face on, and for us.

A binary's dominant mode is loudest along the orbital angular momentum, so that no inclination and no precession makes
a signal louder than face on; higher modes, which are no part of it, add least there. Spins are taken as if they lay
along the orbit, however they lie, since that gives the loudest merger: the remnant of spins in the plane is faster
than that of their components along the orbit, by up to a third in SNR where masses are unequal. The amplitude is
IMRPhenomXAS's, from a table over mass ratio, spin and frequency times mass, made by LALSimulation once in a process.
Models differ from it by some per cent: who uses a sketch has to find out by how much.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np

from aframe_data.types import Sketch
from aframe_data_plugins.lalsimulation.sequence import at_frequencies
from aframe_data_plugins.lalsimulation.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

#: The table: logarithms of mass ratios, spins of both bodies, and logarithms of frequency times mass (G = c = 1).
_RATIOS = np.linspace(0, np.log(64), 14)
_SPINS = np.linspace(0, 0.998, 13)
_FREQUENCIES = np.linspace(np.log(1e-4), np.log(0.2999), 120)

#: The binary that it is made of, in solar masses and Mpc; amplitudes go as the mass squared over the distance.
_MASS, _DISTANCE = 50.0, 1000.0
#: Taken in place of an amplitude of zero, so that it has a logarithm.
_SILENCE = 1e-40
#: Amplitudes of an inspiral go as this power of the frequency, which is taken out before they are interpolated.
_SLOPE = -7 / 6


def sketch_of(parameters: Mapping[str, FloatArray], frequencies: FloatArray) -> Sketch:
    """Sketch n binaries.

    Parameters
    ----------
    parameters
        As for `LALSimulation.generate`, (n,) each.
    frequencies
        (k,) Hz, positive and increasing.
    """
    mass_1, mass_2 = parameters["mass_1"], parameters["mass_2"]
    mass = mass_1 + mass_2
    spin = (mass_1**2 * parameters["a_1"] + mass_2**2 * parameters["a_2"]) / (mass_1**2 + mass_2**2)
    ratio, ratio_share = _place(np.log(mass_1 / mass_2), _RATIOS)
    spins, spin_share = _place(spin, _SPINS)
    rows = np.zeros((len(mass), len(_FREQUENCIES)))
    for nearer_ratio, weight in ((ratio, 1 - ratio_share), (ratio + 1, ratio_share)):
        for nearer_spin, share in ((spins, 1 - spin_share), (spins + 1, spin_share)):
            rows += (weight * share)[:, None] * _table()[nearer_ratio, nearer_spin]
    scaled = np.log(lal.MTSUN_SI * mass[:, None] * frequencies)
    place, above = _place(scaled, _FREQUENCIES)
    logarithm = (1 - above) * np.take_along_axis(rows, place, 1) + above * np.take_along_axis(rows, place + 1, 1)
    scale = np.sqrt(mass_1 * mass_2) * mass / _MASS**2 * _DISTANCE / parameters["luminosity_distance"]
    amplitude = scale[:, None] * np.exp(logarithm + _SLOPE * scaled)
    amplitude[scaled > _FREQUENCIES[-1]] = 0
    inclination = np.cos(parameters["theta_jn"])
    return Sketch(amplitude, plus=(1 + inclination**2) / 2 + 0j, cross=1j * inclination)


def _place(values: FloatArray, points: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """The interval of evenly spaced points in which each value lies, and how far in it, 0 to 1; the ends beyond."""
    position = np.clip((values - points[0]) / (points[1] - points[0]), 0, len(points) - 1)
    left = np.minimum(position.astype(np.intp), len(points) - 2)
    return left, position - left


@cache
def _table() -> FloatArray:
    """Logarithms of amplitudes, without the power of the frequency and the root of m_1 m_2 / M²."""
    frequencies = np.exp(_FREQUENCIES) / (_MASS * lal.MTSUN_SI)
    table = np.empty((len(_RATIOS), len(_SPINS), len(_FREQUENCIES)))
    for row, ratio in zip(table, np.exp(_RATIOS), strict=True):
        mass_1, mass_2 = _MASS * ratio / (1 + ratio), _MASS / (1 + ratio)
        slope = _SLOPE * _FREQUENCIES + np.log(mass_1 * mass_2 / _MASS**2) / 2
        for amplitudes, spin in zip(row, _SPINS, strict=True):
            binary = Signal(
                mass_1=mass_1 * lal.MSUN_SI,
                mass_2=mass_2 * lal.MSUN_SI,
                **dict.fromkeys(("spin_1x", "spin_1y", "spin_2x", "spin_2y", "inclination", "phase"), 0.0),
                spin_1z=spin,
                spin_2z=spin,
                distance=_DISTANCE * 1e6 * lal.PC_SI,
                minimum_frequency=frequencies[0],
                reference_frequency=50.0,
                extra=None,
            )
            plus, _ = at_frequencies(binary, lalsimulation.IMRPhenomXAS, frequencies, binary.extra)
            amplitudes[:] = np.log(np.maximum(np.abs(plus), _SILENCE)) - slope
    return table
