"""CPU time to the help page, and to what Tab offers, beside a bare rich-click program with the same commands.

    python benchmarks/startup.py [--runs N]

Both programs start in turn; the medians are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BARE = '''
import rich_click as click

@click.group()
def cli():
    """Make the data on which Aframe is trained and tested: segments, strain and waveforms."""

for name in ("query", "fetch", "waveforms", "inspect", "plugins"):
    cli.add_command(click.Command(name, help="A command of this name."))

cli()
'''

#: Commands with few options and with many, of one provider and of several.
HELPED = ("query", "fetch", "psd", "waveforms", "timeslide-waveforms")


#: Lines of which a shell completes the last word: with a list of commands, of providers, and of the cache.
COMPLETED = ("ver", "fetch --source sim", "waveforms --approximant IMR")


def seconds(command: list[str], **environment: str) -> float:
    """CPU time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    script = Path(sys.executable).with_name("aframe-data")
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        commands = {
            "bare rich-click program, --help": [sys.executable, str(bare), "--help"],
            "aframe-data --help": [str(script), "--help"],
            **{f"aframe-data {name} --help": [str(script), name, "--help"] for name in HELPED},
            **{f"aframe-data {line}<Tab>": [str(script), *line.split()] for line in COMPLETED},
            "aframe-data plugins list": [str(script), "plugins", "list"],
            "python -c 'import gwpy.timeseries'": [sys.executable, "-c", "import gwpy.timeseries"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                asked = name.endswith("<Tab>")
                line = {"COMP_WORDS": "\n".join(["aframe-data", *command[1:]]), "COMP_CWORD": str(len(command) - 1)}
                asking = {"_AFRAME_DATA_COMPLETE": "bash_complete", **line} if asked else {}
                times[name].append(seconds(command, **asking))
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = next(iter(medians.values()))
    if options.json:
        print(json.dumps(medians, indent=1))
        return
    for name, value in medians.items():
        print(f"{name:<40} {value * 1e3:>7.0f} ms   {value / base:>5.2f} times the bare program")


if __name__ == "__main__":
    main()
