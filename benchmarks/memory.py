"""Peak memory of the commands that make signals, all processes together, for few signals and for many.

    python benchmarks/memory.py [--num-signals N ...] [--workers W] [--prior P] [--approximant A]

``waveforms`` and ``validation-waveforms`` (SNR 4 at the design curve; every accepted signal costs many draws).

The command runs as a user runs it; every 50 ms the resident memory of its processes is added up: as RSS, which
counts what processes share once for each, and as PSS, which divides it among them. The reference holds all
waveforms in memory at once: beside it stands what that alone would take. The exit code is 1 where a promise is
broken: validation signals in less than 800 MB, counted as RSS.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from watch import watch

DURATION, SAMPLE_RATE = 8, 2048

#: What the project promises: peak RSS of all processes together, MB.
PROMISED = {"validation-waveforms": 800.0}

#: What each command has besides.
COMMANDS = {
    "waveforms": (),
    "validation-waveforms": ("--ifos", "H1,L1", "--psd", "aLIGOZeroDetHighPower", "--snr-threshold", "4"),
}


def measure(name: str, num_signals: int, workers: int, prior: str, approximant: str) -> dict[str, Any]:
    """Run a command once and watch its processes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "aframe_data", name, "--prior", prior, *COMMANDS[name]),
            *("--num-signals", str(num_signals), "--waveform-duration", str(DURATION)),
            *("--sample-rate", str(SAMPLE_RATE), "--output-file", str(Path(folder) / "signals.hdf5")),
            *("--waveform-approximant", approximant, "--workers", str(workers), "--seed", "1"),
        ]
        usage = watch(command, pss_too=True)
    held = num_signals * 2 * DURATION * SAMPLE_RATE * 8
    return {
        "command": name,
        "num_signals": num_signals,
        "seconds": usage.seconds,
        "peak_rss_MB": usage.peak_rss / 1e6,
        "peak_pss_MB": usage.peak_pss / 1e6,
        "reference_arrays_MB": held / 1e6,
    }


def main() -> int:
    """Print one row for each number of signals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num-signals", type=int, nargs="+", default=[500, 4000])
    parser.add_argument("--command", choices=tuple(COMMANDS), action="append", help="repeat it; all where not given")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--prior", default="end_o3_ratesandpops")
    parser.add_argument("--approximant", default="IMRPhenomPv2")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [
        measure(name, count, options.workers, options.prior, options.approximant)
        for name in options.command or COMMANDS
        for count in options.num_signals
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return broken(rows)
    print(f"{options.approximant}, {options.workers} workers, all processes together")
    print(
        f"{'command':<22}{'signals':>10} {'seconds':>9} {'peak RSS':>10} {'peak PSS':>10} {'arrays alone, float64':>22}"
    )
    for row in rows:
        print(
            f"{row['command']:<22}{row['num_signals']:>10} {row['seconds']:>9.1f} {row['peak_rss_MB']:>7.0f} MB "
            f"{row['peak_pss_MB']:>7.0f} MB {row['reference_arrays_MB']:>19.0f} MB"
        )
    return broken(rows)


def broken(rows: list[dict[str, Any]]) -> int:
    """1 where a promise is broken, or 0."""
    return int(any(row["peak_rss_MB"] >= PROMISED.get(row["command"], math.inf) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
