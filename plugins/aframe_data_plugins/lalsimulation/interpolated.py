"""Spectra of models at few nodes, interpolated to the grid, with an estimate of the error that comes with each.

A model is evaluated at some two hundred frequencies instead of at ten thousand. What varies fast, the phase of each
order m of the modes, is taken out by `carrier` before and put back after the interpolation. The last coefficients of
the Chebyshev series of each block say how much is missing; blocks that miss too much are made again with more nodes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import lal
import lalsimulation
import numpy as np

from aframe_data_plugins.lalsimulation import carrier
from aframe_data_plugins.lalsimulation.blocks import Blocks, Certificate, Errors
from aframe_data_plugins.lalsimulation.messages import LAL_ERRORS
from aframe_data_plugins.lalsimulation.nodes import nodes_between, to_series
from aframe_data_plugins.lalsimulation.sequence import at_frequencies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aframe_data.types import ComplexArray, FloatArray
    from aframe_data_plugins.lalsimulation.approximants import Approximant
    from aframe_data_plugins.lalsimulation.nodes import Grid, Piece, SingleArray
    from aframe_data_plugins.lalsimulation.signals import Signal

    Spectra = NDArray[np.complex64]

#: Spectra are made in this unit, which keeps single precision away from its smallest numbers.
UNIT = 1e-21

#: Degree of the series in each block: see docs/interpolation.png for what others cost, and miss.
DEGREE = 8
#: Orders m of the modes, of all signals, that are interpolated together.
_TOGETHER = 16
#: Models are asked below their last frequency and phases within their range, not at the very end.
_WITHIN = 0.999999

#: The modes of a model, by their order m, each with those of the opposite sign.
_HIGHER_MODES = ((2, ((2, 2), (3, 2))), (1, ((2, 1),)), (3, ((3, 3),)), (4, ((4, 4),)))


class _Traits(NamedTuple):
    """What is particular to a model: its modes, by order, or None for m = 2 alone; and G M f / c³ where it ends."""

    modes: tuple[tuple[int, tuple[tuple[int, int], ...]], ...] | None
    last: float


#: The models that are interpolated. benchmarks/interpolation.py measures them, and the tests hold them to it. Tidal
#: ones are not among them: windows of two seconds lost up to a quarter of the overlap with the whole signal.
_MODELS = {
    "IMRPhenomD": _Traits(None, 0.2),
    "IMRPhenomPv2": _Traits(None, 0.2),
    "IMRPhenomXAS": _Traits(None, 0.3),
    "IMRPhenomXHM": _Traits(_HIGHER_MODES, 0.3),
    "IMRPhenomXP": _Traits(None, 0.3),
    "IMRPhenomXPHM": _Traits(_HIGHER_MODES, 0.3),
}
#: Heavier mass over lighter: beyond it, most of the models refuse to be evaluated, but not at chosen frequencies.
_MOST_UNEQUAL = 1000
#: G M f / c³ up to which IMRPhenomXAS has a phase.
_LAST_PHASE = 0.3


def can_interpolate(model: Approximant) -> bool:
    """Whether spectra of a model can be interpolated."""
    return model.name in _MODELS


class InterpolatedModel:
    """A model of the frequency domain, interpolated.

    Parameters
    ----------
    model
        One that `can_interpolate`.
    degree
        Of the series in each block; blocks that need it have two or four times as much.

    Attributes
    ----------
    loudest_at_zero
        As the model has it.
    """

    def __init__(self, model: Approximant, degree: int = DEGREE) -> None:
        self._number = model.number
        self.loudest_at_zero = model.loudest_at_zero
        self._degree, self._finer_degrees = degree, (2 * degree, 4 * degree)
        traits = _MODELS[model.name]
        self._last = traits.last
        groups = traits.modes or ((2, None),)
        self._orders = np.array([order for order, _ in groups], dtype=float)
        self._options = [modes and _mode_options(modes) for _, modes in groups]

    def takes(self, signal: Signal) -> bool:
        """Whether a signal may be interpolated.

        Of exactly equal masses, LALSimulation's evaluation at chosen frequencies differs from that on its own grid
        where there are higher modes, by up to a tenth; and modes are chosen by options, where tides would be too.
        """
        lighter, heavier = sorted((signal.mass_1, signal.mass_2))
        if heavier > _MOST_UNEQUAL * lighter:
            return False
        return len(self._orders) == 1 or (lighter != heavier and signal.extra is None)

    def spectra(self, signals: Sequence[Signal], starts: Sequence[float], grid: Grid, out: Spectra) -> Errors:
        """Fill in the spectra of some signals.

        Parameters
        ----------
        signals
            The binaries.
        starts
            Hz; the spectra are zero below.
        grid
            Where.
        out
            (signals, 2, grid.size) plus and cross, strain per hertz in `UNIT`.
        """
        errors = []
        together = max(1, _TOGETHER // len(self._orders))
        for first in range(0, len(signals), together):
            some = slice(first, first + together)
            errors.append(self._some(signals[some], np.array(starts[some]), grid, out[some]))
        return Errors(*map(np.concatenate, zip(*errors, strict=True)))

    def _some(self, signals: Sequence[Signal], starts: FloatArray, grid: Grid, out: Spectra) -> Errors:
        masses = np.array([signal.mass_1 + signal.mass_2 for signal in signals]) / lal.MSUN_SI * lal.MTSUN_SI
        tops = np.minimum(_WITHIN * self._last / masses, grid.nyquist)
        blocks = Blocks.between(starts, tops, grid)
        nodes = blocks.nodes(self._degree)
        spectra = np.zeros((len(signals), len(self._orders), 2, *nodes.shape[1:]), np.complex128)
        phases, refused = np.zeros((len(signals), carrier.TERMS)), np.zeros(len(signals), dtype=bool)
        for index, signal in enumerate(signals):
            highest = min(2 * tops[index], _WITHIN * _LAST_PHASE / masses[index])
            try:
                phases[index] = carrier.coefficients(signal, starts[index] / 2, highest)
                spectra[index, :, :, blocks.of(index)] = self._at(signal, nodes[index, blocks.of(index)])
            except LAL_ERRORS:
                refused[index] = True
        turns = carrier.of_modes(phases, self._orders)
        series = _series(spectra, carrier.at_blocks(turns, blocks, self._degree), blocks)
        certificate = Certificate(series, blocks)
        parts = np.zeros((*series.shape[::2], grid.size), np.float32)
        for number in range(series.shape[1]):
            _sum_up(series[:, number], grid.block(blocks.first + number, self._degree), parts)
        for index, last in enumerate(blocks.last):
            finer = {int(last): series[index, last]}
            try:
                finer |= self._finer(signals[index], turns[index], index, blocks, certificate)
            except LAL_ERRORS:
                refused[index] = True
            for number, block in finer.items():
                _sum_up(block, blocks.polynomials(index, number, block.shape[-1] - 1), parts[index])
            shown = slice(int(starts[index] * grid.period), grid.index_below(tops[index]) + 1)
            _put_together(parts[index, :, shown], carrier.on_grid(turns[index], grid, shown), shown, out[index])
        errors = certificate.errors
        errors.whitened[refused] = np.inf
        return errors

    def _at(self, signal: Signal, nodes: FloatArray) -> ComplexArray:
        """The model at nodes, (blocks, degree + 1), in Hz: (orders, plus and cross, blocks, degree + 1)."""
        spectra = [
            at_frequencies(signal, self._number, nodes.ravel(), options or signal.extra) for options in self._options
        ]
        return np.reshape(spectra, (len(self._orders), 2, *nodes.shape))

    def _finer(
        self,
        signal: Signal,
        turns: FloatArray,
        index: int,
        blocks: Blocks,
        certificate: Certificate,
    ) -> dict[int, SingleArray]:
        """The series, by the number of the block, of those blocks of a signal that need more nodes; LAL's errors."""
        found: dict[int, SingleArray] = {}
        for degree in self._finer_degrees:
            bad = certificate.insufficient(index)
            if not len(bad):
                break
            nodes = nodes_between(blocks.low[bad], blocks.high[index, bad], degree)
            angles = np.tensordot(turns, carrier.terms(nodes), axes=1)
            series = _series(self._at(signal, nodes)[np.newaxis], angles[np.newaxis])[0]
            certificate.replace(index, bad, series)
            found |= dict(zip(bad.tolist(), series, strict=True))
        return found


