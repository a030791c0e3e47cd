"""Rejection: which draws have the SNR to be accepted, each made in full only where an estimate leaves a doubt.

What `aframe_data.detection.screening` cannot rule out is made in full: nothing is accepted but by its full waveform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.screening import Screening
from aframe_data.detection.snr import network_snr
from aframe_data.waveforms.draws import count_of, take

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.detection.evaluator import Evaluator
    from aframe_data.detection.margins import Margins
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.draws import Parameters

#: Signals made in full at a time, where the model does not say how many suit it.
FULL_STEP = 8
#: Draws that are estimated at a time, so that few are estimated in vain when the places are taken.
_LOOK = 64


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
        True SNR of the network, over the one that had ruled the draw out, of each that was made in full only as an
        audit; 0 where that is 0.
    missed
        Draws among them that should have been accepted, with the SNR that had ruled them out.
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
    looked = 0
    while judging.position < count and len(verdicts.accepted) < places:
        filled = len(verdicts.accepted)
        wanted = batch or min(places - filled, FULL_STEP)
        if turning:
            judging.screen(slice(judging.position, looked), gmst[filled])
        in_full = judging.undecided(audit, looked)
        while len(in_full) < wanted and looked < count:
            judging.screen(slice(looked, looked + _LOOK), gmst[filled])
            looked = min(looked + _LOOK, count)
            in_full = judging.undecided(audit, looked)
        next_ones = in_full[:wanted]
        judging.decide(next_ones, gmst[filled], stop_at=1 if turning else places - filled)
        all_decided = len(next_ones) == len(in_full) and (not len(next_ones) or judging.position > next_ones[-1])
        # The next place is at another time, where what was ruled out here may be loud enough.
        another_time = turning and len(verdicts.accepted) > filled
        if all_decided and not another_time and len(verdicts.accepted) < places:
            judging.reject_before(looked)
    return verdicts


class _Judging:
    """The state of `decide`: the verdicts so far, and what was computed and may be asked for again."""

    def __init__(self, evaluator: Evaluator, draws: Parameters, threshold: float, margins: Margins | None) -> None:
        count = count_of(draws)
        self._evaluator = evaluator
        self._draws = draws
        self._threshold = threshold
        self._screening = None if margins is None else Screening(evaluator, draws, threshold, margins)
        self._waveforms: dict[int, Parameters] = {}
        self._doubtful = np.ones(count, dtype=bool)
        self.position = 0
        self.verdicts = Verdicts(evaluator.no_quadratics(count)[..., 0], np.zeros(count, dtype=bool))

    def screen(self, some: slice, gmst: float) -> None:
        """Estimate some draws: what no estimate can rule out stays in doubt."""
        if self._screening is not None:
            self._doubtful[some] = self._screening.doubtful(some, gmst)
            self.verdicts.snrs[some], self.verdicts.estimated[some] = self._screening.snrs[some], True

    def undecided(self, audit: NDArray[np.bool_], looked: int) -> NDArray[np.intp]:
        """The draws that are still to be made in full, of those that were looked at."""
        return self.position + np.flatnonzero((self._doubtful | audit)[self.position : looked])

    def decide(self, batch: NDArray[np.intp], gmst: float, *, stop_at: int) -> None:
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
            snr = float(network_snr(snrs[row]))
            del self._waveforms[index]
            if not math.isfinite(snr):
                verdicts.failures[index] = "its SNR is not finite"
                continue
            verdicts.snrs[index], verdicts.estimated[index] = snrs[row], False
            verdicts.made += 1
            if self._screening is not None and not self._doubtful[index]:
                estimate = float(self._screening.highest[index])
                # A spectrum that ends below the band has no ratio; if the signal is loud all the same, it is missed.
                verdicts.audited.append(snr / estimate if estimate else 0.0)
                if snr >= self._threshold:
                    verdicts.missed[index] = estimate
            if snr < self._threshold:
                verdicts.rejected.append(index)
                continue
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
