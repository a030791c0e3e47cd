"""A whole data set: what a dry run expects beside what the build takes, and two workers beside one.

    python benchmarks/build.py [--part 100] [--preset o3-bbh] [--only-workers]

The configuration is a preset's with simulated detectors, its numbers of signals and the lengths of its spans divided by
`--part`. First its dry run, then the build, each stage beside what was expected. Then the preset quickstart with one
worker and with two, in turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from watch import watch

from aframe_data.build.presets import preset_path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", type=int, default=100, help="what the size is divided by")
    parser.add_argument("--preset", default="o3-bbh", help="the configuration")
    parser.add_argument("--only-workers", action="store_true", help="only compare two workers with one")
    arguments = parser.parse_args()
    if arguments.only_workers:
        with tempfile.TemporaryDirectory() as name:
            scale(Path(name))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "c.json.yaml").write_text(json.dumps(scaled(arguments.preset, arguments.part)))
        command = [
            sys.executable,
            "-m",
            "aframe_data",
            "build",
            str(folder / "c.json.yaml"),
            "-o",
            str(folder / "data"),
        ]
        compare(command, folder / "data" / "build.json", f"{arguments.preset} / {arguments.part}")
        scale(folder)


def scaled(preset: str, part: int) -> dict[str, object]:
    """The configuration of a preset on a small scale, with simulated detectors."""
    content = tomllib.loads(preset_path(preset).read_text(encoding="utf-8"))
    for table in ("training-waveforms", "validation-waveforms", "testing-waveforms"):
        content[table]["num_signals"] = max(1, content[table]["num_signals"] // part)
    for table in ("train", "test"):
        split = content[table]
        split["end"] = split["start"] + max(4096, (split["end"] - split["start"]) // part)
        split.pop("query", None)
    content["source"] = "simulated"
    content["simulated"] = {"duty_cycle": 1}
    content.pop("query", None)
    content["query"] = {"flags": ["H1_DATA", "L1_DATA"]}
    return content


def compare(command: list[str], record: Path, title: str) -> None:
    """Print what was expected of each stage, and what it took."""
    told = subprocess.run([*command, "--dry-run", "--json"], check=True, stdout=subprocess.PIPE, text=True)
    expected = json.loads(told.stdout)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    taken = json.loads(record.read_text())["stages"]
    print(f"{title}: seconds expected and taken, bytes expected and taken, peak memory expected and taken")
    for before, after in zip(expected["stages"], taken, strict=True):
        usage = after["usage"]
        print(
            f"{before['name']:22} {before['seconds']:7.1f} {usage['seconds']:7.1f}   "
            f"{before['nbytes'] / 1e6:9.1f} {after['nbytes'] / 1e6:9.1f} MB   "
            f"{(before['memory'] or 0) / 1e6:6.0f} {usage['peak_memory'] / 1e6:6.0f} MB"
        )
    seconds = sum(stage["usage"]["seconds"] for stage in taken)
    nbytes = sum(stage["nbytes"] for stage in taken)
    print(
        f"in all {expected['seconds']:.0f} s expected, {seconds:.0f} s taken: {expected['seconds'] / seconds:.2f}; "
        f"bytes {expected['nbytes'] / nbytes:.2f}"
    )


def scale(folder: Path) -> None:
    """Print the wall time of quickstart with one worker over that with two, and the CPU time of both."""
    for turn in range(2):
        usages = []
        for workers in (1, 2):
            command = [sys.executable, "-m", "aframe_data", "build", "--preset", "quickstart", "--quiet"]
            output = folder / f"quickstart-{turn}-{workers}"
            usages.append(watch([*command, "--workers", str(workers), "-o", str(output)]))
        one, two = usages
        print(
            f"quickstart: {one.seconds:.1f} s with one worker, {two.seconds:.1f} s with two: "
            f"{one.seconds / two.seconds:.2f}; CPU {one.cpu_seconds:.1f} s and {two.cpu_seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
