"""Fetching open data, beside the reference's way: time, CPU time and memory, all processes together.

    python benchmarks/fetch.py [--rate HZ ...] [--duration S] [--repeat N] [--folder DIR] [--memory] [--json]

An archive of full size is written (files of 4096 s in GWOSC's layout, see ``archive.py``) and served on loopback by
a process of its own, for both ways. The reference's way (``reference_fetch.py``) is gwpy's: `fetch_open_data` of the
whole span, `resample`, and its default write. Ours is ``aframe-data fetch``. They run in turn, as commands with their
start-up, and medians count; the server shares the CPUs with them, and its CPU time is a column of its own. That both
have the same samples is checked.

A second table says what each stage costs for one file, beside the bare copy of the decoded bytes, and how far from
that the whole is. ``--memory`` looks at memory alone: 20 000 s of two detectors from files of 16384 Hz.

The exit code is 1 where a promise is broken: four times as fast as the reference at least, and less than 1 GB.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import statistics
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import archive
import h5py
import numpy as np
from fetch_stages import ArchiveFile, Stage, stages
from rich.console import Console
from rich.table import Table
from watch import Usage, watch

from aframe_data import engine
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What the project promises: ratio of wall times on two cores, and peak RSS of all processes together, in bytes.
PROMISED_RATIO = 4.0
PROMISED_MEMORY = 1e9
MEMORY_DURATION = 20_000
OURS, REFERENCE = "aframe-data", "reference"
#: Seconds at both ends where the two differ: the reference takes zeros for what lies beyond.
_EDGE = 1


@dataclass(frozen=True)
class Run:
    """One run of one way."""

    way: str
    rate: int
    usage: Usage
    server_seconds: float


@dataclass(frozen=True)
class Case:
    """What is fetched, from where, to where."""

    contents: archive.Contents
    rate: int
    sample_rate: int
    server: archive.Server
    folder: Path
    workers: int | None

    def command(self, way: str) -> list[str]:
        """As a user runs it."""
        span = (str(self.contents.start), str(self.contents.stop))
        if way == REFERENCE:
            script = str(Path(__file__).with_name("reference_fetch.py"))
            rates = (str(self.rate), str(self.sample_rate))
            output = str(self.output(way))
            return [sys.executable, script, self.server.url, output, *span, *rates, *self.contents.ifos]
        return [
            *(sys.executable, "-m", "aframe_data", "fetch", "--source", "gwosc", "--gwosc-host", self.server.url),
            *("--gwosc-rate", str(self.rate), "--sample-rate", str(self.sample_rate)),
            *("--channels", ",".join(self.contents.ifos), "--start", span[0], "--end", span[1]),
            *("--output-directory", str(self.output(way).parent)),
            *(() if self.workers is None else ("--workers", str(self.workers))),
        ]

    def output(self, way: str) -> Path:
        """The file that it writes."""
        contents = self.contents
        return self.folder / way / f"background-{contents.start}-{contents.duration}.hdf5"

    def run(self, way: str, *, pss_too: bool = False) -> Run:
        """Run one way from an empty folder."""
        shutil.rmtree(self.folder / way, ignore_errors=True)
        (self.folder / way).mkdir(parents=True)
        before = self.server.cpu_seconds()
        usage = watch(self.command(way), pss_too=pss_too)
        return Run(way, self.rate, usage, self.server.cpu_seconds() - before)


def main() -> int:
    options = parse()
    duration = MEMORY_DURATION if options.memory else options.duration
    contents = archive.Contents(tuple(options.detectors.split(",")), tuple(options.rate), duration)
    with work_folder(options.folder) as folder:
        need_room(folder, contents)
        archive.write(folder / "archive", contents)
        with archive.served(folder / "archive") as server:
            cases = [
                Case(contents, rate, options.sample_rate, server, folder / "output", options.workers)
                for rate in options.rate
            ]
            if options.memory:
                return report_memory([case.run(OURS, pss_too=True) for case in cases], options)
            return report([compare(case, options.repeat) for case in cases], contents, options)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, nargs="+", choices=(4096, 16384), help="of the archive's files; both")
    parser.add_argument("--sample-rate", type=int, default=2048, help="of the background files (default: 2048)")
    parser.add_argument("--duration", type=int, default=12_000, help="seconds (default: 12000)")
    parser.add_argument("--detectors", default="H1,L1", help="(default: H1,L1)")
    parser.add_argument("--workers", type=int, help="of aframe-data fetch; its own default where not given")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each way (default: 3)")
    parser.add_argument("--folder", type=Path, help="keep the archive there for other runs; else it is deleted")
    parser.add_argument("--memory", action="store_true", help="memory of aframe-data fetch alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.rate = options.rate or ([16384] if options.memory else [4096, 16384])
    return options


@contextmanager
def work_folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="aframe-data-benchmark-") as folder:
        yield Path(folder)


def need_room(folder: Path, contents: archive.Contents) -> None:
    needed, free = contents.nbytes, shutil.disk_usage(folder).free
    if needed > free:
        raise SystemExit(f"the archive may take {needed / 1e9:.0f} GB, and {folder} has {free / 1e9:.0f} GB free.")


# --- both ways ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """All runs of one case, and the stages of one of its files."""

    rate: int
    runs: tuple[Run, ...]
    stages: tuple[Stage, ...]

    def of(self, way: str) -> list[Run]:
        """The runs of one way."""
        return [run for run in self.runs if run.way == way]

    def seconds(self, way: str) -> float:
        """Median wall time of one way."""
        return statistics.median(run.usage.seconds for run in self.of(way))

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.seconds(REFERENCE) / self.seconds(OURS)

    @property
    def peak(self) -> int:
        """The most memory that ours took, bytes."""
        return max(run.usage.peak_rss for run in self.of(OURS))

    @property
    def kept(self) -> bool:
        """Whether the promises are."""
        return self.ratio >= PROMISED_RATIO and self.peak < PROMISED_MEMORY


def compare(case: Case, repeat: int) -> Comparison:
    """Run both ways in turn, and then the stages of one file."""
    runs = [case.run(way) for _ in range(repeat) for way in (REFERENCE, OURS)]
    require_equal(case)
    span = Segment(archive.FIRST, archive.FIRST + archive.FILE_SECONDS)
    path = case.contents.path(case.folder.parent / "archive", case.contents.ifos[0], case.rate, archive.FIRST)
    file = ArchiveFile(path, case.server.url_of(path), span, case.rate, case.sample_rate, case.folder)
    return Comparison(case.rate, tuple(runs), tuple(stages(file)))


def require_equal(case: Case) -> None:
    """Check that both ways gave the same samples, to rounding."""
    edge = _EDGE * case.sample_rate
    with h5py.File(case.output(OURS)) as ours, h5py.File(case.output(REFERENCE)) as reference:
        for ifo in case.contents.ifos:
            mine, other = ours[ifo][edge:-edge], reference[ifo][edge:-edge]
            np.testing.assert_allclose(mine, other, rtol=0, atol=1e-9 * float(np.std(other)), err_msg=ifo)


# --- what is printed ----------------------------------------------------------------------------------


def report(comparisons: list[Comparison], contents: archive.Contents, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps([dataclasses.asdict(item) | {"ratio": item.ratio} for item in comparisons], indent=1))
    else:
        console = Console(width=None if sys.stdout.isatty() else 120)
        for item in comparisons:
            console.print(ways_table(item, contents, options))
            console.print(stages_table(item))
            console.print(f"{whole(item, contents)}\n", highlight=False, soft_wrap=True)
    return 0 if all(item.kept for item in comparisons) else 1


def ways_table(item: Comparison, contents: archive.Contents, options: argparse.Namespace) -> Table:
    table = Table(
        title=f"{contents.duration} s of {options.detectors}, {item.rate} to {options.sample_rate} Hz, "
        f"{engine.available_cpus()} CPUs, medians of {options.repeat}"
    )
    for heading in ("", "wall, s", "from", "to", "CPU, s", "server's CPU, s", "peak RSS, MB"):
        table.add_column(heading, justify="right" if heading else "left")
    for way in (REFERENCE, OURS):
        runs = item.of(way)
        walls = [run.usage.seconds for run in runs]
        table.add_row(
            way,
            f"{statistics.median(walls):.1f}",
            f"{min(walls):.1f}",
            f"{max(walls):.1f}",
            f"{statistics.median(run.usage.cpu_seconds for run in runs):.1f}",
            f"{statistics.median(run.server_seconds for run in runs):.1f}",
            f"{max(run.usage.peak_rss for run in runs) / 1e6:.0f}",
        )
    table.caption = (
        f"{item.ratio:.1f} times as fast (promised: {PROMISED_RATIO:g}), "
        f"{item.peak / 1e6:.0f} MB (promised: less than {PROMISED_MEMORY / 1e6:.0f})"
    )
    return table


def stages_table(item: Comparison) -> Table:
    decoded = archive.FILE_SECONDS * item.rate * 8
    table = Table(title=f"One file of {archive.FILE_SECONDS} s, {decoded / 1e6:.0f} MB decoded, stage by stage")
    for heading in ("stage", "wall, s", "CPU, s", "MB/s decoded", "of the copy", "done by us"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage in item.stages:
        table.add_row(
            stage.name,
            f"{stage.seconds:.2f}",
            f"{stage.cpu_seconds:.2f}",
            f"{decoded / stage.seconds / 1e6:.0f}",
            f"{stage.seconds / item.stages[0].seconds:.1f}",
            "yes" if stage.done else "",
        )
    return table


def whole(item: Comparison, contents: archive.Contents) -> str:
    """How far from the bare limit all of it is."""
    files = len(contents.file_starts) * len(contents.ifos)
    cpus = engine.available_cpus()
    copy = item.stages[0].seconds * files
    work = sum(stage.seconds for stage in item.stages if stage.done) * files / cpus
    ours = item.seconds(OURS)
    return (
        f"{files} files: copying their decoded bytes {copy:.1f} s; what is done to them, spread over {cpus} CPUs, "
        f"{work:.1f} s; aframe-data {ours:.1f} s, {ours / copy:.1f} times the copy, with start-up and server."
    )


def report_memory(runs: list[Run], options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps([dataclasses.asdict(run) for run in runs], indent=1))
    else:
        for run in runs:
            print(
                f"{MEMORY_DURATION} s of {options.detectors}, {run.rate} to {options.sample_rate} Hz: "
                f"peak RSS {run.usage.peak_rss / 1e6:.0f} MB, peak PSS {run.usage.peak_pss / 1e6:.0f} MB, "
                f"all processes together (promised: less than {PROMISED_MEMORY / 1e6:.0f} MB)"
            )
    return 0 if all(run.usage.peak_rss < PROMISED_MEMORY for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
