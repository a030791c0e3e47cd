"""The command `aframe-data waveforms`, with drawing, writing and joining, beside the waveforms of the reference alone.

    python benchmarks/waveforms_command.py [--num 6000] [--references 200]

The command runs with one worker, interpolated and at every frequency; before and after it, PyCBC's get_td_waveform
makes some draws of the same prior in this process. CPU times, of all processes: of a signal of the whole command, with
start-up, and without what a run of one signal takes; and of a signal of PyCBC's. The exit code is 1 where a promise is
broken: 25 times as fast with IMRPhenomXPHM and 7 times with IMRPhenomPv2, without start-up.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from watch import watch

from aframe_data.types import WaveformRequest
from waveforms import by_pycbc, draw

PRIOR = "end_o3_ratesandpops"
#: How many times as fast as PyCBC's waveforms a signal of the command is at least, start-up aside.
PROMISED = {"IMRPhenomXPHM": 25.0, "IMRPhenomPv2": 7.0}
REQUEST = WaveformRequest(sample_rate=2048, duration=8, right_pad=2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num", type=int, default=6000, help="signals of the command")
    parser.add_argument("--references", type=int, default=200, help="signals of PyCBC, before and again after")
    options = parser.parse_args()
    print("ms of CPU a signal: PyCBC; the command, with start-up and without; how many times as fast")
    kept = True
    for approximant, promised in PROMISED.items():
        before = reference(approximant, options.references, seed=1)
        taken = {way: (command(approximant, way, options.num), command(approximant, way, 1)) for way in ("auto", "off")}
        after = reference(approximant, options.references, seed=2)
        theirs = (before + after) / 2 / options.references * 1e3
        for way, (whole, start) in taken.items():
            ours, marginal = (seconds / options.num * 1e3 for seconds in (whole, whole - start))
            print(
                f"{approximant}, interpolation {way}: {theirs:.1f}; {ours:.2f}, {marginal:.2f}; "
                f"{theirs / ours:.1f}, {theirs / marginal:.1f}",
                flush=True,
            )
            kept &= way == "off" or theirs / marginal >= promised
    return 0 if kept else 1


def reference(approximant: str, count: int, seed: int) -> float:
    """Seconds of CPU in which PyCBC makes some signals."""
    parameters = draw(PRIOR, count, seed, minimum_frequency=20.0, reference_frequency=50.0)
    by_pycbc(approximant, {name: values[:2] for name, values in parameters.items()}, REQUEST)
    started = time.process_time()
    by_pycbc(approximant, parameters, REQUEST)
    return time.process_time() - started


def command(approximant: str, interpolation: str, count: int) -> float:
    """Seconds of CPU that a run of the command takes, in all of its processes."""
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "--prior": PRIOR,
            "--approximant": approximant,
            "--interpolation": interpolation,
            "--num-signals": str(count),
            "--sample-rate": str(REQUEST.sample_rate),
            "--waveform-duration": str(REQUEST.duration),
            "--right-pad": str(REQUEST.right_pad),
            "--seed": "1",
            "--workers": "1",
            "--output-file": str(Path(folder) / "waveforms.hdf5"),
        }
        arguments = [text for option in options.items() for text in option]
        return watch([sys.executable, "-m", "aframe_data", "waveforms", "--quiet", *arguments]).cpu_seconds


if __name__ == "__main__":
    sys.exit(main())
