"""The phase that a binary's spectrum turns with, in closed form: a smooth function is left when it is taken out.

The phase of the (2, 2) mode of IMRPhenomXAS is fitted, by least squares, with powers of frequency like those of the
post-Newtonian series. That of the modes with another m is m/2 times the same at 2/m of the frequency, which is another
set of coefficients. Nothing depends on how good the fit is but the number of nodes that the rest needs.

Source of the model: Pratten et al., Phys. Rev. D 102, 064001 (2020).
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np

from aframe_data_plugins.lalsimulation.nodes import block_edges, nodes_between

if TYPE_CHECKING:
    from aframe_data.types import FloatArray
    from aframe_data_plugins.lalsimulation.blocks import Blocks
    from aframe_data_plugins.lalsimulation.nodes import Grid, SingleArray
    from aframe_data_plugins.lalsimulation.signals import Signal

#: The phase is a sum of these powers of frequency and a logarithm.
_POWERS = np.array([-5 / 3, -1, -2 / 3, -1 / 3, 1 / 3, 2 / 3, 1, 0])
_CONSTANT = 7
#: Terms of the phase; the last one is the logarithm.
TERMS = len(_POWERS) + 1
#: What a factor of frequency does to each: the logarithm keeps its own, and adds to the constant.
_EXPONENTS = np.append(_POWERS, 0.0)
#: Hz; coefficients belong to frequencies in this unit.
_UNIT = 50.0
#: Frequencies, even in their logarithm, at which the model is asked for its phase.
_FITTED = 48
_CUT_OFF = 1e-13
#: Grids whose terms are kept.
_GRIDS = 8


def terms(frequencies: FloatArray) -> FloatArray:
    """The functions whose sum the phase is, (TERMS, ...), at frequencies in Hz."""
    logarithm = np.log(frequencies / _UNIT)
    values: FloatArray = np.multiply.outer(np.append(_POWERS, 1.0), logarithm)
    np.exp(values[:-1], out=values[:-1])
    return values


@cache
def _only_phase() -> lal.Dict:
    options = lal.CreateDict()
    lalsimulation.SimInspiralWaveformParamsInsertPhenomXOnlyReturnPhase(options, 1)
    return options


@cache
def _fit(half_octaves: int) -> tuple[FloatArray, FloatArray]:
    """Frequencies up to `_UNIT` over so many half octaves, and the matrix from phases there to coefficients."""
    frequencies = _UNIT * 2.0 ** np.linspace(-half_octaves / 2, 0, _FITTED)
    return frequencies, np.linalg.pinv(terms(frequencies).T, rcond=_CUT_OFF)


def coefficients(signal: Signal, low: float, high: float) -> FloatArray:
    """Fit the phase of IMRPhenomXAS between two frequencies in Hz: coefficients of `terms`, (TERMS,)."""
    frequencies, fit = _fit(max(2, math.ceil(2 * math.log2(high / low))))
    sequence = lal.CreateREAL8Sequence(_FITTED)
    sequence.data = frequencies * (high / _UNIT)
    phases = lalsimulation.SimIMRPhenomXASFrequencySequence(
        sequence,
        signal.mass_1,
        signal.mass_2,
        signal.spin_1z,
        signal.spin_2z,
        signal.distance,
        0.0,
        signal.reference_frequency,
        _only_phase(),
    )
    return _stretched(fit @ phases.data.data.real, _UNIT / high)


def of_modes(phase: FloatArray, orders: FloatArray) -> FloatArray:
    """The coefficients, (..., orders, TERMS), of modes with these m from those of the (2, 2) mode, (..., TERMS)."""
    return _stretched(phase[..., np.newaxis, :], 2 / orders) * (orders / 2)[:, np.newaxis]


def at_blocks(phases: FloatArray, blocks: Blocks, degree: int) -> FloatArray:
    """The phases at the nodes, (signals, orders, blocks, degree + 1), from coefficients, (signals, orders, TERMS)."""
    shared = _terms_at_nodes(blocks.grid.nyquist, degree)[:, blocks.first : blocks.first + len(blocks.low)]
    angles: FloatArray = np.einsum("sok,kbn->sobn", phases, shared)
    each = np.arange(len(phases))
    ends = nodes_between(blocks.low[blocks.last], blocks.high[each, blocks.last], degree)
    angles[each, :, blocks.last] = np.einsum("sok,ksn->son", phases, terms(ends))
    return angles


def on_grid(phases: FloatArray, grid: Grid, where: slice) -> SingleArray:
    """The phases in a part of a grid, less whole turns, (orders, n), from coefficients, (orders, TERMS)."""
    turns = np.einsum("ok,kn->on", phases, _turns_on_grid(grid)[:, where])
    turns -= np.rint(turns)
    angles: SingleArray = turns.astype(np.float32)
    angles *= np.float32(2 * np.pi)
    return angles


@cache
def _terms_at_nodes(nyquist: float, degree: int) -> FloatArray:
    """`terms` at the nodes of every block below a Nyquist frequency, (TERMS, blocks, degree + 1)."""
    edges = block_edges(nyquist)
    return terms(nodes_between(edges[:-1], edges[1:], degree))


@lru_cache(maxsize=_GRIDS)
def _turns_on_grid(grid: Grid) -> FloatArray:
    """`terms` at the frequencies of a grid in units of a whole turn, (TERMS, size); those at zero are of no use."""
    frequencies = np.arange(grid.size) / grid.period
    frequencies[0] = 1 / grid.period
    return terms(frequencies) / (2 * np.pi)


def _stretched(phase: FloatArray, factor: FloatArray | float) -> FloatArray:
    """The coefficients, (..., TERMS), of a phase at `factor` times each frequency."""
    result: FloatArray = phase * np.power.outer(factor, _EXPONENTS)
    result[..., _CONSTANT] += phase[..., -1] * np.log(factor)
    return result
