"""Snakefiles with the workflow that ships in them, and what Snakemake would do with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIG: dict[str, Any] = {
    "max_duration": 4096,
    "num_testing_signals": 700,
    "num_validation_signals": 50,
    "num_validation_jobs": 4,
    "num_training_signals": 150,
    "num_train_waveform_jobs": 9,
    "channels": ["H1:GDS-CALIB_STRAIN", "L1:GDS-CALIB_STRAIN"],
}
SEGMENTS = {"train": [(1240579783, 1240579783 + 3000)], "test": [(1250000000, 1250009000), (1250010000, 1250010300)]}

#: What stands around data.smk in Aframe's Snakefile, and what train.smk, infer.smk and plots.smk take from it.
PIPELINE = """
from pathlib import Path

REPO, run_dir, log_dir = Path("code"), Path("."), Path("logs")

def container(project):
    return None

def rule_resources(name, project, local_pool=False):
    return {"mem_mb": 1000, "runtime": 10, "requirements": f"{project} {local_pool}"}

include: DATA

rule all:
    input: "asked.json"

rule train:
    input: train_background_files, train_waveforms / "val_waveforms.hdf5", train_waveforms / "training_waveforms.hdf5"
    output: "trained"
    container: DATA_CONTAINER
    shell: "touch {output}"

def branches(wildcards):
    found = {"branches": testing_waveform_branches(), "background": background_files("test")}
    Path("branches.json").write_text(json.dumps({**found, "train": train_background_files(wildcards)}))
    return [testing_waveform_file(*branch) for branch in found["branches"]]

rule infer:
    input:
        lambda wildcards: background_files("test"),
        branches,
    output: "inferred"
    shell: "touch {output}"

rule plots:
    input: test_waveforms / "waveforms.hdf5", test_waveforms / "rejected_parameters.hdf5"
    output: "plotted"
    params: ifos=_fmt_list(["H1", "L1"])
    shell: "touch {output}"

import json
answers = {
    "paths": list(map(str, (bg_dir, waveform_dir, train_bg, test_bg, train_waveforms, test_waveforms, data_log_dir))),
    "segments": _read_segments("data/test/segments.txt"),
    "list": _fmt_list([0.0, 1.0]),
    "chunks": _segment_chunks("data/test/segments.txt"),
    "shifts": [timeslide_shifts(n) for n in range(3)],
    "analyzeable": [_is_analyzeable_segment(0, stop, [0.0, 1.0], 64.0) for stop in (65, 66)],
    "file": testing_waveform_file(1, 2, 3), "rejected": testing_waveform_file(1, 2, 3, "rejected_parameters"),
}
Path("answers.json").write_text(json.dumps(answers))
"""


@pytest.fixture(scope="session")
def snakefile() -> Path:
    """The path that a user gets."""
    done = subprocess.run(
        [Path(sys.executable).with_name("aframe-data"), "snakefile"], capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


def run_folder(folder: Path, snakefile: Path, text: str = PIPELINE, **config: Any) -> Path:
    """A run's folder with segments, in which no module aframe_data can be imported."""
    for split, segments in SEGMENTS.items():
        path = folder / "data" / split / "segments.txt"
        path.parent.mkdir(parents=True)
        rows = [f"{n}\t{start}\t{stop}\t{stop - start}" for n, (start, stop) in enumerate(segments)]
        path.write_text("\n".join(["# seg\tstart\tstop\tduration", *rows]) + "\n")
    (folder / "config.yaml").write_text(yaml.safe_dump({**CONFIG, **config}))
    (folder / "Snakefile").write_text(text.replace("DATA\n", f"{str(snakefile)!r}\n"))
    (folder / "without" / "aframe_data").mkdir(parents=True)
    (folder / "without" / "aframe_data" / "__init__.py").write_text("raise ImportError('not in this image')\n")
    return folder


def plan(folder: Path, *targets: str, options: Sequence[str] = (), fails: bool = False) -> str:
    """What Snakemake would do, as it prints it."""
    command = [sys.executable, "-m", "snakemake", "--configfile", "config.yaml", "-n", "-p", "--nocolor"]
    done = subprocess.run(
        [*command, *options, "--", *targets],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(folder / "without")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stdout + done.stderr