def _series(spectra: ComplexArray, angles: FloatArray, blocks: Blocks | None = None) -> SingleArray:
    """The series of spectra without their phases: (signals, blocks, rows, degree + 1).

    Spectra are (signals, orders, plus and cross, blocks, degree + 1), phases the same without plus and cross. Rows are
    real and imaginary parts; of each of those, the orders; of each of those, plus and cross.
    """
    turned = np.empty(angles.shape, np.complex128)
    np.cos(angles, out=turned.real)
    np.sin(-angles, out=turned.imag)
    turned /= UNIT
    spectra *= turned[:, :, np.newaxis]
    signals, orders, both, number, count = spectra.shape
    parts = np.empty((signals, number, 2, orders, both, count), np.float32)
    parts[:, :, 0] = spectra.real.transpose(0, 3, 1, 2, 4)
    parts[:, :, 1] = spectra.imag.transpose(0, 3, 1, 2, 4)
    series: SingleArray = parts.reshape(signals, number, -1, count)
    # One product for each signal, of its blocks alone: BLAS rounds single precision by the place among the rows.
    for index, values in enumerate(series):
        own = values if blocks is None else values[blocks.of(index)]
        own[:] = (own.reshape(-1, count) @ to_series(count - 1)).reshape(own.shape)
    return series


def _sum_up(series: SingleArray, piece: Piece, parts: SingleArray) -> None:
    """Sum series, (..., degree + 1), up in their part of the grid, (..., grid)."""
    where, polynomials = piece
    # Not by BLAS, which rounds single precision by the place among the rows and the number of threads.
    np.einsum("...k,kn->...n", series, polynomials, out=parts[..., where])


def _put_together(parts: SingleArray, angles: SingleArray, where: slice, out: Spectra) -> None:
    """Give the parts of a signal, (rows, n), their phases back, (orders, n), and add the orders up in part of `out`."""
    cosine, sine = np.cos(angles), np.sin(angles)
    real, imaginary = parts.reshape(2, len(angles), 2, -1)
    out[:, : where.start] = 0
    out[:, where.stop :] = 0
    over_orders = partial(np.einsum, "opn,on->pn")
    out.real[:, where] = over_orders(real, cosine) - over_orders(imaginary, sine)
    out.imag[:, where] = over_orders(real, sine) + over_orders(imaginary, cosine)


def _mode_options(modes: tuple[tuple[int, int], ...]) -> lal.Dict:
    chosen = lalsimulation.SimInspiralCreateModeArray()
    for degree, order in modes:
        lalsimulation.SimInspiralModeArrayActivateMode(chosen, degree, order)
        lalsimulation.SimInspiralModeArrayActivateMode(chosen, degree, -order)
    options = lal.CreateDict()
    lalsimulation.SimInspiralWaveformParamsInsertModeArray(options, chosen)
    return options
