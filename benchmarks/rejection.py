"""The cost of an accepted signal, beside the reference's way: every draw made in full and most thrown away.

Run ``python benchmarks/rejection.py`` with the extra ``benchmark`` installed. The reference's way draws from the
same prior, makes each draw with PyCBC's get_td_waveform, projects it onto the detectors, and computes its SNR.
Ours fills blocks of places as `aframe-data validation-waveforms` does: drawing, estimating, making in full,
auditing and writing. Both run in this process with one thread, in turn, so that whatever else the machine does
hits both alike; times are CPU times. Finding the margins, once in a run, counts in *ratio*; *blocks alone* is what a
long run comes to.

The reference's CPU time for an accepted signal is its time for a draw over the share that is accepted, which is
measured on our own draws: of its own there would be too few. ``--workers`` compares one process with several
instead: signals a second of wall time, between the first block and the last.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from aframe_data.detection.calibration import UNITS, CalibrationUnit, calibrate, fit
from aframe_data.detection.detectors import antenna_response, arrival_delays
from aframe_data.detection.snr import network_snr, optimal_snr
from aframe_data.formats.psd import read_spectra
from aframe_data.injections.noise import estimate_noise
from aframe_data.injections.unit import fill_unit
from aframe_data.injections.validation import plan as plan_validation
from aframe_data.reports.tally import Tally
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes
from aframe_data.work.carry_out import carry_out
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from waveforms import by_pycbc

if TYPE_CHECKING:
    from aframe_data.injections.plan import InjectionPlan
    from aframe_data.progress import Advance

#: What the project promises: ratio of CPU times for an accepted signal at SNR 4, and the gain of two workers.
_PROMISED = {"IMRPhenomPv2": 60.0, "IMRPhenomXPHM": 150.0}
_PROMISED_GAIN = 1.8
#: Draws of the reference between two of our blocks.
_REFERENCE_DRAWS = 10


@dataclass(frozen=True)
class Cost:
    """CPU times of one approximant, in seconds."""

    approximant: str
    accepted: int
    drawn: int
    in_full: int
    block_seconds: float
    margin_seconds: float
    reference_seconds: float

    @property
    def ours(self) -> float:
        """For an accepted signal, with its share of the margins."""
        return (self.block_seconds + self.margin_seconds) / self.accepted

    @property
    def reference(self) -> float:
        """For an accepted signal, in the reference's way."""
        return self.reference_seconds * self.drawn / self.accepted

    @property
    def ratio(self) -> float:
        """How many times less ours is."""
        return self.reference / self.ours

    @property
    def ratio_of_blocks(self) -> float:
        """The same where the margins are found already."""
        return self.reference_seconds * self.drawn / self.block_seconds


def main() -> int:
    options = parse()
    if options.workers:
        return scaling(options)
    costs = [cost(approximant, options) for approximant in options.approximant]
    show(costs)
    return 0 if all(item.ratio >= _PROMISED.get(item.approximant, 0) for item in costs) else 1


