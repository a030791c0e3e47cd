"""Speed and sameness of the waveforms, beside the way of the reference: PyCBC's get_td_waveform.

Run ``python benchmarks/waveforms.py`` with the extra ``benchmark`` installed. Draws of one prior are made by
both, batch by batch in turn, in one process with one thread, so that whatever else the machine does hits
both alike; times are CPU times, and a batch takes its turn as first and as second.

For each approximant the table has milliseconds a signal, their ratio, and for light signals (which start at
the asked frequency) and heavy ones (which start at 1899 Hz / M, and which the reference way gets with spins
converted at that same frequency) how far the two agree:

- match: `pycbc.filter.match`, maximised over time and phase, white noise from the signal's own starting
  frequency up, on the window as it is written to files; the smaller one of plus and cross;
- lag: the shift in samples at which the match is reached (zero: the two are aligned);
- peak: by how many samples the maximum of plus² + cross² differs; where it does, how much lower than its
  own maximum our amplitude is at the other's peak (a tie of two crests shows as a tiny number).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from agreement import Agreement, Comparison, compare, summarize
from rich.console import Console
from rich.table import Table

from aframe_data.plugin.binary import complete
from aframe_data.plugin.placement import place, zero_index
from aframe_data.registry.choice import choose
from aframe_data.types import WaveformRequest

if TYPE_CHECKING:
    from aframe_data.plugin.protocols import WaveformGenerator
    from aframe_data.types import FloatArray

Parameters = dict[str, "FloatArray"]

#: What the project promises: ratio of CPU times, match of each light signal, and in the median.
_PROMISED_RATIO = {"IMRPhenomPv2": 9.0, "IMRPhenomXPHM": 30.0}
_PROMISED_MATCH = 0.99
_PROMISED_MEDIAN = 0.9999


@dataclass(frozen=True)
class Result:
    """The figures of one approximant."""

    approximant: str
    ours_ms: float
    reference_ms: float
    ratio: float
    failures: int
    light: Agreement
    heavy: Agreement

    @property
    def keeps_promises(self) -> bool:
        """Whether speed and match are as promised."""
        fast = self.ratio >= _PROMISED_RATIO.get(self.approximant, 0.0)
        if self.light.match_min is None or self.light.match_median is None:
            return fast
        return fast and self.light.match_min > _PROMISED_MATCH and self.light.match_median > _PROMISED_MEDIAN


def main() -> int:
    options = parse()
    request = WaveformRequest(options.sample_rate, options.duration, options.right_pad)
    parameters = draw(options.prior, options.num, options.seed, options.minimum_frequency, options.reference_frequency)
    results = [measure(name, parameters, request, options.batch) for name in options.approximant]
    show(results, options)
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(result) for result in results], indent=2), encoding="utf-8")
    return 0 if all(result.keeps_promises for result in results) else 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Waveforms by aframe-data and by PyCBC, side by side.")
    parser.add_argument("--approximant", action="append", help="repeat it for several")
    parser.add_argument("--num", type=int, default=300, help="signals")
    parser.add_argument("--batch", type=int, default=10, help="signals made by one way before the other's turn")
    parser.add_argument("--prior", default="end_o3_ratesandpops")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample-rate", type=float, default=2048.0, help="Hz")
    parser.add_argument("--duration", type=float, default=8.0, help="seconds")
    parser.add_argument("--right-pad", type=float, default=2.0, help="seconds")
    parser.add_argument("--minimum-frequency", type=float, default=20.0, help="Hz")
    parser.add_argument("--reference-frequency", type=float, default=50.0, help="Hz")
    parser.add_argument("--json", help="also write the figures to this file")
    options = parser.parse_args()
    options.approximant = options.approximant or ["IMRPhenomPv2", "IMRPhenomXPHM"]
    return options


def draw(prior_name: str, n: int, seed: int, minimum_frequency: float, reference_frequency: float) -> Parameters:
    """Draw signals as `aframe-data waveforms` does."""
    prior = choose("prior", prior_name).create()
    samples = prior.sample(n, np.random.default_rng(seed))
    return complete(
        samples,
        frame=prior.frame,
        cosmology=getattr(prior, "cosmology", "Planck15"),
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
    )


# --- the two ways -------------------------------------------------------------------------------------


def measure(approximant: str, parameters: Parameters, request: WaveformRequest, batch: int) -> Result:
    """Make all signals in both ways, a batch at a time, and compare them."""
    generator = choose("waveforms", "lalsimulation", {"approximant": approximant}).create()
    count = len(parameters["mass_1"])
    warm_up(generator, approximant, parameters, request)
    seconds = {"ours": 0.0, "reference": 0.0}
    comparisons: list[Comparison] = []
    failures = 0
    for number, first in enumerate(range(0, count, batch)):
        some = {name: values[first : first + batch] for name, values in parameters.items()}
        made: dict[str, Any] = {}
        for way in ("ours", "reference") if number % 2 else ("reference", "ours"):
            started = time.process_time()
            made[way] = generator.generate(some, request) if way == "ours" else by_pycbc(approximant, some, request)
            seconds[way] += time.process_time() - started
        failures += len(made["ours"].failures)
        for index in range(len(some["mass_1"])):
            if index not in made["ours"].failures:
                ours = np.stack([made["ours"].plus[index], made["ours"].cross[index]])
                start = float(some["minimum_frequency"][index])
                comparisons.append(compare(ours, made["reference"][index], start, request.sample_rate))
    is_light = [comparison.start >= parameters["minimum_frequency"].max() for comparison in comparisons]
    return Result(
        approximant=approximant,
        ours_ms=seconds["ours"] / count * 1e3,
        reference_ms=seconds["reference"] / count * 1e3,
        ratio=seconds["reference"] / seconds["ours"],
        failures=failures,
        light=summarize([one for one, light in zip(comparisons, is_light, strict=True) if light]),
        heavy=summarize([one for one, light in zip(comparisons, is_light, strict=True) if not light]),
    )


def warm_up(generator: WaveformGenerator, approximant: str, parameters: Parameters, request: WaveformRequest) -> None:
    """Let both ways import and plan what they do once in a process."""
    first = {name: values[:2] for name, values in parameters.items()}
    generator.generate(first, request)
    by_pycbc(approximant, first, request)


def by_pycbc(approximant: str, parameters: Parameters, request: WaveformRequest) -> list[FloatArray]:
    """Plus and cross of each signal, (2, size), through PyCBC with bilby's conversion of the spins."""
    import lal
    from bilby.gw.conversion import bilby_to_lalsimulation_spins
    from pycbc.waveform import get_td_waveform

    made = []
    for index in range(len(parameters["mass_1"])):
        value = {name: float(values[index]) for name, values in parameters.items()}
        spins = bilby_to_lalsimulation_spins(
            theta_jn=value["theta_jn"],
            phi_jl=value["phi_jl"],
            tilt_1=value["tilt_1"],
            tilt_2=value["tilt_2"],
            phi_12=value["phi_12"],
            a_1=value["a_1"],
            a_2=value["a_2"],
            mass_1=value["mass_1"] * lal.MSUN_SI,
            mass_2=value["mass_2"] * lal.MSUN_SI,
            reference_frequency=value["reference_frequency"],
            phase=value["phase"],
        )
        plus, cross = get_td_waveform(
            approximant=approximant,
            mass1=value["mass_1"],
            mass2=value["mass_2"],
            inclination=spins[0],
            spin1x=spins[1],
            spin1y=spins[2],
            spin1z=spins[3],
            spin2x=spins[4],
            spin2y=spins[5],
            spin2z=spins[6],
            distance=value["luminosity_distance"],
            coa_phase=value["phase"],
            delta_t=1 / request.sample_rate,
            f_lower=value["minimum_frequency"],
            f_ref=value["reference_frequency"],
        )
        zero = zero_index(float(plus.start_time), request.sample_rate)
        made.append(place(np.stack([plus.numpy(), cross.numpy()]), zero, request))
    return made


