"""The blocks of frequency that some signals span, and what the series in them miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aframe_data_plugins.lalsimulation.nodes import BLOCKS_PER_OCTAVE, block_edges, nodes_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.types import FloatArray
    from aframe_data_plugins.lalsimulation.nodes import Grid, Piece, SingleArray

#: A last block narrower than this part of a whole one is joined to the one before it.
_SLIVER = 0.3

#: Blocks are made again whose error exceeds these shares of the whole: of the root of the whitened power, and of
#: the area under the amplitude, which bounds the series in time.
_POWER_SHARE = 1e-3
_AREA_SHARE = 3e-4
#: A polarization this much weaker than the other, in power, is judged as if it were not: what there is of it is
#: rounding.
_FAINT = 1e-10


@dataclass(frozen=True)
class Blocks:
    """Blocks from number `first` of a grid on, as many as the signals span together.

    Attributes
    ----------
    grid, first
        Whose blocks they are, and from which one on.
    low, high
        Edges in Hz: (blocks,), and (signals, blocks), since the last block of a signal ends where its model does.
    begin, last
        Index of the first and of the last block of each signal, (signals,).
    """

    grid: Grid
    first: int
    low: FloatArray
    high: FloatArray
    begin: NDArray[np.intp]
    last: NDArray[np.intp]

    @classmethod
    def between(cls, starts: FloatArray, tops: FloatArray, grid: Grid) -> Blocks:
        """The blocks of signals from `starts` to `tops`, (signals,) each, in Hz."""
        edges = block_edges(grid.nyquist)
        begin = np.searchsorted(edges, starts, "right") - 1
        last = np.maximum(np.searchsorted(edges, tops) - 1, begin)
        narrow = tops - edges[last] < _SLIVER * (edges[last + 1] - edges[last])
        last -= narrow & (last > begin)
        first, stop = int(begin.min()), int(last.max()) + 1
        high = np.tile(edges[first + 1 : stop + 1], (len(starts), 1))
        high[np.arange(len(starts)), last - first] = tops
        return cls(grid, first, edges[first:stop], high, begin - first, last - first)

    def of(self, signal: int) -> slice:
        """The blocks of one signal."""
        return slice(int(self.begin[signal]), int(self.last[signal]) + 1)

    def nodes(self, degree: int) -> FloatArray:
        """Hz, (signals, blocks, degree + 1)."""
        return nodes_between(np.broadcast_to(self.low, self.high.shape), self.high, degree)

    def polynomials(self, signal: int, number: int, degree: int) -> Piece:
        """The grid's part in a block as one signal has it, and the polynomials there."""
        if number == self.last[signal]:
            return self.grid.stretch(self.low[number], self.high[signal, number], degree)
        return self.grid.block(self.first + number, degree)

    @property
    def widths(self) -> FloatArray:
        """Steps of the grid in each block, (signals, blocks)."""
        return (self.high - self.low) * self.grid.period

    @property
    def weights(self) -> FloatArray:
        """One over the noise of an advanced detector, about, in each block, (blocks,)."""
        middle = self.low * 2 ** (0.5 / BLOCKS_PER_OCTAVE)
        weights: FloatArray = 1 / ((middle / 40.0) ** -8 + 1 + (middle / 200.0) ** 2)
        return weights


class Errors(NamedTuple):
    """Estimates of what interpolation misses of some spectra, (signals,) each; infinite of those that were refused.

    Attributes
    ----------
    whitened
        The larger one of plus and cross: the norm of the error by that of the polarization, both weighted with the
        noise of an advanced detector.
    area
        The area under the error's amplitude over frequency, in steps of the grid: the root of the sum of the blocks'
        squares.
    """

    whitened: FloatArray
    area: FloatArray


class Certificate:
    """What the last coefficients say of the blocks of some signals, of plus and cross apart.

    Parameters
    ----------
    series
        (signals, blocks, rows, degree + 1), with plus and cross in turn as rows; zero where a signal has no block.
    blocks
        Theirs.
    """

    def __init__(self, series: SingleArray, blocks: Blocks) -> None:
        squares = np.square(series).sum(axis=-1)
        squares += np.square(series[..., 0])
        squares /= 2
        power = _of_polarizations(squares)
        # All (signals, blocks, 2): square of what is missing at a frequency, and what it counts in the block.
        self._missing = _missing(series)
        self._widths = blocks.widths[..., np.newaxis]
        self._weighted = self._widths * blocks.weights[..., np.newaxis]
        whole = (power * self._weighted).sum(axis=1)
        self._power = np.maximum(whole, _FAINT * whole.max(axis=-1, keepdims=True))
        area = (np.sqrt(power) * self._widths).sum(axis=1)
        area = np.maximum(area, np.sqrt(_FAINT) * area.max(axis=-1, keepdims=True))
        count = (blocks.last - blocks.begin + 1)[:, np.newaxis, np.newaxis]
        self._allowed = np.minimum(
            _POWER_SHARE**2 * self._power[:, np.newaxis] / count / self._weighted,
            (_AREA_SHARE * area[:, np.newaxis] / self._widths) ** 2,
        )

    def insufficient(self, signal: int) -> NDArray[np.intp]:
        """The numbers of the blocks of a signal that miss too much."""
        return np.flatnonzero(~(self._missing[signal] <= self._allowed[signal]).all(axis=-1))

    def replace(self, signal: int, numbers: NDArray[np.intp], series: SingleArray) -> None:
        """Judge some blocks of a signal anew, by their series, (numbers, rows, finer degree + 1)."""
        self._missing[signal, numbers] = _missing(series)

    @property
    def errors(self) -> Errors:
        """The estimates."""
        with np.errstate(divide="ignore", invalid="ignore"):  # of signals without any power
            whitened = np.sqrt((self._missing * self._weighted).sum(axis=1) / self._power)
        area = np.sqrt((self._missing * self._widths**2).sum(axis=1))
        return Errors(whitened.max(axis=-1), area.max(axis=-1))


def _missing(series: SingleArray) -> FloatArray:
    """The square of the larger one of the last two coefficients, (..., 2) for (..., rows, degree + 1)."""
    last, before = series[..., -1], series[..., -2]
    return _of_polarizations(np.maximum(last * last, before * before))


def _of_polarizations(squares: SingleArray) -> FloatArray:
    """Sums over the rows, (..., rows), that belong to plus and to cross: (..., 2)."""
    sums: FloatArray = squares.reshape(*squares.shape[:-1], -1, 2).sum(axis=-2, dtype=float)
    return sums
