"""How long a fetch of many segments thinks before its first unit of work begins.

    python benchmarks/planning.py [--segments N] [--there M]

For N segments of which no file is there, and for as many of which M are. Nothing is fetched, and the files that are
there are the smallest that a fetch could have made.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from aframe_data.formats.segwizard import write_segments
from aframe_data.requests.fetch import Fetch
from aframe_data.strain.fetch import plan
from aframe_data.types import Segment
from aframe_data.work.carry_out import carry_out, do, forecast
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aframe_data.work.units import Outcome, Result, Unit

START, EVERY, LASTS = 1_240_000_000, 40, 30
RATE = 64


class FirstUnitError(Exception):
    """The work has begun."""


class Nobody:
    """An engine that ends where a unit should begin."""

    workers = 1

    def prepare(self, modules: Iterable[str]) -> None:
        """Import nothing."""

    def run(
        self, function: Callable[[Unit], Result], units: Iterable[Unit], **_: Any
    ) -> Iterator[Outcome[Unit, Result]]:
        """Take nothing, and give nothing."""
        del function
        for _unit in units:
            raise FirstUnitError
        return iter(())


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--there", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        segments = [Segment(START + EVERY * k, START + EVERY * k + LASTS) for k in range(options.segments)]
        write_segments(folder / "segments.txt", segments)
        request = Fetch(
            channels=["H1", "L1"],
            sample_rate=RATE,
            source="simulated",
            segments=folder / "segments.txt",
            output_directory=folder / "background",
        )
        measure(f"{options.segments} segments, none there", request)
        make_files(request, options.there)
        measure(f"{options.segments} segments, {options.there} there", request)


def measure(title: str, request: Fetch) -> None:
    """Say how long a forecast takes, and the work up to its first unit."""
    begun = time.perf_counter()
    forecast(request, Work(Nobody()))
    foreseen = time.perf_counter()
    with contextlib.suppress(FirstUnitError):
        carry_out(request, Work(Nobody()))
    print(
        f"{title}: {foreseen - begun:.1f} s for a forecast, "
        f"{time.perf_counter() - foreseen:.1f} s up to the first unit of work"
    )


def make_files(request: Fetch, count: int) -> None:
    """Fetch the first file, and copy it for the others."""
    outputs = plan(request).outputs[:count]
    if not outputs:
        return
    first = outputs[0]
    do(replace(request, segments=(first.span,), workers=0)).raise_for_failures()
    for output in outputs[1:]:
        shutil.copy(first.path, output.path)
        span = output.span
        with h5py.File(output.path, "r+") as file:
            record = json.loads(file.attrs["provenance"])
            file.attrs["provenance"] = json.dumps({**record, "span": [span.start, span.stop]})
            for wanted in first.wanted:
                file[wanted.ifo].attrs["x0"] = float(span.start)


if __name__ == "__main__":
    main()