def parse() -> argparse.Namespace:
    data = Path(os.environ.get("AFRAME_DATA_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    psds = [f"{ifo}={data}/psd/aligo_O3actual_{ifo}.txt" for ifo in ("H1", "L1")]
    parser = argparse.ArgumentParser(description="The cost of an accepted signal, beside the reference's way.")
    parser.add_argument("--approximant", action="append", help="repeat it for several")
    parser.add_argument("--prior", default="end_o3_ratesandpops")
    parser.add_argument("--psd", action="append", help="as of aframe-data; repeat it for H1=… and L1=…")
    parser.add_argument("--snr-threshold", type=float, default=4.0)
    parser.add_argument("--num-signals", type=int, default=960)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="compare one process with so many")
    options = parser.parse_args()
    options.psd = options.psd or psds
    options.approximant = options.approximant or ["IMRPhenomPv2", "IMRPhenomXPHM"]
    return options


def request_for(approximant: str, options: argparse.Namespace, output: Path) -> ValidationWaveforms:
    return ValidationWaveforms(
        prior=options.prior,
        num_signals=options.num_signals,
        ifos=["H1", "L1"],
        psd=options.psd,
        sample_rate=2048,
        waveform_duration=8,
        output_file=output,
        snr_threshold=options.snr_threshold,
        generator_options={"approximant": approximant},
        seed=options.seed,
        overwrite=True,
    )


# --- one process --------------------------------------------------------------------------------------


def cost(approximant: str, options: argparse.Namespace) -> Cost:
    """Fill all blocks, with draws of the reference in between."""
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_validation(request_for(approximant, options, Path(folder) / "val.hdf5"))
        spectra = plan.noise.unit(plan.unfinished, 0)
        noise = spectra.path
        noise.parent.mkdir()
        estimate_noise(spectra)
        reference_way(plan, noise, 0, 2)  # imports, and tables that PyCBC makes once
        started = time.process_time()
        shares = [calibrate(CalibrationUnit(plan.recipe, plan.acceptance, noise, number)) for number in range(UNITS)]
        margins = fit([share for share in shares if share is not None], plan.recipe.kind.regions)
        margin_seconds = time.process_time() - started
        total, block_seconds, reference_seconds, reference_draws = Tally(), 0.0, 0.0, 0
        for number, unit in enumerate(plan.units(margins), start=1):
            started = time.process_time()
            total += fill_unit(unit)
            block_seconds += time.process_time() - started
            started = time.process_time()
            reference_way(plan, noise, number, _REFERENCE_DRAWS)
            reference_seconds += time.process_time() - started
            reference_draws += _REFERENCE_DRAWS
    return Cost(
        approximant,
        total.accepted,
        total.drawn,
        total.made,
        block_seconds,
        margin_seconds,
        reference_seconds / reference_draws,
    )


def reference_way(plan: InjectionPlan, noise: Path, number: int, count: int) -> np.ndarray:
    """Draw some signals, make each in full and compute its SNR, as Aframe's own data project does."""
    recipe, ifos = plan.recipe, plan.acceptance.ifos
    draws = recipes.draw(recipe, Stream.CALIBRATION, (3, number), count)
    approximant = vars(recipe.generator.options)["approximant"]
    plus, cross = np.stack(by_pycbc(approximant, draws, recipe.request), axis=1)
    antenna = antenna_response(ifos, draws["ra"], draws["dec"], draws["psi"])
    responses = antenna[..., :1] * plus[:, None] + antenna[..., 1:] * cross[:, None]
    # The reference moves by whole samples.
    shifts = np.rint(arrival_delays(ifos, draws["ra"], draws["dec"]) * recipe.request.sample_rate).astype(int)
    for signal, ifo in np.ndindex(*shifts.shape):
        responses[signal, ifo] = np.roll(responses[signal, ifo], shifts[signal, ifo])
    values = read_spectra(noise).values
    return network_snr(optimal_snr(responses, values, recipe.request.sample_rate, plan.acceptance.band))


def show(costs: list[Cost]) -> None:
    table = Table(title="CPU time for an accepted signal, one process")
    headings = ("approximant", "accepted", "drawn", "in full", "ours, ms", "reference, ms", "a draw, ms")
    for heading in (*headings, "margins, s", "ratio", "promised", "blocks alone"):
        table.add_column(heading, justify="left" if heading == "approximant" else "right")
    for item in costs:
        promised = _PROMISED.get(item.approximant)
        table.add_row(
            item.approximant,
            str(item.accepted),
            str(item.drawn),
            str(item.in_full),
            f"{item.ours * 1e3:.1f}",
            f"{item.reference * 1e3:.0f}",
            f"{item.reference_seconds * 1e3:.1f}",
            f"{item.margin_seconds:.1f}",
            f"{item.ratio:.0f}",
            f"{promised:g}" if promised else "",
            f"{item.ratio_of_blocks:.0f}",
        )
    Console(width=None if sys.stdout.isatty() else 132).print(table)


# --- several processes --------------------------------------------------------------------------------


def scaling(options: argparse.Namespace) -> int:
    """Signals a second with one worker and with several, twice each in turn."""
    table = Table(title="Accepted signals a second of wall time")
    for heading in ("approximant", "1 worker", f"{options.workers} workers", "gain", "gain of whole runs"):
        table.add_column(heading, justify="left" if heading == "approximant" else "right")
    gains = []
    for approximant in options.approximant:
        found: dict[int, list[tuple[float, float]]] = {1: [], options.workers: []}
        for workers in (1, options.workers, options.workers, 1):
            found[workers].append(rates(approximant, options, workers))
        (one, whole_one), (several, whole_several) = (np.mean(pairs, axis=0) for pairs in found.values())
        gains.append(several / one)
        table.add_row(
            approximant, f"{one:.1f}", f"{several:.1f}", f"{several / one:.2f}", f"{whole_several / whole_one:.2f}"
        )
    Console(width=None if sys.stdout.isatty() else 132).print(table)
    return 0 if options.workers != 2 or min(gains) >= _PROMISED_GAIN else 1


def rates(approximant: str, options: argparse.Namespace, workers: int) -> tuple[float, float]:
    """Signals a second between the first tenth of them and the last tenth; and of the whole run, start to join."""
    seen: list[tuple[float, float]] = []

    def phase(title: str, _total: float) -> Advance:
        def advance(amount: float, tried: float = 0, /, *, found: bool = False) -> None:
            del tried, found
            if title == "drawing signals":
                seen.append((time.perf_counter(), amount))

        return advance

    with tempfile.TemporaryDirectory() as folder:
        asked, started = request_for(approximant, options, Path(folder) / "val.hdf5"), time.perf_counter()
        with engine_for(workers) as engine:
            carry_out(asked, Work(engine, phase))
        overall = options.num_signals / (time.perf_counter() - started)
    times, done = np.array([at for at, _ in seen]), np.cumsum([amount for _, amount in seen])
    first, last = np.searchsorted(done, [0.1 * done[-1], 0.9 * done[-1]])
    return float((done[last] - done[first]) / (times[last] - times[first])), overall


if __name__ == "__main__":
    sys.exit(main())
