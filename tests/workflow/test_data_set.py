"""The workflow that ships, with tiny numbers: on this machine, on a real Slurm and on a real HTCondor.

What is tried of Snakemake is what our scripts and rules have a part in: exit codes, logs, outputs that appear whole,
work that goes on after a job was killed, and pieces that go when they are joined.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import psutil
import pytest
from workflows import (
    Executor,
    alone,
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
    pytest.mark.skipif(find_spec("snakemake") is None, reason="no Snakemake: the extra 'snakemake' has it"),
]

#: The simulated detectors are both on in all of it. Each split has a chunk for the PSD and a short one; the campaign
#: has two timeslides.
CONFIG: dict[str, Any] = {
    "source": "simulated",
    "train_start": 1240000000,
    "train_end": 1240002050,
    "test_start": 1240002050,
    "test_end": 1240004138,
    "train_min_duration": 1,
    "test_min_duration": 1,
    "max_duration": 2048,
    "sample_rate": 512,
    "waveform_duration": 4,
    "psd_length": 8,
    "buffer": 4,
    "spacing": 1000,
    "snr_threshold": 0.1,
    "num_training_signals": 70,
    "num_train_waveform_jobs": 2,
    "num_validation_signals": 20,
    "num_validation_jobs": 2,
    "num_testing_signals": 5,
}
BACKGROUND = (
    "data/train/background-1240000000-2048.hdf5",
    "data/train/background-1240002048-2.hdf5",
    "data/test/background-1240002050-2048.hdf5",
    "data/test/background-1240004098-40.hdf5",
)
BRANCHES = [f"{chunk}-{slide}" for chunk in ("1240002050-2048", "1240004098-40") for slide in (1, 2)]
TRAINING = "waveforms/train/training_waveforms.hdf5"
VALIDATION = "waveforms/train/val_waveforms.hdf5"
SAME = (
    *("data/train/segments.txt", "data/test/segments.txt", *BACKGROUND),
    *("waveforms/train/psd.hdf5", TRAINING, VALIDATION, "waveforms/test/psd.hdf5"),
    *(f"waveforms/test/branches/{branch}/waveforms.hdf5" for branch in BRANCHES),
    *("waveforms/test/waveforms.hdf5", "waveforms/test/rejected_parameters.hdf5"),
)
#: Long enough to be killed in the middle: HTCondor lets a job go on for seconds after it was removed.
MANY_SIGNALS = {"num_validation_signals": 600, "num_validation_jobs": 1}
PIECES = "waveforms/train/validation_tmp"


@dataclass(frozen=True)
class Ran:
    """A workflow that failed first, and then made all.

    Attributes
    ----------
    folder
        Where it ran.
    said
        What Snakemake said when it failed.
    log
        What the log of the job that failed said then.
    kept
        When each file was made that was there then.
    """

    folder: Path
    said: str
    log: str
    kept: dict[str, int]


@pytest.fixture(scope="module")
def slurm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    if reason := why_no_slurm():
        pytest.skip(reason)
    with Slurm(tmp_path_factory.mktemp("slurm-server"), cpus=8) as server:
        yield server


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTCondor]:
    if os.environ.get("AFRAME_DATA_TEST_HTCONDOR") != "1":
        pytest.skip("no HTCondor: it takes ten minutes, and runs with AFRAME_DATA_TEST_HTCONDOR=1 in the environment")
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
def plain_here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one plain run on one core of this machine, whichever worker of pytest-xdist makes it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "plain"
    with made_once(folder) as is_there:
        return folder if is_there else run_all(folder, local(cores=1))


@contextmanager
def made_once(folder: Path) -> Iterator[bool]:
    """Say whether a folder has been made; whoever else wants it waits meanwhile for the one that makes it."""
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield done.exists()
        done.touch()


@pytest.fixture(scope="module")
def plain(executor: Executor, request: pytest.FixtureRequest) -> Path:
    """The folder of one plain run on one core, with the packages that the executor's jobs have: rounding is theirs."""
    if executor.folders is None:
        return request.getfixturevalue("plain_here")
    place = executor.folders / "plain"
    return place if place.exists() else run_all(place, alone(executor))


