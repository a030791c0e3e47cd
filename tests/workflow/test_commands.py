"""The commands in a workflow: on this machine, on a real Slurm and on a real HTCondor.

What is tried of Snakemake is what our commands have a part in: exit codes, logs, outputs that appear whole, and work
that goes on after a job was killed.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from workflows import (
    COMMANDS,
    Executor,
    assert_same_data,
    htcondor,
    htcondor_without_shared_files,
    local,
    run_workflow,
    slurm,
)

from container.trixie import folder_in_memory
from servers.htcondor import WITHOUT, HTCondor, make_root
from servers.slurm import Slurm, why_no_slurm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from subprocess import CompletedProcess

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("workflow"),
    pytest.mark.skipif(find_spec("snakemake") is None, reason="no Snakemake: the extra 'snakemake' has it"),
]

CONFIG = {
    "ifos": ["H1", "L1"],
    "start": 1240000000,
    "duration": 64,
    "sample_rate": 512,
    "snr_threshold": 0.1,
    "seeds": [1, 2],
    "num_signals": 8,
    "num_many_signals": 300,
}
OUTPUTS = ("segments.txt", "background/background-1240000000-64.hdf5", "psd.hdf5", "signals/1.hdf5", "signals/2.hdf5")
SIGNALS = (
    *("validation-waveforms", "--prior", "end_o3_ratesandpops", "--ifos", "H1,L1", "--waveform-duration", "4"),
    *("--sample-rate", "512", "--highpass", "20", "--snr-threshold", "0.1", "--psd", "psd.hdf5", "--workers", "1"),
)
BY_HAND = (
    *[("query", "--source", "simulated", "--flags", "H1_DATA,L1_DATA", "--start", "1240000000", "--end", "1240000064")],
    *[("fetch", "--source", "simulated", "--channels", "H1,L1", "--segments", OUTPUTS[0], "--sample-rate", "512")],
    *[("psd", OUTPUTS[1], "--fft-length", "4")],
    *[(*SIGNALS, "--num-signals", "8", "--seed", "1"), (*SIGNALS, "--num-signals", "8", "--seed", "2")],
)


@pytest.fixture(scope="module")
def slurm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    if reason := why_no_slurm():
        pytest.skip(reason)
    with Slurm(tmp_path_factory.mktemp("slurm-server")) as server:
        yield server


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTCondor]:
    with folder_in_memory(tmp_path_factory.mktemp("pool"), without=WITHOUT) as root:
        make_root(root)
        with HTCondor(root) as running:
            yield running


@pytest.fixture(scope="module", params=["local", "slurm", "htcondor", "htcondor-none"])
def executor(request: pytest.FixtureRequest) -> Executor:
    match request.param:
        case "slurm":
            return slurm(request.getfixturevalue("slurm_server"))
        case "htcondor":
            return htcondor(request.getfixturevalue("pool"))
        case "htcondor-none":
            return htcondor_without_shared_files(request.getfixturevalue("pool"))
    return local()


@pytest.fixture(scope="module")
def by_hand(executor: Executor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the same commands, one after the other at a terminal."""
    folder = new_folder(executor, "by-hand", tmp_path_factory)
    for command, output in zip(BY_HAND, OUTPUTS, strict=True):
        place = "background" if command[0] == "fetch" else output
        done = executor.run(["aframe-data", *command, "-o", place], folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def ran(executor: Executor, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a workflow with a rule that always fails, and what Snakemake said of it."""
    folder = new_folder(executor, "workflow", tmp_path_factory)
    done = run_workflow(COMMANDS, CONFIG, folder, executor, targets=["all", "never.hdf5"], options=["--keep-going"])
    assert done.returncode == 1, done.stderr
    return folder, done.stderr


def new_folder(executor: Executor, name: str, factory: pytest.TempPathFactory) -> Path:
    if executor.folders is None:
        return factory.mktemp(name)
    folder = executor.folders / f"{executor.name}-{name}"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_workflow_makes_the_same_data_as_its_commands_by_hand(
    ran: tuple[Path, str], by_hand: Path, output: str
) -> None:
    assert_same_data(ran[0] / output, by_hand / output)


def test_a_rule_that_always_fails_is_named_with_its_log(ran: tuple[Path, str]) -> None:
    folder, said = ran
    assert "Error in rule fails:" in said
    assert "log: logs/fails.log" in said
    assert "'segments.txt' is no background file" in (folder / "logs" / "fails.log").read_text()
    assert not (folder / "never.hdf5").exists()


def test_what_was_made_is_not_made_again(ran: tuple[Path, str], executor: Executor) -> None:
    folder, _ = ran
    before = {output: (folder / output).stat().st_mtime_ns for output in OUTPUTS}
    again = run_workflow(COMMANDS, CONFIG, folder, executor)
    assert again.returncode == 0, again.stderr
    assert "Nothing to be done" in again.stderr
    assert {output: (folder / output).stat().st_mtime_ns for output in OUTPUTS} == before


def test_a_killed_job_is_retried_and_loses_nothing(ran: tuple[Path, str], by_hand: Path, executor: Executor) -> None:
    if not executor.shared:
        pytest.skip("what a job has not finished is gone with its folder, where no file system is shared")
    folder, _ = ran
    parts = folder / "many_signals.hdf5.parts"
    with ThreadPoolExecutor(1) as thread:
        retries = {"targets": ["many_signals.hdf5"], "options": ["--retries", "1"]}
        workflow = thread.submit(run_workflow, COMMANDS, CONFIG, folder, executor, **retries)
        wait(lambda: units(parts), before=workflow)
        executor.kill(folder)
        wait(lambda: "Trying to restart job" in log_of_snakemake(folder), before=workflow)
        kept = units(parts)
        # What goes on has more than what was there, which it did not touch.
        wait(lambda: len(units(parts)) > len(kept), before=workflow)
        later = units(parts)
        done = workflow.result()
    assert done.returncode == 0, done.stderr
    assert kept
    assert done.stderr.count("Error in rule many_signals:") == 1
    assert later.items() >= kept.items()
    assert not parts.exists()
    command = (*SIGNALS, "--num-signals", str(CONFIG["num_many_signals"]), "--seed", "1")
    assert executor.run(["aframe-data", *command, "-o", "many_signals.hdf5"], by_hand).returncode == 0
    assert_same_data(folder / "many_signals.hdf5", by_hand / "many_signals.hdf5")


def units(parts: Path) -> dict[str, tuple[int, int]]:
    """Give inode and time of each whole unit of unfinished work: its accepted signals are written last."""
    found = {}
    for path in parts.glob("accepted-*.hdf5"):
        with suppress(FileNotFoundError):  # they go when the last is there
            found[path.name] = (path.stat().st_ino, path.stat().st_mtime_ns)
    return found


def log_of_snakemake(folder: Path) -> str:
    return max((folder / ".snakemake" / "log").iterdir(), key=lambda path: path.stat().st_mtime_ns).read_text()


def wait(condition: Callable[[], object], *, before: Future[CompletedProcess[str]]) -> None:
    """Wait for what happens before a workflow ends."""
    while not condition():
        if before.done():
            pytest.fail(f"the workflow ended too early\n{before.result().stderr}")
        time.sleep(0.05)