def show(results: list[Result], options: argparse.Namespace) -> None:
    console = Console(width=None if sys.stdout.isatty() else 132)
    speed = Table(title=f"CPU time a signal: {options.num} draws of {options.prior}, {options.duration:g} s")
    for heading in ("approximant", "ours (ms)", "PyCBC (ms)", "ratio", "promised", "failed"):
        speed.add_column(heading, justify="left" if heading == "approximant" else "right")
    agreement = Table(title="Agreement with PyCBC on the window")
    for heading in ("approximant", "signals", "", "match: min", "median", "lag ≠ 0", "peak ≠", "by at most", "tie"):
        agreement.add_column(heading, justify="left" if heading == "approximant" else "right")
    for result in results:
        promised = _PROMISED_RATIO.get(result.approximant)
        speed.add_row(
            result.approximant,
            f"{result.ours_ms:.2f}",
            f"{result.reference_ms:.2f}",
            f"{result.ratio:.2f}",
            f"{promised:g}" if promised else "",
            str(result.failures),
        )
        for kind, part in (("light", result.light), ("heavy", result.heavy)):
            if part.match_min is None:
                continue
            agreement.add_row(
                result.approximant,
                kind,
                str(part.signals),
                f"{part.match_min:.5f}",
                f"{part.match_median:.6f}",
                str(part.lags),
                str(part.peaks_moved),
                str(part.peak_moved_most),
                f"{part.worst_tie:.1e}",
            )
    console.print(speed)
    console.print(agreement)


if __name__ == "__main__":
    sys.exit(main())
