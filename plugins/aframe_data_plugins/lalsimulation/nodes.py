"""Smooth functions of frequency by their values at few nodes: Chebyshev series in blocks, summed on an even grid.

The blocks' edges divide each octave below the Nyquist frequency into equal parts, wherever a signal begins or ends, so
that the polynomials on the grid are made once for many signals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

    SingleArray = NDArray[np.float32]
    #: A part of a grid and the polynomials there, (degree + 1, n).
    Piece = tuple[slice, SingleArray]

BLOCKS_PER_OCTAVE = 4
#: Octaves below the Nyquist frequency that blocks reach: to a quarter of a hertz at 16384 Hz.
_OCTAVES = 15
#: Matrices of grids kept at once; signals of one population need three or four lengths.
_GRIDS = 8
#: A part of a step by which a frequency may miss a multiple of it and still be meant as one.
_ROUNDING = 1e-9


@cache
def nodes(degree: int) -> FloatArray:
    """The nodes of a series on (-1, 1), increasing; (degree + 1,)."""
    return -np.cos((np.arange(degree + 1) + 0.5) * np.pi / (degree + 1))


@cache
def to_series(degree: int) -> SingleArray:
    """The matrix, (degree + 1, degree + 1), by which a row of values at the nodes becomes the series' coefficients."""
    matrix = 2 / (degree + 1) * np.cos(np.outer(np.arccos(nodes(degree)), np.arange(degree + 1)))
    matrix[:, 0] /= 2
    single: SingleArray = matrix.astype(np.float32)
    return single


def polynomials(points: FloatArray, degree: int) -> SingleArray:
    """The Chebyshev polynomials, (degree + 1, n), at n points of [-1, 1]."""
    values = np.empty((degree + 1, len(points)), np.float32)
    values[0], values[1] = 1, points
    twice = 2 * values[1]
    for order in range(2, degree + 1):
        np.multiply(twice, values[order - 1], out=values[order])
        values[order] -= values[order - 2]
    return values


@cache
def block_edges(nyquist: float) -> FloatArray:
    """Edges of the blocks in Hz, increasing up to the Nyquist frequency."""
    steps = np.arange(-_OCTAVES * BLOCKS_PER_OCTAVE, 1)
    edges: FloatArray = nyquist * 2.0 ** (steps / BLOCKS_PER_OCTAVE)
    return edges


def nodes_between(low: FloatArray, high: FloatArray, degree: int) -> FloatArray:
    """The nodes, (..., degree + 1), of blocks with the edges `low` and `high`, (...,) each; in their unit."""
    return (low + high)[..., np.newaxis] / 2 + (high - low)[..., np.newaxis] / 2 * nodes(degree)


@dataclass(frozen=True)
class Grid:
    """The frequencies k / `period` up to the Nyquist frequency, and the blocks among them.

    Attributes
    ----------
    nyquist
        Hz.
    period
        Seconds.
    """

    nyquist: float
    period: float

    @property
    def size(self) -> int:
        """How many frequencies there are, with zero and Nyquist's."""
        return round(self.nyquist * self.period) + 1

    def index_from(self, frequency: float) -> int:
        """Index of the first frequency that is not below one."""
        return math.ceil(frequency * self.period - _ROUNDING)

    def index_below(self, frequency: float) -> int:
        """Index of the last frequency that is not above one."""
        return int(frequency * self.period + _ROUNDING)

    def block(self, number: int, degree: int) -> Piece:
        """The grid's part in a block, from its lower edge to below its upper one, and the polynomials there."""
        return _block(self, number, degree)

    def stretch(self, low: float, high: float, degree: int) -> Piece:
        """As `block`, for a block with edges of its own, the upper one included."""
        part = slice(self.index_from(low), self.index_below(high) + 1)
        return part, self._polynomials(part, low, high, degree)

    def _polynomials(self, part: slice, low: float, high: float, degree: int) -> SingleArray:
        frequencies = np.arange(part.start, part.stop) / self.period
        return polynomials((2 * frequencies - low - high) / (high - low), degree)


@lru_cache(maxsize=3 * _GRIDS * BLOCKS_PER_OCTAVE * _OCTAVES)
def _block(grid: Grid, number: int, degree: int) -> Piece:
    low, high = block_edges(grid.nyquist)[number : number + 2]
    part = slice(grid.index_from(low), grid.index_from(high))
    return part, grid._polynomials(part, low, high, degree)
