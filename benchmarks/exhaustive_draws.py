"""Draws that are made in full once, and decided on by the library for many noises: work of ``exhaustive.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.estimate import estimated_snr, loudest_snr
from aframe_data.detection.evaluator import Evaluator, has_estimates
from aframe_data.detection.margins import COARSE_NODES, FINE_NODES
from aframe_data.detection.rejection import decide
from aframe_data.detection.snr import network_snr
from aframe_data.formats.psd import read_spectra
from aframe_data.plugin.binary import regions_of
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import take
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.margins import Margins
    from aframe_data.waveforms.recipe import Recipe

#: Draws of a unit, of one decision, and those made in full at a time.
UNIT, _STEP, _FULL_STEP = 256, 64, 16


@dataclass(frozen=True)
class Case:
    """One noise, the acceptance of each threshold in it, and the margins that a run would find."""

    name: str
    acceptances: tuple[Acceptance, ...]
    noise: Path
    margins: Margins | None


@dataclass(frozen=True)
class Unit:
    """Some draws, and all the cases in which they are decided on."""

    recipe: Recipe
    cases: tuple[Case, ...]
    number: int

    def __str__(self) -> str:
        return f"unit {self.number} of {self.recipe}"


class Remembering(Evaluator):
    """Gives the waveforms that were made before, by the distance of the signal."""

    def __init__(self, unit: Unit, case: Case) -> None:
        super().__init__(unit.recipe, case.acceptances[0], read_spectra(case.noise).values)
        self.made: dict[float, tuple[np.ndarray, np.ndarray] | str] = {}

    def make(self, draws: dict[str, np.ndarray]) -> None:
        """Make signals and remember them."""
        for start in range(0, UNIT, _FULL_STEP):
            some = take(draws, slice(start, start + _FULL_STEP))
            waveforms, failures = super().polarizations(some)
            for row, distance in enumerate(some["luminosity_distance"]):
                signal = waveforms["plus"][row].copy(), waveforms["cross"][row].copy()
                self.made[float(distance)] = failures.get(row, signal)
        if len(self.made) < UNIT:
            raise AssertionError("two draws have the same distance")

    def polarizations(self, draws: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[int, str]]:
        """The polarizations that were made before."""
        rows = [self.made[float(distance)] for distance in draws["luminosity_distance"]]
        failures = {row: found for row, found in enumerate(rows) if isinstance(found, str)}
        size = max((len(found[0]) for found in rows if not isinstance(found, str)), default=0)
        good = [(np.zeros(size),) * 2 if isinstance(found, str) else found for found in rows]
        return {name: np.stack([found[k] for found in good]) for k, name in enumerate(("plus", "cross"))}, failures

    def all_snrs(self, draws: dict[str, np.ndarray], *, estimated: bool) -> np.ndarray:
        """SNRs of the network, (4, n): of sketches from the loudest side, by both estimates, in full; or NaN."""
        found, antenna = np.full((4, UNIT), np.nan), self.antenna(draws, 0.0)
        if estimated and (sketches := self.sketched(draws)) is not None:
            found[0] = network_snr(loudest_snr(sketches[1], antenna))
        for row, nodes in enumerate((COARSE_NODES, FINE_NODES) if estimated else (), start=1):
            found[row] = network_snr(estimated_snr(self.quadratics(draws, nodes), antenna))
        for start in range(0, UNIT, _FULL_STEP):
            some = take(draws, slice(start, start + _FULL_STEP))
            waveforms, failures = self.polarizations(some)
            if len(failures) < _FULL_STEP:
                found[3, start : start + _FULL_STEP] = network_snr(self.full(waveforms, some, 0.0)[1])
            found[3, [start + row for row in failures]] = np.nan
        return found


def decide_all(unit: Unit) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of each case: the regions, (n,), the SNRs, (4, n), and whether accepted and made, (thresholds, 2, n)."""
    draws = recipes.draw(unit.recipe, Stream.VALIDATION, (unit.number,), UNIT)
    evaluators = [Remembering(unit, case) for case in unit.cases]
    evaluators[0].make(draws)
    found = []
    for case, evaluator in zip(unit.cases, evaluators, strict=True):
        evaluator.made = evaluators[0].made
        snrs = evaluator.all_snrs(draws, estimated=has_estimates(unit.recipe))
        decisions = [decisions_of(evaluator, draws, case, each.snr_threshold) for each in case.acceptances]
        found.append((regions_of(draws), snrs, np.array(decisions)))
    advance(UNIT)
    return found


def decisions_of(evaluator: Remembering, draws: dict[str, np.ndarray], case: Case, threshold: float) -> np.ndarray:
    """Which draws the library accepts, and which it made in full or failed to, (2, n)."""
    accepted, made = np.zeros((2, UNIT), dtype=bool)
    for start in range(0, UNIT, _STEP):
        some = take(draws, slice(start, start + _STEP))
        # more places than draws, so that all are decided on
        places = np.zeros(_STEP + 1)
        verdicts = decide(
            evaluator, some, np.zeros(_STEP, dtype=bool), threshold=threshold, margins=case.margins, gmst=places
        )
        accepted[[start + index for index in verdicts.accepted]] = True
        made[start : start + _STEP] = ~verdicts.estimated
    return np.array([accepted, made])
