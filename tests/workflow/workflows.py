"""Workflows run for real: on this machine, or wherever an `Executor` lets them run."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import psutil
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from servers.htcondor import HTCondor
    from servers.slurm import Slurm

#: The path that `aframe-data snakefile` prints.
SNAKEFILE = files("aframe_data.aframe") / "data.smk"

_SCRIPTS = {"generate-training-waveforms", "generate-validation-waveforms", "generate-testing-waveforms", "fetch-data"}

#: A job that fails has no output to be brought back, and is held for it: by default for four hours.
_HTCONDOR = (
    *("--executor", "htcondor", "--jobs", "4", "--seconds-between-status-checks", "2"),
    *("--htcondor-held-timeout", "0"),
)
#: Else the program that is brought to the job is the Python of an environment, without the environment.
_WRAPPER = "job.sh"
_WRAPPER_TEXT = """#!/bin/sh
export PATH=/opt/venv/bin:/usr/bin:/bin HOME=/nonexistent
exec python -m snakemake "$@"
"""


@dataclass(frozen=True)
class Executor:
    """Where the jobs of a workflow run.

    Attributes
    ----------
    name
        For the names of tests and folders.
    run
        Run a command in a folder; in its environment, ``python`` and ``aframe-data`` are those under test.
    options
        What Snakemake is told of it.
    kill
        Kill the jobs of the workflow in a folder that are running now.
    folders
        Where workflows run: there, or anywhere if it is None.
    shared
        Whether jobs see the folder of the workflow, or copies of single files.
    """

    name: str
    run: Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]]
    options: Sequence[str]
    kill: Callable[[Path], None]
    folders: Path | None = None
    shared: bool = True


def run_workflow(
    config: Mapping[str, Any],
    folder: Path,
    executor: Executor,
    *,
    targets: Iterable[str] = (),
    options: Iterable[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run the workflow that ships in a folder, which gets its own Snakefile and config.yaml.

    Parameters
    ----------
    config
        The configuration.
    folder
        Paths of the workflow are relative to it. One that a workflow ran in goes on.
    executor
        Where the jobs run; `folder` lies where it can see it.
    targets
        Rules or files to make, instead of the first rule.
    options
        Of Snakemake, besides the executor's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Snakefile").write_text(SNAKEFILE.read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump(dict(config)))
    command = ["python", "-m", "snakemake", "--nocolor", "--configfile", "config.yaml"]
    # An option of several values would take the targets for some of them.
    return executor.run([*command, *executor.options, *options, "--", *targets], folder)


def local(*, cores: int = 2) -> Executor:
    """This machine, without a scheduler."""
    return Executor("local", run_here, ("--cores", str(cores)), kill_here)


def alone(executor: Executor) -> Executor:
    """Where the executor runs its jobs, on one core and without it."""
    return replace(executor, options=("--cores", "1"))


def slurm(server: Slurm) -> Executor:
    """Jobs of a Slurm that runs."""
    options = ("--executor", "slurm", "--jobs", "4", "--default-resources", f"slurm_partition={server.partition}")
    # It has no accounts and no accounting.
    options += ("--slurm-no-account", "--slurm-status-command", "squeue")
    # It looks after so many seconds, and after ten more each time that no job has ended.
    options += ("--slurm-init-seconds-before-status-checks", "3")
    return Executor("slurm", run_here, options, lambda _: server.cancel_running())


def htcondor(pool: HTCondor) -> Executor:
    """Jobs of a pool that runs, on a file system that all share."""
    # Jobs have no variables at all, else.
    options = (*_HTCONDOR, "--default-resources", "getenv=True")
    folders = pool.root / "home/user"
    return Executor("htcondor", pool.run, options, lambda _: pool.remove_running(), folders)


def htcondor_without_shared_files(pool: HTCondor) -> Executor:
    """Jobs of a pool that runs, where nothing is shared and nobody is at home."""
    options = (*_HTCONDOR, "--shared-fs-usage", "none", "--default-resources", f"job_wrapper={_WRAPPER}")
    # Outputs are brought back, and nothing else.
    options += ("htcondor_transfer_output_files=logs",)
    folders = pool.root / "home/user"

    def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        (folder / _WRAPPER).write_text(_WRAPPER_TEXT)
        (folder / _WRAPPER).chmod(0o755)
        return pool.run(command, folder)

    return Executor("htcondor-none", run, options, lambda _: pool.remove_running(), folders, shared=False)


def run_here(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with this Python first on the path, as in an environment that was activated."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def kill_here(folder: Path) -> None:
    """Kill the commands that run in a folder, as a machine without memory does: they cannot do anything about it."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder) and _SCRIPTS & {Path(word).name for word in process.cmdline()}:
                process.kill()


def assert_same_data(one: Path, other: Path) -> None:
    """Hold two files of aframe-data against each other, but for how and when they were made."""
    if one.suffix == ".txt":
        assert _rows(one) == _rows(other) != []
        return
    first, second = arrays(one), arrays(other)
    assert first.keys() == second.keys() != set()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


def _rows(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


def arrays(path: Path) -> dict[str, np.ndarray]:
    """Give all datasets of a file."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[:]}) if isinstance(item, h5py.Dataset) else None)
    return found
