"""Fetching open data, beside the reference's way: time, CPU time and memory, all processes together.

    python benchmarks/fetch.py [--rate HZ ...] [--duration S] [--repeat N] [--folder DIR] [--memory] [--json]

An archive of full size is written (files of 4096 s in GWOSC's layout, see ``archive.py``) and served on loopback by
a process of its own, for both ways. The reference's way (``reference_fetch.py``) is gwpy's: `fetch_open_data` of the
whole span, `resample`, and its default write. Ours is ``aframe-data fetch``. They run in turn, as commands with their
start-up, and medians count; the server shares the CPUs with them, and its CPU time is a column of its own. That both
have the same samples is checked.

A second table says what each stage costs for one file, beside the bare copy of the decoded bytes, and how far from
that the whole is. ``--memory`` looks at memory alone: 20 000 s of two detectors from files of 16384 Hz.

The exit code is 1 where a promise is broken: five times as fast as the reference at least, from the files of 4096 Hz
that it reads, and 3.5 times from those of 16384 Hz; and less than 1 GB.
"""

from __future__ import annotations

import argparse
import os
import shutil
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
from fetch_report import OURS, REFERENCE, Comparison, Run, report, report_memory
from fetch_stages import ArchiveFile, stages
from watch import watch

from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds of strain for the comparison, and for memory.
DURATION, MEMORY_DURATION = 12_000, 20_000
#: Seconds at both ends where the two differ: the reference takes zeros for what lies beyond.
_EDGE = 1


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
    contents = archive.Contents(tuple(options.detectors.split(",")), tuple(options.rate), options.duration)
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
    parser.add_argument("--sample-rate", type=count, default=2048, help="of the background files (default: 2048)")
    parser.add_argument("--duration", type=count, help=f"seconds (default: {DURATION}; with --memory 20000)")
    parser.add_argument("--detectors", default="H1,L1", help="(default: H1,L1)")
    parser.add_argument("--workers", type=count, help="of aframe-data fetch; its own default where not given")
    parser.add_argument("--repeat", type=count, default=3, help="runs of each way (default: 3)")
    parser.add_argument("--folder", type=Path, help="keep the archive there for other runs; else it is deleted")
    parser.add_argument("--memory", action="store_true", help="memory of aframe-data fetch alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.rate = options.rate or ([16384] if options.memory else [4096, 16384])
    options.duration = options.duration or (MEMORY_DURATION if options.memory else DURATION)
    ifos = options.detectors.split(",")
    if len(set(ifos)) < len(ifos) or not set(ifos) <= {"H1", "L1", "V1"}:
        parser.error(f"--detectors: {options.detectors}: some of H1, L1, V1 with commas between them")
    if options.sample_rate > min(options.rate):
        parser.error(f"--sample-rate: {options.sample_rate}: strain of {min(options.rate)} Hz is not upsampled")
    if options.duration < 10:
        parser.error(f"--duration: {options.duration}: a background file is at least 10 s long")
    return options


def count(text: str) -> int:
    """A positive whole number."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive whole number")
    return int(text)


@contextmanager
def work_folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SystemExit(f"--folder: cannot write to {kept}: {error.strerror}.") from error
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="aframe-data-benchmark-") as folder:
        yield Path(folder)


def need_room(folder: Path, contents: archive.Contents) -> None:
    needed, free = contents.nbytes, shutil.disk_usage(folder).free
    if needed > free:
        raise SystemExit(f"the archive may take {needed / 1e9:.0f} GB, and {folder} has {free / 1e9:.0f} GB free.")


# --- both ways ----------------------------------------------------------------------------------------


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


if __name__ == "__main__":
    sys.exit(main())