def run_all(folder: Path, executor: Executor) -> Path:
    done = run_workflow(CONFIG, folder, executor)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def ran(executor: Executor, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run whose validation signals could not be made at first."""
    folder = new_folder(executor, "workflow", tmp_path_factory)
    config = {**CONFIG, "waveform_approximant": "NoSuchModel"}
    targets = [VALIDATION, "waveforms/test/psd.hdf5"]
    failed = run_workflow(config, folder, executor, targets=targets, options=["--keep-going"])
    assert failed.returncode == 1, failed.stderr
    log = (folder / "logs/data/val_waveforms-1.log").read_text()
    kept = times(folder)
    done = run_workflow(CONFIG, folder, executor)
    assert done.returncode == 0, done.stderr
    return Ran(folder, failed.stderr, log, kept)


def new_folder(executor: Executor, name: str, factory: pytest.TempPathFactory) -> Path:
    if executor.folders is None:
        return factory.mktemp(name)
    folder = executor.folders / f"{executor.name}-{name}"
    folder.mkdir()
    return folder


def copy(folder: Path, name: str) -> Path:
    """The run in a folder of its own, where it can go on in another way."""
    place = folder.with_name(f"{folder.name}-{name}")
    shutil.copytree(folder, place)
    return place


def times(folder: Path) -> dict[str, int]:
    """When each file of the data set was made."""
    files = [path for place in ("data", "waveforms") for path in (folder / place).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in files}


@pytest.mark.parametrize("output", SAME)
def test_the_data_are_those_of_a_plain_run(ran: Ran, plain: Path, output: str) -> None:
    assert_same_data(ran.folder / output, plain / output)


def test_training_waveforms_are_all_there(ran: Ran) -> None:
    with h5py.File(ran.folder / TRAINING) as file:
        assert file["waveforms/cross"].shape == file["waveforms/plus"].shape == (70, 2048)
        assert len(np.unique(file["parameters/mass_1"][:])) == 70


def test_one_job_makes_what_many_make(plain_here: Path, tmp_path: Path) -> None:
    shutil.copytree(plain_here, tmp_path / "run")
    config = {**CONFIG, "num_train_waveform_jobs": 1, "num_validation_jobs": 1}
    done = run_workflow(config, tmp_path / "run", local(), targets=[TRAINING, VALIDATION])
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("rule training_waveforms_branch:") == done.stderr.count("rule val_waveforms_branch:") == 1
    for name in (TRAINING, VALIDATION):
        assert_same_data(tmp_path / "run" / name, plain_here / name)


def test_nothing_is_left_beside_the_data_set(ran: Ran) -> None:
    assert times(ran.folder).keys() == {*SAME}
    folders = [path for place in ("data", "waveforms") for path in (ran.folder / place).rglob("*") if path.is_dir()]
    assert [path for path in folders if not any(path.iterdir())] == []


def test_what_was_made_is_not_made_again(ran: Ran, executor: Executor) -> None:
    before = times(ran.folder)
    again = run_workflow(CONFIG, ran.folder, executor)
    assert again.returncode == 0, again.stderr
    assert "Nothing to be done" in again.stderr
    assert times(ran.folder) == before


def test_a_unit_that_always_fails_is_named_with_its_log(ran: Ran) -> None:
    assert "Error in rule val_waveforms_branch:" in ran.said
    assert "log: logs/data/val_waveforms-1.log" in ran.said
    assert "NoSuchModel" in ran.log.splitlines()[-1]


def test_what_does_not_need_a_unit_that_fails_is_made_and_stays(ran: Ran) -> None:
    psds = {"waveforms/train/psd.hdf5", "waveforms/test/psd.hdf5"}
    segments = {"data/train/segments.txt", "data/test/segments.txt"}
    assert ran.kept.keys() == {*segments, *psds, BACKGROUND[0], BACKGROUND[2]}
    after = times(ran.folder)
    assert {name: after[name] for name in ran.kept} == ran.kept


def test_another_seed_makes_anew_what_has_one(plain_here: Path, tmp_path: Path) -> None:
    shutil.copytree(plain_here, tmp_path / "run")
    said = run_workflow({**CONFIG, "seed": 5}, tmp_path / "run", local(), options=["--dry-run"]).stdout
    rules = {line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith(("rule ", "localrule "))}
    made = [f"{kind}_waveforms" for kind in ("testing", "val", "training")]
    assert rules == {"all", *(f"{name}_branch" for name in made), *(f"aggregate_{name}" for name in made)}


def test_a_killed_job_is_retried_and_loses_nothing(ran: Ran, plain: Path, executor: Executor) -> None:
    if not executor.shared:
        pytest.skip("what a job has not finished is gone with its folder, where no file system is shared")
    folder, config = copy(ran.folder, "killed"), {**CONFIG, **MANY_SIGNALS}
    parts = folder / PIECES / "waveforms-0.hdf5.parts"
    with ThreadPoolExecutor(1) as thread:
        retries = {"targets": [VALIDATION], "options": ["--retries", "1"]}
        workflow = thread.submit(run_workflow, config, folder, executor, **retries)
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
    assert done.stderr.count("Error in rule val_waveforms_branch:") == 1
    assert later.items() >= kept.items()
    assert not (folder / PIECES).exists()
    other = plain.with_name(f"{plain.name}-many-signals")
    with made_once(other) as is_there:
        if not is_there:
            copy(plain, "many-signals")
            done = run_workflow(config, other, alone(executor), targets=[VALIDATION])
            assert done.returncode == 0, done.stderr
    assert_same_data(folder / VALIDATION, other / VALIDATION)


def test_after_a_kill_another_configuration_needs_nobody_to_clean_up(ran: Ran, plain: Path, executor: Executor) -> None:
    if not executor.shared:
        pytest.skip("where no file system is shared, a killed job leaves nothing")
    folder = copy(ran.folder, "changed")
    place = folder / PIECES
    with ThreadPoolExecutor(1) as thread:
        workflow = thread.submit(run_workflow, {**CONFIG, **MANY_SIGNALS}, folder, executor, targets=[VALIDATION])
        wait(lambda: units(place / "waveforms-0.hdf5.parts"), before=workflow)
        executor.kill(folder)
        killed = workflow.result()
    assert killed.returncode == 1
    assert (place / "waveforms-0.hdf5.parts").exists()
    done = run_workflow({**CONFIG, "num_validation_jobs": 1}, folder, executor, targets=[VALIDATION])
    assert done.returncode == 0, done.stderr
    assert not place.exists()
    assert_same_data(folder / VALIDATION, plain / VALIDATION)


def test_linked_background_is_not_fetched_again(plain_here: Path, tmp_path: Path) -> None:
    """As the key background_dir of Aframe's configuration has it: link for link, with the times of the files."""
    folder = tmp_path / "run"
    for path in (plain_here / "data").rglob("*"):
        if path.is_file():
            link = folder / path.relative_to(plain_here)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
            os.utime(link, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns), follow_symlinks=False)
    before = times(plain_here)
    targets = ["waveforms/test/psd.hdf5", f"waveforms/test/branches/{BRANCHES[0]}/waveforms.hdf5", *BACKGROUND]
    done = run_workflow(CONFIG, folder, local(), targets=targets)
    assert done.returncode == 0, done.stderr
    assert "fetch_background" not in done.stderr
    for target in targets:
        assert_same_data(folder / target, plain_here / target)
    assert all((folder / name).is_symlink() for name in BACKGROUND)
    assert times(plain_here) == before


def test_a_fetch_keeps_no_more_processors_busy_than_its_threads(tmp_path: Path) -> None:
    config = {**CONFIG, "sample_rate": 4096}
    (tmp_path / "run").mkdir()
    folder, used, seen = tmp_path / "run", {}, []
    with ThreadPoolExecutor(1) as thread:
        options = {"targets": [BACKGROUND[0]]}
        workflow = thread.submit(run_workflow, config, folder, local(cores=1), **options)
        while not workflow.done():
            for process in psutil.process_iter():
                with suppress(psutil.Error):
                    if process.cwd() == str(folder) and "snakemake" not in process.cmdline():
                        used[process.pid] = sum(process.cpu_times()[:2])
                        seen.append(time.monotonic())
            time.sleep(0.05)
    assert workflow.result().returncode == 0, workflow.result().stderr
    assert sum(used.values()) > 2
    assert sum(used.values()) < 1.2 * (max(seen) - min(seen))


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
