"""Rejection: which draws have the SNR to be accepted, each made in full only where an estimate leaves a doubt.

A draw is estimated from its spectrum at a few frequencies. Where that, with its margin, lies below the
threshold, the draw is rejected; near the threshold a finer estimate has its say; and whatever is left, or is
of a region that estimates cannot be trusted in, is made in full. Nothing is accepted but by its full waveform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.detectors import antenna_response, arrival_delays
from aframe_data.detection.estimate import SnrEstimator, estimated_snr
from aframe_data.detection.margins import COARSE_NODES, FINE_NODES
from aframe_data.detection.projection import padded, project
from aframe_data.detection.snr import network_snr, optimal_snr
from aframe_data.errors import PluginError
from aframe_data.formats.psd import read_spectra
from aframe_data.plugin.protocols import SpectrumGenerator
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import count_of, in_batches, take

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.margins import Margins
    from aframe_data.types import ComplexArray, FloatArray
    from aframe_data.waveforms.draws import Parameters
    from aframe_data.waveforms.recipe import Recipe

#: Signals made in full at a time, where the model does not say how many suit it.
FULL_STEP = 8


def has_estimates(recipe: Recipe) -> bool:
    """Whether the recipe's generator has spectra to estimate from."""
    generator = recipes.generator_of(recipe.generator)
    return isinstance(generator, SpectrumGenerator) and bool(generator.has_spectrum)


class Evaluator:
    """SNRs of draws in given noise, estimated and in full; made once for each noise in a process: `evaluator`."""

    def __init__(self, recipe: Recipe, acceptance: Acceptance, noise: FloatArray) -> None:
        request = recipe.request
        self._recipe = replace(recipe, request=padded(request))
        self._request = request
        self._acceptance = acceptance
        self._noise = noise
        self._generator = recipes.generator_of(recipe.generator)
        self._estimators = {
            nodes: SnrEstimator(nodes, noise, request.sample_rate, request.size, acceptance.band)
            for nodes in (COARSE_NODES, FINE_NODES)
        }

    def antenna(self, draws: Parameters, gmst: float) -> FloatArray:
        """The antenna patterns, (n, n_ifo, 2)."""
        return antenna_response(self._acceptance.ifos, draws["ra"], draws["dec"], draws["psi"], gmst)

    def quadratics(self, draws: Parameters, nodes: int) -> FloatArray:
        """What an estimate needs of the spectra, (n, n_ifo, 3); NaN for a signal whose spectrum failed."""
        estimator = self._estimators[nodes]
        batches = in_batches(draws, self._recipe.batch)
        return np.concatenate([estimator.quadratics(*self._spectrum(some, estimator)) for some in batches])

    def _spectrum(self, draws: Parameters, estimator: SnrEstimator) -> list[ComplexArray]:
        """Plus and cross at the nodes, (n, nodes)."""
        if not isinstance(self._generator, SpectrumGenerator):
            raise TypeError(f"{self._recipe} has no spectra")
        spectra = [np.asarray(values) for values in self._generator.spectrum(draws, estimator.frequencies)]
        shape = (count_of(draws), len(estimator.frequencies))
        if len(spectra) != 2 or any(values.shape != shape or values.dtype.kind not in "fc" for values in spectra):
            told = " and ".join(f"{values.dtype} of shape {values.shape}" for values in spectra)
            raise PluginError(
                f"waveform generator {self._recipe.generator.key!r} returned a spectrum that is {told}, not plus and "
                f"cross, numbers of shape {shape}."
            )
        return spectra

    def no_quadratics(self, count: int) -> FloatArray:
        """Quadratics that are not known, (count, n_ifo, 3) NaN."""
        return np.full((count, len(self._acceptance.ifos), 3), np.nan)

    def polarizations(self, draws: Parameters) -> tuple[Parameters, dict[int, str]]:
        """The polarizations on the padded window, and which signals failed and why."""
        return recipes.generate(self._recipe, draws)

    def full(self, polarizations: Parameters, draws: Parameters, gmst: float) -> tuple[FloatArray, FloatArray]:
        """Responses (n, n_ifo, size) and SNRs (n, n_ifo) of full waveforms."""
        delays = arrival_delays(self._acceptance.ifos, draws["ra"], draws["dec"], gmst)
        responses = project(polarizations, self._request, self.antenna(draws, gmst), delays)
        return responses, optimal_snr(responses, self._noise, self._request.sample_rate, self._acceptance.band)


