"""A whole data set: what a dry run expects beside what the build takes, and two workers beside one.

    python benchmarks/build.py [--part 100] [--preset o3-bbh] [--only-workers] [--times 1]

The configuration is a preset's with simulated detectors, its numbers of signals and the lengths of its spans divided by
`--part`. First its dry run, then the build, each stage beside what was expected. Then the preset quickstart with one
worker and with two, in turns; with `--times`, of so many times its signals and a quarter as many times its background.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from aframe_data.build.presets import preset_path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", type=int, default=100, help="what the size is divided by")
    parser.add_argument("--preset", default="o3-bbh", help="the configuration")
    parser.add_argument("--only-workers", action="store_true", help="only compare two workers with one")
    parser.add_argument("--times", type=int, default=1, help="what the size of quickstart is multiplied by")
    arguments = parser.parse_args()
    if arguments.only_workers:
        with tempfile.TemporaryDirectory() as name:
            scale(Path(name), arguments.times)
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
        scale(folder, arguments.times)


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


def scale(folder: Path, times: int) -> None:
    """Print the wall time of quickstart with one worker over that with two, and what each stage took with both."""
    configuration = folder / "quickstart.yaml"  # JSON is YAML
    configuration.write_text(json.dumps(multiplied(times)))
    command = [sys.executable, "-m", "aframe_data", "build", str(configuration), "--quiet"]
    for turn in range(3):
        seconds, stages = [], []
        for workers in (1, 2):
            output = folder / f"quickstart-{turn}-{workers}"
            started = time.perf_counter()  # nothing else may run: who looks on has a core that a worker wants
            subprocess.run([*command, "--workers", str(workers), "-o", str(output)], check=True)
            seconds.append(time.perf_counter() - started)
            stages.append(json.loads((output / "build.json").read_text())["stages"])
            shutil.rmtree(output)
        one, two = seconds
        print(f"quickstart, {times} times: {one:.1f} s with one worker, {two:.1f} s with two: {one / two:.2f}")
    for alone, both in zip(*stages, strict=True):
        one, two = alone["usage"], both["usage"]
        print(
            f"{alone['name']:22} {one['seconds']:6.1f} {two['seconds']:6.1f} s, "
            f"CPU {one['cpu_seconds']:6.1f} {two['cpu_seconds']:6.1f} s"
        )


def multiplied(times: int) -> dict[str, object]:
    """The preset quickstart on a larger scale."""
    content = tomllib.loads(preset_path("quickstart").read_text(encoding="utf-8"))
    for table in ("training-waveforms", "validation-waveforms", "testing-waveforms"):
        content[table]["num_signals"] *= times
    seconds = (content["train"]["end"] - content["train"]["start"]) * max(1, times // 4)
    content["train"]["end"] = content["test"]["start"] = content["train"]["start"] + seconds
    content["test"]["end"] = content["test"]["start"] + seconds
    return content


if __name__ == "__main__":
    main()
