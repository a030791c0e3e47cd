"""Whether estimates ever cost a signal: every draw made in full, and decided on with the estimates and without.

Run ``python benchmarks/exhaustive.py`` (an hour on two cores for the 20 000 draws of each population; ``--num``
for another size). The decisions are the library's own, `aframe_data.detection.rejection.decide`, with the margins
that a run would find, on full waveforms that are made once for all noises and thresholds.

*missed* are signals that should have been accepted and were not; *made* is how many draws the estimates leave to
be made in full. *Beyond* are draws that some other threshold might have missed: those of the trusted regions
whose SNR is more than their sketches and estimates, with their margins, allow. They warn long before a signal is
missed.

Then validation_waveforms is run both ways, and the files are compared bit by bit: signals, parameters, SNRs.
With ``--output`` what is finished is kept as a line of JSON for each row, and is not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import h5py
import numpy as np
from exhaustive_draws import UNIT, Case, Unit, decide_all
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from aframe_data import validation_waveforms
from aframe_data.detection.calibration import UNITS, CalibrationUnit, calibrate, fit
from aframe_data.injections.noise import estimate_noise
from aframe_data.injections.validation import plan as plan_validation
from aframe_data.progress import Advance, ignore
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.work.engine import Engine, available_cpus, engine_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aframe_data.detection.margins import Margins
    from aframe_data.waveforms.recipe import Recipe

#: Prior and approximant. The equal masses are a prior of this folder; the last model has no spectrum to estimate from.
POPULATIONS = (
    ("nonspin_bbh", "IMRPhenomD"),
    ("end_o3_ratesandpops", "IMRPhenomPv2"),
    ("spin_bbh", "IMRPhenomPv2"),
    ("end_o3_ratesandpops", "IMRPhenomXPHM"),
    ("spin_bbh", "IMRPhenomXPHM"),
    ("equal_masses.equal_masses", "IMRPhenomXPHM"),
    ("nonspin_bbh", "IMRPhenomT"),
    ("end_o3_ratesandpops_bns", "IMRPhenomPv2_NRTidal"),
)


@dataclass(frozen=True)
class Row:
    """What one threshold in one noise came to; the ratios are the smallest and the largest of the trusted regions."""

    prior: str
    approximant: str
    noise: str
    snr_threshold: float
    seed: int
    draws: int
    failed: int
    accepted: int
    missed: int
    made: int
    beyond: int
    fine_over_coarse: tuple[float, float]
    full_over_fine: tuple[float, float]
    full_over_loudest: tuple[float, float]
    same_files: bool | None


def examine(prior: str, approximant: str, options: argparse.Namespace) -> list[Row]:
    """A row for each noise and threshold."""
    count = -(-options.num // UNIT)
    with (
        tempfile.TemporaryDirectory() as folder,
        Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress,
    ):
        task = progress.add_task(f"{prior}, {approximant}", total=count * UNIT)
        with engine_for(options.workers) as running:
            recipe, cases = prepare(running, prior, approximant, options, Path(folder))
            units = [Unit(recipe, cases, number) for number in range(count)]

            def advance(amount: float, _tried: float = 0, /, *, found: bool = False) -> None:
                del found
                progress.advance(task, amount)

            parts = list(results(running, decide_all, units, advance))
        same = options.end_to_end and same_files(prior, approximant, options, Path(folder))
    rows = []
    for case, shares in zip(cases, zip(*parts, strict=True), strict=True):
        region, snrs, decisions = (np.concatenate(part, axis=-1) for part in zip(*shares, strict=True))
        if options.keep:
            name = f"{prior.partition('.')[0]}-{approximant}-{case.name}.npz"
            np.savez_compressed(Path(options.keep) / name, region=region, snrs=snrs, decisions=decisions)
        beyond, steps, ratios, sketched = held_against(case.margins, region, snrs)
        for acceptance, (accepted, made) in zip(case.acceptances, decisions, strict=True):
            in_full = snrs[3] >= acceptance.snr_threshold
            if (accepted & ~in_full).any():
                raise AssertionError(f"{approximant}: the estimates accepted what the full waveforms do not")
            rows.append(
                Row(
                    prior.partition(".")[0],
                    approximant,
                    case.name,
                    acceptance.snr_threshold,
                    options.seed,
                    len(region),
                    int(np.isnan(snrs[3]).sum()),
                    int(in_full.sum()),
                    int((in_full & ~accepted).sum()),
                    int(made.sum()),
                    beyond,
                    steps,
                    ratios,
                    sketched,
                    same_files=same if options.end_to_end else None,
                )
            )
    return rows


def held_against(
    margins: Margins | None, region: np.ndarray, snrs: np.ndarray
) -> tuple[int, tuple[float, float], tuple[float, float], tuple[float, float]]:
    """How many draws some threshold would miss: one that is just their SNR; and the ratios of what is trusted."""
    trusted = np.zeros(len(region), dtype=bool) if margins is None else margins.trust(region) & ~np.isnan(snrs[3])
    if margins is None or not trusted.any():
        return 0, (np.nan, np.nan), (np.nan, np.nan), (np.nan, np.nan)
    loudest, coarse, fine, full = snrs[:, trusted]
    beyond = (coarse * margins.coarse_reach < full) | margins.rules_out(coarse, fine, full)
    if margins.sketch is not None:
        beyond |= loudest * margins.sketch.reach < full
    ratios = [(float(np.min(ratio)), float(np.max(ratio))) for ratio in (fine / coarse, full / fine, full / loudest)]
    return int(beyond.sum()), ratios[0], ratios[1], ratios[2]


def prepare(
    running: Engine, prior: str, approximant: str, options: argparse.Namespace, folder: Path
) -> tuple[Recipe, tuple[Case, ...]]:
    """The recipe of the signals, and each noise with its margins."""
    cases = []
    for name, psd in (("O3", options.psd), ("design", ["aLIGOZeroDetHighPower"])):
        plans = [
            plan_validation(
                ValidationWaveforms(
                    **request(prior, approximant, options),
                    psd=psd,
                    snr_threshold=threshold,
                    output_file=folder / f"{name}.hdf5",
                )
            )
            for threshold in options.snr_threshold
        ]
        unit = plans[0].noise.unit(plans[0].unfinished, 0)
        noise = unit.path
        noise.parent.mkdir()
        estimate_noise(unit)
        recipe, acceptances = plans[0].recipe, tuple(plan.acceptance for plan in plans)
        units = [CalibrationUnit(recipe, acceptances[0], noise, number) for number in range(UNITS)]
        shares = [share for share in results(running, calibrate, units) if share is not None]
        cases.append(Case(name, acceptances, noise, fit(shares, recipe.kind.regions) if shares else None))
    return recipe, tuple(cases)


def request(prior: str, approximant: str, options: argparse.Namespace) -> dict[str, Any]:
    """What validation_waveforms is asked for."""
    return {
        "prior": prior,
        "generator_options": {"approximant": approximant},
        "num_signals": options.end_to_end or 1,
        "ifos": ["H1", "L1"],
        "sample_rate": 2048,
        "waveform_duration": 8,
        "seed": options.seed,
    }


def same_files(prior: str, approximant: str, options: argparse.Namespace, folder: Path) -> bool:
    """Whether both ways write the same signals, in the given noise, at the lowest threshold."""
    paths = [folder / "estimated.hdf5", folder / "in_full.hdf5"]
    for path, full_evaluation in zip(paths, (False, True), strict=True):
        validation_waveforms(
            **request(prior, approximant, options),
            psd=options.psd,
            snr_threshold=min(options.snr_threshold),
            output_file=path,
            full_evaluation=full_evaluation,
            workers=options.workers,
        )
    with h5py.File(paths[0]) as one, h5py.File(paths[1]) as other:
        names: list[str] = []
        one.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        return one.attrs["num_injections"] == other.attrs["num_injections"] and all(
            np.array_equal(one[name][:], other[name][:]) for name in names
        )


def results(
    running: Engine, function: Callable[[Any], Any], units: Sequence[Any], advance: Advance = ignore
) -> Iterator[Any]:
    """The results of some units; the first error is raised."""
    for outcome in running.run(function, units, advance=advance):
        if outcome.error is not None:
            raise outcome.error
        yield outcome.result


def main() -> int:
    data = Path(os.environ.get("AFRAME_DATA_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    psds = [f"{ifo}={data}/psd/aligo_O3actual_{ifo}.txt" for ifo in ("H1", "L1")]
    parser = argparse.ArgumentParser(description="Whether estimates ever cost a signal.")
    parser.add_argument("--num", type=int, default=20_000, help="draws of each population, in units of 256")
    parser.add_argument("--population", nargs=2, action="append", metavar=("PRIOR", "APPROXIMANT"))
    parser.add_argument("--psd", action="append", default=None, help="as of aframe-data, beside the design curve")
    parser.add_argument("--snr-threshold", type=float, nargs="+", default=[4.0, 8.0])
    parser.add_argument("--end-to-end", type=int, default=200, help="signals of the runs that are compared; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=available_cpus())
    parser.add_argument("--output", type=Path, help="keep finished rows here, as JSON, and go on from what is there")
    parser.add_argument("--keep", help="folder that gets regions, SNRs and decisions of all draws")
    options = parser.parse_args()
    options.psd = options.psd or psds
    # where the workers find the prior of equal masses
    sys.path.insert(0, str(Path(__file__).parent))
    os.environ["PYTHONPATH"] = os.pathsep.join([sys.path[0], os.environ.get("PYTHONPATH", "")])
    rows = kept_rows(options.output)
    for prior, approximant in options.population or POPULATIONS:
        asked = (prior.partition(".")[0], approximant, options.seed, -(-options.num // UNIT) * UNIT)
        if any((row.prior, row.approximant, row.seed, row.draws) == asked for row in rows):
            continue
        new = examine(prior, approximant, options)
        rows += new
        if options.output:
            with options.output.open("a", encoding="utf-8") as lines:
                lines.writelines(json.dumps(asdict(row)) + "\n" for row in new)
        show(new)
    if len(options.population or POPULATIONS) > 1:
        show(rows)
    return 1 if any(row.missed or row.same_files is False for row in rows) else 0


def kept_rows(path: Path | None) -> list[Row]:
    if path is None or not path.exists():
        return []
    return [Row(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def show(rows: list[Row]) -> None:
    table = Table(title="Signals accepted with estimates and without")
    texts, ratios = ("prior", "approximant", "noise, SNR"), ("fine/coarse", "full/fine", "full/loudest")
    for heading in (*texts, "draws", "accepted", "missed", "made", "beyond", *ratios, "files"):
        table.add_column(heading, justify="left" if heading in texts else "right")
    for row in rows:
        table.add_row(
            row.prior,
            row.approximant,
            f"{row.noise}, {row.snr_threshold:g}",
            *(str(value) for value in (row.draws, row.accepted, row.missed)),
            f"{row.made} ({row.made / row.draws:.1%})",
            str(row.beyond),
            *(
                "" if np.isnan(low) else f"{low:.4f}-{high:.4f}"
                for low, high in (row.fine_over_coarse, row.full_over_fine, row.full_over_loudest)
            ),
            {None: "", True: "same", False: "DIFFER"}[row.same_files],
        )
    Console(width=None if sys.stdout.isatty() else 165).print(table)


if __name__ == "__main__":
    sys.exit(main())