@lru_cache(maxsize=2)
def evaluator(recipe: Recipe, acceptance: Acceptance, noise: Path) -> Evaluator:
    """The evaluator for the noise of a file, on the grid of the recipe's windows."""
    spectra = read_spectra(noise)
    return Evaluator(recipe, acceptance, np.stack([spectra.of(ifo) for ifo in acceptance.ifos]))


@dataclass
class Verdicts:
    """What became of some draws.

    Attributes
    ----------
    snrs
        (n, n_ifo): of the full waveform, or its estimate.
    estimated
        (n,): which of them are estimates.
    accepted, rejected
        Numbers of the draws, in order. What comes after the last accepted one of a full unit is in neither.
    responses
        Of each accepted one, (n_ifo, size).
    failures
        Number of each draw that gave no waveform, and why; neither accepted nor rejected.
    made
        Draws made in full.
    audited
        True over estimated SNR of the network, of each draw that was made in full only as an audit; 0 where the
        estimate is 0.
    missed
        Draws among them that should have been accepted, with what their estimate was.
    """

    snrs: FloatArray
    estimated: NDArray[np.bool_]
    accepted: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    responses: list[FloatArray] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)
    made: int = 0
    audited: list[float] = field(default_factory=list)
    missed: dict[int, float] = field(default_factory=dict)


def decide(
    evaluator: Evaluator,
    draws: Parameters,
    audit: NDArray[np.bool_],
    *,
    threshold: float,
    margins: Margins | None,
    gmst: FloatArray,
    batch: int | None = None,
) -> Verdicts:
    """Decide on draws in their order until all open places are taken.

    Parameters
    ----------
    draws
        n signals.
    audit
        (n,): which draws are made in full even if they are rejected by their estimate.
    threshold
        SNR of the network.
    margins
        How far estimates may be off; None makes every draw in full.
    gmst
        (places,) sidereal time of each place that is open, radians: a draw is tried at the first of those left.
    batch
        So many draws are made in full at a time, though places may be taken before all are needed. None makes some,
        and not more than there are places.
    """
    judging = _Judging(evaluator, draws, threshold, margins)
    verdicts = judging.verdicts
    turning = bool(np.any(gmst != gmst[0]))
    count, places = len(audit), len(gmst)
    doubtful = judging.screen(0, gmst[0])
    while judging.position < count and len(verdicts.accepted) < places:
        filled = len(verdicts.accepted)
        if turning:
            doubtful = judging.screen(judging.position, gmst[filled])
        in_full = np.flatnonzero(doubtful | audit)
        in_full = in_full[in_full >= judging.position]
        next_ones = in_full[: batch or min(places - filled, FULL_STEP)]
        judging.decide(next_ones, doubtful, gmst[filled], stop_at=1 if turning else places - filled)
        all_decided = len(next_ones) == len(in_full) and (not len(next_ones) or judging.position > next_ones[-1])
        # The next place is at another time, where what was ruled out here may be loud enough.
        another_time = turning and len(verdicts.accepted) > filled
        if all_decided and not another_time and len(verdicts.accepted) < places:
            judging.reject_before(count)
    return verdicts


