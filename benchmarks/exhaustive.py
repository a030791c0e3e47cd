"""Whether estimates ever cost a signal: every draw made in full, and decided on with the estimates and without.

Run ``python benchmarks/exhaustive.py`` (an hour on two cores for the 20 000 draws of each population). The
decisions are the library's own, `aframe_data.injections.rejection.judge`, once with the margins that a run would
find and once without any, on the same draws and the same full waveforms, for each noise and each threshold.

*missed* are signals that should have been accepted and were not; *made* is how many draws the estimates leave to
be made in full.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from aframe_data import engine
from aframe_data.injections.calibration import TASKS, CalibrationTask, Margins, calibrate, fit
from aframe_data.injections.rejection import Evaluator, judge, take
from aframe_data.injections.validation import plan_validation_waveforms
from aframe_data.io.psd import read_spectra, write_spectra
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aframe_data.injections.acceptance import Acceptance
    from aframe_data.waveforms.recipe import Recipe

#: Prior and approximant. The equal masses are a prior of this file; the last model has no spectrum to estimate from.
POPULATIONS = (
    ("end_o3_ratesandpops", "IMRPhenomPv2"),
    ("spin_bbh", "IMRPhenomPv2"),
    ("nonspin_bbh", "IMRPhenomD"),
    ("end_o3_ratesandpops", "IMRPhenomXPHM"),
    ("spin_bbh", "IMRPhenomXPHM"),
    ("equal_masses.equal_masses", "IMRPhenomXPHM"),
    ("end_o3_ratesandpops_bns", "IMRPhenomPv2_NRTidal"),
    ("nonspin_bbh", "IMRPhenomT"),
)
#: Draws of a unit, and of one decision.
_UNIT, _STEP = 256, 64


@dataclass(frozen=True)
class Case:
    """One noise and one threshold, with the margins that a run would find."""

    name: str
    acceptance: Acceptance
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

    def __init__(self, recipe: Recipe, case: Case) -> None:
        super().__init__(recipe, case.acceptance, read_spectra(case.noise).values)
        self.made: dict[float, tuple[np.ndarray, np.ndarray] | str] = {}

    def make(self, draws: dict[str, np.ndarray]) -> None:
        """Make signals and remember them."""
        for start in range(0, _UNIT, 16):
            some = take(draws, slice(start, start + 16))
            waveforms, failures = super().polarizations(some)
            for row, distance in enumerate(some["luminosity_distance"]):
                signal = waveforms["plus"][row].copy(), waveforms["cross"][row].copy()
                self.made[float(distance)] = failures.get(row, signal)

    def polarizations(self, draws: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[int, str]]:
        """The polarizations that were made before."""
        rows = [self.made[float(distance)] for distance in draws["luminosity_distance"]]
        failures = {row: found for row, found in enumerate(rows) if isinstance(found, str)}
        size = max(len(found[0]) for found in rows if not isinstance(found, str))
        good = [(np.zeros(size),) * 2 if isinstance(found, str) else found for found in rows]
        return {name: np.stack([found[k] for found in good]) for k, name in enumerate(("plus", "cross"))}, failures


def decide(unit: Unit) -> np.ndarray:
    """Accepted, missed and made, (cases, 3)."""
    draws = recipes.draw(unit.recipe, Stream.VALIDATION, (unit.number,), _UNIT)
    evaluators = [Remembering(unit.recipe, case) for case in unit.cases]
    evaluators[0].make(draws)
    counts = []
    for case, evaluator in zip(unit.cases, evaluators, strict=True):
        evaluator.made = evaluators[0].made
        (estimated, made), (in_full, _) = (accepted(evaluator, draws, case, use) for use in (case.margins, None))
        if estimated - in_full:
            raise AssertionError(f"{unit}: the estimates accepted what the full waveforms do not")
        counts.append((len(in_full), len(in_full - estimated), made))
    engine.advance(_UNIT)
    return np.array(counts)


def accepted(
    evaluator: Remembering, draws: dict[str, np.ndarray], case: Case, margins: Margins | None
) -> tuple[set[int], int]:
    """Numbers of the draws that are accepted, and how many were made in full for it."""
    found: set[int] = set()
    made = 0
    for start in range(0, _UNIT, _STEP):
        verdicts = judge(
            evaluator,
            take(draws, slice(start, start + _STEP)),
            np.zeros(_STEP, dtype=bool),
            threshold=case.acceptance.snr_threshold,
            margins=margins,
            gmst=np.zeros(_STEP + 1),
        )
        found |= {start + index for index in verdicts.accepted}
        made += verdicts.made
    return found, made


def examine(prior: str, approximant: str, options: argparse.Namespace) -> list[tuple[str, ...]]:
    """A row of the table for each noise and threshold."""
    with tempfile.TemporaryDirectory() as folder, engine.pool(options.workers) as running:
        cases = []
        for name, psd in (("O3", options.psd), ("design", ["aLIGOZeroDetHighPower"])):
            for threshold in options.snr_threshold:
                plan = plan_validation_waveforms(
                    prior=prior,
                    num_signals=1,
                    ifos=["H1", "L1"],
                    psd=psd,
                    sample_rate=2048,
                    waveform_duration=8,
                    output_file=Path(folder) / "val.hdf5",
                    snr_threshold=threshold,
                    generator_options={"approximant": approximant},
                    seed=options.seed,
                )
                noise = Path(folder) / f"{name}.hdf5"
                assert plan.noise.spectra is not None
                write_spectra(noise, plan.noise.spectra, {})
                tasks = [CalibrationTask(plan.recipe, plan.acceptance, noise, number) for number in range(TASKS)]
                shares = [share for share in results(running, calibrate, tasks) if share is not None]
                cases.append(Case(f"{name}, {threshold:g}", plan.acceptance, noise, fit(shares) if shares else None))
        units = [Unit(plan.recipe, tuple(cases), number) for number in range(-(-options.num // _UNIT))]
        total = np.sum(list(results(running, decide, units)), axis=0)
    draws = len(units) * _UNIT
    return [
        (prior.partition(".")[0], approximant, case.name, str(draws), *(str(count) for count in counts))
        for case, counts in zip(cases, total, strict=True)
    ]


def results(running: engine.Pool, function: Callable[[Any], Any], units: Sequence[Any]) -> Iterator[Any]:
    """The results of some units; the first error is raised."""
    for outcome in running.run(function, units):
        if outcome.error is not None:
            raise outcome.error
        yield outcome.result


def main() -> int:
    data = Path(os.environ.get("AFRAME_DATA_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    psds = [f"{ifo}={data}/psd/aligo_O3actual_{ifo}.txt" for ifo in ("H1", "L1")]
    parser = argparse.ArgumentParser(description="Whether estimates ever cost a signal.")
    parser.add_argument("--num", type=int, default=20_000, help="draws of each population")
    parser.add_argument("--population", nargs=2, action="append", metavar=("PRIOR", "APPROXIMANT"))
    parser.add_argument("--psd", action="append", default=None, help="as of aframe-data, beside the design curve")
    parser.add_argument("--snr-threshold", type=float, nargs="+", default=[4.0, 8.0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=engine.available_cpus())
    options = parser.parse_args()
    options.psd = options.psd or psds
    # where the workers find the prior of equal masses
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    table = Table(title="Signals accepted with estimates and without")
    for heading in ("prior", "approximant", "noise, SNR", "draws", "accepted", "missed", "made"):
        table.add_column(heading, justify="right" if heading in ("draws", "accepted", "missed", "made") else "left")
    missed = 0
    console = Console(width=None if sys.stdout.isatty() else 132)
    for prior, approximant in options.population or POPULATIONS:
        for row in examine(prior, approximant, options):
            table.add_row(*row)
            missed += int(row[5])
            print(*row, flush=True)
    console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
