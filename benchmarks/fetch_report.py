"""What the benchmark of fetching found, in tables or for machines, and whether the promises are kept.

Not a benchmark itself.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import archive
from rich.console import Console
from rich.table import Table

from aframe_data.work.engine import available_cpus

if TYPE_CHECKING:
    import argparse

    from fetch_stages import Stage
    from watch import Usage

#: What the project promises: ratio of wall times on two cores, for each rate of the archive's files in Hz; and peak RSS
#: of all processes together, in bytes, from any.
PROMISED_RATIO = {4096: 5.0, 16384: 3.5}
PROMISED_MEMORY = 1e9
OURS, REFERENCE = "aframe-data", "reference"


@dataclass(frozen=True)
class Run:
    """One run of one way."""

    way: str
    rate: int
    usage: Usage
    server_seconds: float


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
    def cpu_ratio(self) -> float:
        """The same of CPU times, which other work on the machine disturbs less."""
        reference, ours = (
            statistics.median(run.usage.cpu_seconds for run in self.of(way)) for way in (REFERENCE, OURS)
        )
        return reference / ours

    @property
    def peak(self) -> int:
        """The most memory that ours took, bytes."""
        return max(run.usage.peak_rss for run in self.of(OURS))

    @property
    def kept(self) -> bool:
        """Whether the promises are."""
        return self.ratio >= PROMISED_RATIO.get(self.rate, 0.0) and self.peak < PROMISED_MEMORY


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
        f"{available_cpus()} CPUs, medians of {options.repeat}"
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
        f"{item.ratio:.1f} times as fast (promised: {PROMISED_RATIO.get(item.rate, 'nothing')}), "
        f"{item.cpu_ratio:.1f} times less CPU time, "
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
    cpus = available_cpus()
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
                f"{options.duration} s of {options.detectors}, {run.rate} to {options.sample_rate} Hz: "
                f"peak RSS {run.usage.peak_rss / 1e6:.0f} MB, peak PSS {run.usage.peak_pss / 1e6:.0f} MB, "
                f"all processes together (promised: less than {PROMISED_MEMORY / 1e6:.0f} MB)"
            )
    return 0 if all(run.usage.peak_rss < PROMISED_MEMORY for run in runs) else 1
