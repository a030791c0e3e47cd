"""What interpolated waveforms save and miss, beside the same waveforms evaluated at every frequency.

Run ``python benchmarks/interpolation.py``. Draws of each prior are made both ways, batch by batch in turn, in one
process with one thread; times are CPU times, and a batch takes its turn as first and as second. For each approximant
and prior:

- made in full: the share of signals that were made at every frequency in either way, by the plugin's own decision;
- mismatch: one minus the normalised inner product, weighted with about the noise of an advanced detector from 20 Hz
  up, of the windows as they are written, without any shift; the larger one of plus and cross;
- SNR: how much the norm of the same product differs;
- strain: the largest difference of any sample, of the largest sample of plus and cross.

All three are beside IMRPhenomXPHM without multibanding, the coarse grids on which LALSimulation evaluates it by
default. What that default itself misses is in brackets.

``--edge`` adds binaries at the edges of the models: 10 to 300 solar masses, mass ratios down to 0.05 and of exactly
one, spins up to 0.998. There more signals are made in full, and none may be kept that is wrong. ``--degrees FILE``
draws what other degrees of the series would cost and miss. The exit code is 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import lal
import lalsimulation
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import fft

from aframe_data.plugin.binary import complete, signal_frequencies
from aframe_data.registry.choice import choose
from aframe_data.types import WaveformRequest
from aframe_data_plugins.lalsimulation import AUTO, OFF, LALSimulationOptions, approximants, generator
from aframe_data_plugins.lalsimulation.generator import LALSimulation
from aframe_data_plugins.lalsimulation.interpolated import InterpolatedModel
from aframe_data_plugins.lalsimulation.signals import to_lal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

Parameters = dict[str, "FloatArray"]

REQUEST = WaveformRequest(sample_rate=2048, duration=8, right_pad=2)
#: Hz.
MINIMUM, REFERENCE = 20.0, 50.0
BATCH = 16
EDGE = "edge"

#: What the project promises of the priors: largest mismatch, difference of strain and share made in full.
_PROMISED = (1e-5, 3e-3, 0.01)
#: Largest difference of strain at the edges, where a signal is bad from here on: more is never let pass knowingly.
_PROMISED_EDGE = 5e-3
#: Gain in CPU time, with the draws of one prior.
_PROMISED_PRIOR = "end_o3_ratesandpops"
_PROMISED_GAIN = {"IMRPhenomXPHM": 5.0, "IMRPhenomPv2": 2.5}
#: A polarization this much weaker than the other, in power, is rounding alone.
_FAINT = 1e-8


class Spread(NamedTuple):
    """What differences reach in half of the signals, in 99 of 100, and in all."""

    median: float
    most: float
    all: float

    @classmethod
    def of(cls, values: FloatArray) -> Spread:
        """Those of the values, (n,)."""
        return cls(float(np.median(values)), float(np.percentile(values, 99)), float(values.max()))


@dataclass(frozen=True)
class Result:
    """The figures of one approximant with one prior; errors are those of the signals that are interpolated."""

    approximant: str
    prior: str
    signals: int
    interpolated_ms: float
    full_ms: float
    made_in_full: float
    mismatch: Spread
    snr: Spread
    strain: Spread
    multibanding_mismatch: Spread
    multibanding_strain: Spread

    @property
    def gain(self) -> float:
        """Ratio of the CPU times."""
        return self.full_ms / self.interpolated_ms

    @property
    def keeps_promises(self) -> bool:
        """Whether speed and errors are as promised."""
        most = _PROMISED_EDGE if self.prior == EDGE else _PROMISED[1]
        accurate = self.mismatch.all <= _PROMISED[0] and self.strain.all <= most
        if self.prior != _PROMISED_PRIOR:
            return accurate
        return accurate and self.made_in_full < _PROMISED[2] and self.gain >= _PROMISED_GAIN.get(self.approximant, 0.0)


def main() -> int:
    options = parse()
    results = []
    for approximant in options.approximant:
        for prior in options.prior + [EDGE] * options.edge:
            parameters = edge(options.num, options.seed) if prior == EDGE else draw(prior, options.num, options.seed)
            results.append(measure(approximant, prior, parameters))
            print(results[-1], file=sys.stderr, flush=True)
    show(results)
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(result) for result in results], indent=2), encoding="utf-8")
    if options.degrees:
        plot(options.approximant, draw(options.prior[0], options.num, options.seed), Path(options.degrees))
    return 0 if all(result.keeps_promises for result in results) else 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Waveforms interpolated and at every frequency, side by side.")
    parser.add_argument("--approximant", action="append", help="repeat it for several")
    parser.add_argument("--prior", action="append", help="repeat it for several")
    parser.add_argument("--num", type=int, default=400, help="signals of each prior")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--edge", action="store_true", help="also binaries at the edges of the models")
    parser.add_argument("--degrees", help="also draw cost and error of other degrees into this file (PNG)")
    parser.add_argument("--json", help="also write the figures to this file")
    options = parser.parse_args()
    options.approximant = options.approximant or ["IMRPhenomXPHM", "IMRPhenomPv2"]
    options.prior = options.prior or ["end_o3_ratesandpops", "spin_bbh"]
    return options


def draw(prior_name: str, count: int, seed: int) -> Parameters:
    """Draw signals as `aframe-data waveforms` does."""
    prior = choose("prior", prior_name).create()
    return complete(
        prior.sample(count, np.random.default_rng(seed)),
        frame=prior.frame,
        cosmology=getattr(prior, "cosmology", "Planck15"),
        minimum_frequency=MINIMUM,
        reference_frequency=REFERENCE,
    )


def edge(count: int, seed: int) -> Parameters:
    """Binaries at the edges of the models; every tenth one of equal masses."""
    rng = np.random.default_rng(seed)
    total, ratio = np.exp(rng.uniform(np.log(10), np.log(300), count)), rng.uniform(0.05, 1, count)
    ratio[::10] = 1
    angles = {name: rng.uniform(0, 2 * np.pi, count) for name in ("phi_12", "phi_jl", "phase")}
    tilts = {name: np.arccos(rng.uniform(-1, 1, count)) for name in ("tilt_1", "tilt_2", "theta_jn")}
    spins = {name: 0.998 * rng.uniform(0, 1, count) ** (1 / 3) for name in ("a_1", "a_2")}
    low, reference = signal_frequencies(total, MINIMUM, REFERENCE)
    return {
        "mass_1": total / (1 + ratio),
        "mass_2": total * ratio / (1 + ratio),
        **angles,
        **tilts,
        **spins,
        "luminosity_distance": np.full(count, 1000.0),
        "minimum_frequency": low,
        "reference_frequency": reference,
    }


# --- both ways ----------------------------------------------------------------------------------------


def measure(approximant: str, prior: str, parameters: Parameters, degree: int | None = None) -> Result:
    """Make all signals in both ways, a batch at a time, and compare them."""
    ways = {way: LALSimulation(LALSimulationOptions(approximant, interpolation=way)) for way in (AUTO, OFF)}
    if degree is not None:
        ways[AUTO]._interpolated = InterpolatedModel(approximants.find(approximant), degree)
    count = len(parameters["mass_1"])
    seconds = dict.fromkeys(ways, 0.0)
    for made_once in ways.values():  # what is made once in a process
        made_once.generate(batch_of(parameters, 0), REQUEST)
    errors, multibanding, in_full = [], [], 0
    for number, first in enumerate(range(0, count, BATCH)):
        made = {}
        for way in (AUTO, OFF) if number % 2 else (OFF, AUTO):
            started = time.process_time()
            made[way] = ways[way].generate(batch_of(parameters, first), REQUEST)
            seconds[way] += time.process_time() - started
        ours, full = (np.stack([made[way].plus, made[way].cross], axis=1) for way in (AUTO, OFF))
        kept = (ours != full).any(axis=(1, 2))
        in_full += int((~kept).sum())
        exact = at_every_frequency(approximant, batch_of(parameters, first))
        errors.append(compare(ours[kept], exact[kept]))
        multibanding.append(compare(full, exact))
    mismatch, snr, strain = np.concatenate(errors, axis=1)
    coarse_mismatch, _, coarse_strain = np.concatenate(multibanding, axis=1)
    return Result(
        approximant=approximant,
        prior=prior,
        signals=count,
        interpolated_ms=seconds[AUTO] / count * 1e3,
        full_ms=seconds[OFF] / count * 1e3,
        made_in_full=in_full / count,
        mismatch=Spread.of(mismatch),
        snr=Spread.of(snr),
        strain=Spread.of(strain),
        multibanding_mismatch=Spread.of(coarse_mismatch),
        multibanding_strain=Spread.of(coarse_strain),
    )


def at_every_frequency(approximant: str, parameters: Parameters) -> FloatArray:
    """Plus and cross of some signals, (n, 2, size), without multibanding."""
    options = lal.CreateDict()
    lalsimulation.SimInspiralWaveformParamsInsertPhenomXHMThresholdMband(options, 0.0)
    lalsimulation.SimInspiralWaveformParamsInsertPhenomXPHMThresholdMband(options, 0.0)
    extra = {"extra": options} if approximant == "IMRPhenomXPHM" else {}
    with mock.patch.object(generator, "to_lal", lambda drawn: to_lal(drawn)._replace(**extra)):
        made = LALSimulation(LALSimulationOptions(approximant, OFF)).generate(parameters, REQUEST)
    return np.stack([made.plus, made.cross], axis=1)


def batch_of(parameters: Parameters, first: int) -> Parameters:
    return {name: values[first : first + BATCH] for name, values in parameters.items()}


def compare(ours: FloatArray, full: FloatArray) -> FloatArray:
    """Mismatch, difference of SNR and of strain, (3, n), of windows (n, 2, size)."""
    frequencies = fft.rfftfreq(REQUEST.size, 1 / REQUEST.sample_rate)
    weights = np.zeros_like(frequencies)
    above = frequencies >= MINIMUM
    weights[above] = 1 / ((frequencies[above] / 40) ** -8 + 1 + (frequencies[above] / 200) ** 2)
    one, other = fft.rfft(ours), fft.rfft(full)

    def product(a: NDArray[np.complex128], b: NDArray[np.complex128]) -> FloatArray:
        total: FloatArray = np.einsum("nps,nps,s->np", a.conj(), b, weights).real
        return total

    norm_one, norm_other = product(one, one), product(other, other)
    heard = norm_other > _FAINT * norm_other.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mismatch = np.where(heard, 1 - product(one, other) / np.sqrt(norm_one * norm_other), 0)
        snr = np.where(heard, np.abs(np.sqrt(norm_one / norm_other) - 1), 0)
    strain = np.abs(ours - full).max(axis=(1, 2)) / np.abs(full).max(axis=(1, 2))
    return np.stack([mismatch.max(axis=1), snr.max(axis=1), strain])


# --- what is shown ------------------------------------------------------------------------------------


def show(results: list[Result]) -> None:
    table = Table(title="Interpolated, beside every frequency: CPU time a signal, and differences")
    headings = ("approximant", "prior", "signals", "ours (ms)", "full (ms)", "gain", "made in full")
    for heading in (*headings, "mismatch: 99 %", "max", "SNR: max", "strain: 99 %", "max"):
        table.add_column(heading, justify="left" if heading in headings[:2] else "right")
    for one in results:
        times = f"{one.interpolated_ms:.2f}", f"{one.full_ms:.2f}", f"{one.gain:.2f}", f"{one.made_in_full:.2%}"
        errors = [f"{error:.1e}" for error in (*one.mismatch[1:], one.snr.all, *one.strain[1:])]
        for place, spread in ((1, one.multibanding_mismatch), (4, one.multibanding_strain)):
            errors[place] += f" ({spread.all:.1e})"
        table.add_row(one.approximant, one.prior, str(one.signals), *times, *errors)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def plot(names: list[str], parameters: Parameters, path: Path) -> None:
    """Draw cost and error of degrees 5 to 12."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for name, color in zip(names, ("C0", "C1", "C2", "C3"), strict=False):
        found = [(degree, measure(name, "", parameters, degree)) for degree in range(5, 13)]
        costs = [one.interpolated_ms for _, one in found]
        axes.plot(costs, [one.strain.most for _, one in found], "o-", color=color, label=f"{name}, 99 % of signals")
        axes.plot(costs, [one.strain.median for _, one in found], "s:", color=color, label=f"{name}, median")
        for degree, one in found:
            axes.annotate(str(degree), (one.interpolated_ms, one.strain.most), (4, 4), textcoords="offset points")
    axes.set(yscale="log", xlabel="CPU time (ms a signal)", ylabel="largest difference of strain, of its peak")
    axes.set_title("Degree of the series in each block: cost and error")
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    sys.exit(main())