class _Judging:
    """The state of `decide`: the verdicts so far, and what was computed and may be asked for again."""

    def __init__(self, evaluator: Evaluator, draws: Parameters, threshold: float, margins: Margins | None) -> None:
        count = count_of(draws)
        self._evaluator = evaluator
        self._draws = draws
        self._threshold = threshold
        self._margins = margins
        self._coarse = evaluator.no_quadratics(count)
        self._fine = evaluator.no_quadratics(count)
        if margins is not None:
            trusted = np.flatnonzero(margins.trust(margins.regions.of(draws)))
            self._coarse[trusted] = evaluator.quadratics(take(draws, trusted), COARSE_NODES)
        self._waveforms: dict[int, Parameters] = {}
        self.position = 0
        self.verdicts = Verdicts(self._coarse[..., 0].copy(), np.zeros(count, dtype=bool))

    def screen(self, start: int, gmst: float) -> NDArray[np.bool_]:
        """Estimate the draws from number `start` on, and tell, (n,), which of them no estimate can rule out."""
        doubtful = np.ones(len(self._coarse), dtype=bool)
        if self._margins is None:
            return doubtful
        rest = np.arange(start, len(doubtful))
        coarse = self._estimate(self._coarse, rest, gmst)
        # A comparison with NaN is false: what has no estimate stays in doubt.
        doubtful[rest] = ~(coarse * self._margins.coarse_reach < self._threshold)
        # What passes with all margins against it is made in full anyway, without another look.
        near = rest[doubtful[rest] & (coarse * self._margins.coarse_floor < self._threshold)]
        new = near[np.isnan(self._fine[near]).any(axis=(1, 2))]
        if len(new):
            self._fine[new] = self._evaluator.quadratics(take(self._draws, new), FINE_NODES)
        fine = self._estimate(self._fine, near, gmst)
        doubtful[near] = ~self._margins.rules_out(coarse[near - start], fine, self._threshold)
        return doubtful

    def _estimate(self, quadratics: FloatArray, index: NDArray[np.intp], gmst: float) -> FloatArray:
        snrs = estimated_snr(quadratics[index], self._evaluator.antenna(take(self._draws, index), gmst))
        self.verdicts.snrs[index] = snrs
        self.verdicts.estimated[index] = True
        return network_snr(snrs)

    def decide(self, batch: NDArray[np.intp], doubtful: NDArray[np.bool_], gmst: float, *, stop_at: int) -> None:
        """Make a batch in full; decide in order on it, and on what lies before, up to so many accepted ones."""
        verdicts = self.verdicts
        reasons = self._make(batch)
        good = [index for index in batch.tolist() if index not in reasons]
        if good:
            waveforms = {name: np.stack([self._waveforms[index][name] for index in good]) for name in ("plus", "cross")}
            responses, snrs = self._evaluator.full(waveforms, take(self._draws, np.array(good)), gmst)
        left = stop_at
        for index in batch.tolist():
            self.reject_before(index)
            self.position = index + 1
            if index in reasons:
                verdicts.failures[index] = reasons[index]
                continue
            row = good.index(index)
            snr, estimate = float(network_snr(snrs[row])), float(network_snr(verdicts.snrs[index]))
            del self._waveforms[index]
            if not math.isfinite(snr):
                verdicts.failures[index] = "its SNR is not finite"
                continue
            verdicts.snrs[index], verdicts.estimated[index] = snrs[row], False
            verdicts.made += 1
            if not doubtful[index]:
                # A spectrum that ends below the band has no ratio; if the signal is loud all the same, it is missed.
                verdicts.audited.append(snr / estimate if estimate else 0.0)
            if snr < self._threshold:
                verdicts.rejected.append(index)
                continue
            if not doubtful[index]:
                verdicts.missed[index] = estimate
            verdicts.accepted.append(index)
            verdicts.responses.append(responses[row])
            left -= 1
            if not left:
                return

    def _make(self, batch: NDArray[np.intp]) -> dict[int, str]:
        """Make what of a batch was not made yet, and give the reasons of those that failed."""
        new = np.array([index for index in batch.tolist() if index not in self._waveforms], dtype=np.intp)
        if not len(new):
            return {}
        made, failures = self._evaluator.polarizations(take(self._draws, new))
        for row, index in enumerate(new.tolist()):
            if row not in failures:
                self._waveforms[index] = {name: values[row] for name, values in made.items()}
        return {int(new[row]): reason for row, reason in failures.items()}

    def reject_before(self, stop: int) -> None:
        """Reject what was not decided on, up to number `stop`, by the estimates."""
        self.verdicts.rejected += range(self.position, stop)
        self.position = stop
