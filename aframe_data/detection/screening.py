"""Screening: which draws are too faint for sure, by the cheapest look that can tell.

Where the generator can sketch, draws that no orientation makes loud enough are ruled out first. The others are
estimated from their spectra at a few frequencies; a draw whose estimate, with its margin, lies below the threshold is
ruled out, and near the threshold a finer estimate has its say. Regions that estimates cannot be trusted in stay in
doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.estimate import estimated_snr, loudest_snr
from aframe_data.detection.margins import COARSE_NODES, FINE_NODES
from aframe_data.detection.snr import network_snr
from aframe_data.waveforms.draws import count_of, take

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.detection.evaluator import Evaluator
    from aframe_data.detection.margins import Margins
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.draws import Parameters


class Screening:
    """Estimates of some draws. Each is asked for where it is needed, and once, whatever the detectors' places.

    Attributes
    ----------
    snrs
        (n, n_ifo): the last estimate of each draw; NaN where there is none.
    highest
        (n,): the SNR of the network that the last look at a draw decided by, before its margin: the estimate, or of
        a sketch the SNR from the loudest side.
    """

    def __init__(self, evaluator: Evaluator, draws: Parameters, threshold: float, margins: Margins) -> None:
        count = count_of(draws)
        self._evaluator = evaluator
        self._draws = draws
        self._threshold = threshold
        self._margins = margins
        self._trusted = margins.trust(evaluator.regions(draws))
        self._sketches = evaluator.sketched(draws) if margins.sketch is not None else None
        # By the number of nodes: of which draws the spectrum was asked for, and what came of it.
        self._asked = {nodes: np.zeros(count, dtype=bool) for nodes in (COARSE_NODES, FINE_NODES)}
        self._quadratics = {nodes: evaluator.no_quadratics(count) for nodes in (COARSE_NODES, FINE_NODES)}
        self.snrs = evaluator.no_quadratics(count)[..., 0]
        self.highest = np.full(count, np.nan)

    def doubtful(self, some: slice, gmst: float) -> NDArray[np.bool_]:
        """Look at some draws, and tell which of them cannot be ruled out."""
        doubtful = np.ones(len(self.highest), dtype=bool)
        rest = np.arange(len(doubtful))[some]
        rest = rest[self._trusted[rest]]
        antenna = np.full((len(doubtful), self.snrs.shape[1], 2), np.nan)
        antenna[rest] = self._evaluator.antenna(take(self._draws, rest), gmst)
        # A comparison with NaN is false: what has no estimate stays in doubt.
        if self._sketches is not None and (sketch := self._margins.sketch) is not None:
            quadratics, loudest = (values[rest] for values in self._sketches)
            self.snrs[rest] = estimated_snr(quadratics, antenna[rest]) * sketch.typical
            self.highest[rest] = network_snr(loudest_snr(loudest, antenna[rest]))
            doubtful[rest] = ~(self.highest[rest] * sketch.reach < self._threshold)
            rest = rest[doubtful[rest]]
        coarse = self._estimate(COARSE_NODES, rest, antenna)
        doubtful[rest] = ~(coarse * self._margins.coarse_reach < self._threshold)
        # What passes with all margins against it is made in full anyway, without another look.
        near = doubtful[rest] & (coarse * self._margins.coarse_floor < self._threshold)
        fine = self._estimate(FINE_NODES, rest[near], antenna)
        doubtful[rest[near]] = ~self._margins.rules_out(coarse[near], fine, self._threshold)
        return doubtful[some]

    def _estimate(self, nodes: int, index: NDArray[np.intp], antenna: FloatArray) -> FloatArray:
        """The estimated SNRs of the network, (len(index),)."""
        new = index[~self._asked[nodes][index]]
        if len(new):
            self._quadratics[nodes][new] = self._evaluator.quadratics(take(self._draws, new), nodes)
            self._asked[nodes][new] = True
        self.snrs[index] = estimated_snr(self._quadratics[nodes][index], antenna[index])
        self.highest[index] = network_snr(self.snrs[index])
        return self.highest[index]
