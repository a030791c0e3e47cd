"""What a run costs once, before and around its signals, and what of it two workers do twice.

    python benchmarks/run_start.py [--runs N]

One signal of IMRPhenomXPHM for training, and one and sixteen for validation, with one worker and with two, in turns
with an interpreter that only imports what they need. CPU seconds, by who spent them. One validation signal is found
among some thirty draws, all made in full; for sixteen of them it pays to calibrate estimates first.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

SIGNALS = (
    *("--prior", "end_o3_ratesandpops", "--sample-rate", "2048", "--waveform-duration", "8"),
    *("--waveform-approximant", "IMRPhenomXPHM", "--seed", "1", "--quiet"),
)
VALIDATION = (
    *("validation-waveforms", *SIGNALS, "--ifos", "H1,L1", "--minimum-frequency", "20", "--highpass", "32"),
    *("--snr-threshold", "4", "--psd", "aLIGOZeroDetHighPower"),
)
COMMANDS = {
    "waveforms": ("waveforms", *SIGNALS, "--num-signals", "1"),
    "one validation signal": (*VALIDATION, "--num-signals", "1"),
    "sixteen validation signals": (*VALIDATION, "--num-signals", "16"),
}
IMPORTS = "import bilby.gw.prior, lalsimulation, astropy.cosmology, h5py"


def spent(command: list[str]) -> list[float]:
    """CPU seconds of the command itself, of the server from which workers are forked, and of the workers."""
    process = psutil.Process(subprocess.Popen(command, stdout=subprocess.DEVNULL).pid)
    seconds: dict[int, tuple[int, float]] = {}
    while process.status() != psutil.STATUS_ZOMBIE:
        for depth, member in _members(process):
            with suppress(psutil.Error):  # it is gone
                times = member.cpu_times()
                seconds[member.pid] = (depth, times.user + times.system)
        time.sleep(0.02)
    return [sum(value for depth, value in seconds.values() if depth == wanted) for wanted in range(3)]


def _members(process: psutil.Process, depth: int = 0) -> list[tuple[int, psutil.Process]]:
    children = []
    with suppress(psutil.Error):
        children = process.children()
    return [(depth, process), *(found for child in children for found in _members(child, depth + 1))]


def main() -> None:
    """Print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    found: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(options.runs):
            found.setdefault("the imports alone", []).append(spent([sys.executable, "-c", IMPORTS]))
            for name, words in COMMANDS.items():
                for workers in ("1", "2"):
                    output = Path(folder) / f"{name}-{workers}-{turn}.hdf5"
                    line = [sys.executable, "-m", "aframe_data", *words, "--workers", workers, "-o", str(output)]
                    found.setdefault(f"{name}, {workers} worker{'s' * (workers != '1')}", []).append(spent(line))
    print(f"{'CPU seconds':34} {'all':>6} {'command':>8} {'server':>7} {'workers':>8}")
    for name, runs in found.items():
        command, server, workers = (statistics.median(values) for values in zip(*runs, strict=True))
        total = statistics.median(map(sum, runs))
        print(f"{name:34} {total:6.2f} {command:8.2f} {server:7.2f} {workers:8.2f}")


if __name__ == "__main__":
    main()
