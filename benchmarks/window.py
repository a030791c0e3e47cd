"""What it saves to start a signal where its window needs it, and that the window does not change.

Run ``python benchmarks/window.py``. Each case is a model and the draws that it gets, with and without starting
at the window: batch by batch in turn, in one process with one thread, so that whatever else the machine does
hits both alike; times are CPU times, and a batch takes its turn as first and as second.

The overlap is the normalised inner product with the signal from the minimum frequency, in time, on the window
as it is written to files, of plus and of cross; and the same in white noise above the frequency that a
Newtonian chirp has at the window's left edge. No shift in time or phase is allowed for. The smallest of all
signals is shown.

The neutron stars are those of end_o3_ratesandpops_bns; aligned, with the tilts of their spins set to 0 or pi.
The light black holes are of 3 to 10 solar masses with any spins: end_o3_ratesandpops has few so light.
IMRPhenomXPHM is not among the models that start at the window (the plugin's window.py says why): its gain of
one shows that.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import lal
import lalsimulation
import numpy as np
from rich.console import Console
from rich.table import Table

from aframe_data.plugin.binary import complete
from aframe_data.registry.choice import choose
from aframe_data.types import Polarizations, WaveformRequest
from aframe_data_plugins.lalsimulation import LALSimulationOptions
from aframe_data_plugins.lalsimulation.generator import LALSimulation

if TYPE_CHECKING:
    from aframe_data.types import ComplexArray, FloatArray

Parameters = dict[str, "FloatArray"]

#: What the project promises.
_PROMISED_OVERLAP = 0.9999

#: Model and draws.
_CASES = (
    ("IMRPhenomPv2_NRTidal", "neutron stars"),
    ("IMRPhenomPv2_NRTidalv2", "neutron stars"),
    ("TaylorF2", "aligned neutron stars"),
    ("IMRPhenomPv2", "light black holes"),
    ("IMRPhenomXPHM", "light black holes"),
)

#: Seconds: the window, and how much of it is right of t = 0.
_WINDOWS = ((8.0, 2.0), (4.0, 1.0))


@dataclass(frozen=True)
class Result:
    """The figures of one model, draws and window."""

    approximant: str
    draws: str
    duration: float
    with_ms: float
    without_ms: float
    gain: float
    changed: int
    failures: int
    least_overlap: float
    least_white_overlap: float

    @property
    def keeps_promises(self) -> bool:
        """Whether the overlap is as promised."""
        return min(self.least_overlap, self.least_white_overlap) > _PROMISED_OVERLAP


def main() -> int:
    options = parse()
    results = []
    for approximant, kind in _CASES:
        parameters = draw(kind, options.num, options.seed, options.minimum_frequency, options.reference_frequency)
        for duration, right_pad in _WINDOWS:
            request = WaveformRequest(options.sample_rate, duration, right_pad)
            results.append(measure(approximant, kind, parameters, request, options.batch))
    show(results, options)
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(result) for result in results], indent=2), encoding="utf-8")
    return 0 if all(result.keeps_promises for result in results) else 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Signals from where the window needs them, and whole ones.")
    parser.add_argument("--num", type=int, default=200, help="signals of each case")
    parser.add_argument("--batch", type=int, default=5, help="signals made one way before the other's turn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample-rate", type=float, default=2048.0, help="Hz")
    parser.add_argument("--minimum-frequency", type=float, default=20.0, help="Hz")
    parser.add_argument("--reference-frequency", type=float, default=50.0, help="Hz")
    parser.add_argument("--json", help="also write the figures to this file")
    return parser.parse_args()


def draw(kind: str, n: int, seed: int, minimum_frequency: float, reference_frequency: float) -> Parameters:
    """Draw signals, ready for a generator."""
    rng = np.random.default_rng(seed)
    prior = choose("prior", "end_o3_ratesandpops_bns").create()
    samples, frame = dict(prior.sample(n, rng)), prior.frame
    if kind == "light black holes":
        samples["mass_2"], samples["mass_1"] = np.sort(rng.uniform(3, 10, (2, n)), axis=0)
        samples["a_1"], samples["a_2"] = rng.uniform(0, 0.99, (2, n))
        frame = "detector"
    if kind == "aligned neutron stars":
        for tilt in ("tilt_1", "tilt_2"):
            samples[tilt] = np.where(samples[tilt] > np.pi / 2, np.pi, 0.0)
    return complete(
        samples,
        frame=frame,
        cosmology=getattr(prior, "cosmology", "Planck15"),
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
    )


def measure(approximant: str, kind: str, parameters: Parameters, request: WaveformRequest, batch: int) -> Result:
    """Make all signals both ways, a batch at a time, and compare them."""
    options = LALSimulationOptions(approximant=approximant)
    ways = {"with": LALSimulation(options), "without": LALSimulation(options, whole_signals=True)}
    for generator in ways.values():
        generator.generate({name: values[:2] for name, values in parameters.items()}, request)
    count = len(parameters["mass_1"])
    seconds = dict.fromkeys(ways, 0.0)
    changed, failures, plain, white = 0, 0, [1.0], [1.0]
    for number, first in enumerate(range(0, count, batch)):
        some = {name: values[first : first + batch] for name, values in parameters.items()}
        made: dict[str, Polarizations] = {}
        for way in sorted(ways, reverse=bool(number % 2)):
            started = time.process_time()
            made[way] = ways[way].generate(some, request)
            seconds[way] += time.process_time() - started
        failures += len(made["with"].failures)
        for index in range(len(some["mass_1"])):
            if index in made["without"].failures:
                continue
            pairs = [(getattr(made["with"], p)[index], getattr(made["without"], p)[index]) for p in ("plus", "cross")]
            edge = edge_frequency(some["mass_1"][index], some["mass_2"][index], request)
            changed += any((one != other).any() for one, other in pairs)
            plain += [overlap(one, other) for one, other in pairs]
            white += [white_overlap(one, other, edge, request.sample_rate) for one, other in pairs]
    return Result(
        approximant=approximant,
        draws=kind,
        duration=request.duration,
        with_ms=seconds["with"] / count * 1e3,
        without_ms=seconds["without"] / count * 1e3,
        gain=seconds["without"] / seconds["with"],
        changed=changed,
        failures=failures,
        least_overlap=min(plain),
        least_white_overlap=min(white),
    )


def edge_frequency(mass_1: float, mass_2: float, request: WaveformRequest) -> float:
    """The frequency, in Hz, of a Newtonian chirp at the left edge of the window."""
    shown = request.reference_index / request.sample_rate
    masses = mass_1 * lal.MSUN_SI, mass_2 * lal.MSUN_SI
    return float(lalsimulation.SimInspiralChirpStartFrequencyBound(shown, *masses))


def overlap(one: FloatArray | ComplexArray, other: FloatArray | ComplexArray) -> float:
    return float(np.vdot(one, other).real / np.sqrt(np.vdot(one, one).real * np.vdot(other, other).real))


def white_overlap(one: FloatArray, other: FloatArray, start: float, sample_rate: float) -> float:
    band = np.fft.rfftfreq(len(one), 1 / sample_rate) >= start
    return overlap(np.fft.rfft(one)[band], np.fft.rfft(other)[band])


def show(results: list[Result], options: argparse.Namespace) -> None:
    console = Console(width=None if sys.stdout.isatty() else 132)
    title = (
        f"CPU time a signal: {options.num} draws from {options.minimum_frequency:g} Hz at {options.sample_rate:g} Hz"
    )
    table = Table(title=title)
    for heading in ("approximant", "draws", "window", "with, ms", "without", "gain", "changed", "failed"):
        table.add_column(heading, justify="left" if heading in ("approximant", "draws") else "right", no_wrap=True)
    for heading in ("1 - overlap", "white"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(
            result.approximant,
            result.draws,
            f"{result.duration:g} s",
            f"{result.with_ms:.1f}",
            f"{result.without_ms:.1f}",
            f"{result.gain:.1f}",
            str(result.changed),
            str(result.failures),
            f"{1 - result.least_overlap:.1e}",
            f"{1 - result.least_white_overlap:.1e}",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
