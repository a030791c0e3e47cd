"""A real Slurm on loopback: its controller and one node, as root and without systemd.

Example::

    with Slurm(folder) as slurm:
        subprocess.run(["sbatch", "--wrap", "true"])

Programs of Slurm look for their configuration in one place alone, so that one machine has one Slurm at a time: others
wait for their turn. A configuration that is not of these tests is left as it is, and the reason why there can be none.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIGURATION = Path("/etc/slurm/slurm.conf")
OURS = "# Of the tests of aframe-data, which write it anew and remove it.\n"
#: The controller, the node, and what is asked of them; killed with the test, whatever becomes of it.
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo", "setpriv")


def why_no_slurm() -> str | None:
    """Say why Slurm cannot run here, or None if it can."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"no Slurm: {', '.join(missing)} is not installed (Debian: slurm-wlm)"
    if os.geteuid() != 0:
        return "no Slurm: it runs as root"
    if CONFIGURATION.exists() and not CONFIGURATION.read_text().startswith(OURS):
        return f"no Slurm: {CONFIGURATION} is there and not of these tests"
    return None


class Slurm:
    """Slurm from entering to leaving the context.

    Parameters
    ----------
    folder
        For its state, its logs and what its jobs spool.
    cpus
        CPUs of the node, whatever the machine has.

    Attributes
    ----------
    partition
        The only one.
    """

    partition = "main"

    def __init__(self, folder: Path, *, cpus: int = 2) -> None:
        self.folder, self.cpus = folder, cpus
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        reason = why_no_slurm()
        if reason is not None:
            raise RuntimeError(reason)
        with self._stack:
            self._stack.enter_context(_turn())
            CONFIGURATION.write_text(OURS + self._configuration())
            self._stack.callback(CONFIGURATION.unlink)
            self._start("slurmctld", "-D", "-c")
            self._start("slurmd", "-D")
            self._stack.callback(self._empty)
            self._until(lambda: _said("sinfo", "--noheader", "--format=%t") == "idle", "node is idle")
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def cancel_running(self) -> None:
        """Cancel the jobs that run now, as their owner or an administrator does."""
        subprocess.run(["scancel", "--state=RUNNING", f"--partition={self.partition}"], check=True)

    def _empty(self) -> None:
        subprocess.run(["scancel", f"--partition={self.partition}"], check=False)
        self._until(lambda: not _said("squeue", "--noheader"), "queue is empty")

    def _start(self, *command: str) -> None:
        with (self.folder / f"{command[0]}.out").open("w") as out:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=out, stderr=out)
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)

    def _until(self, condition: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                logs = "\n".join(path.read_text()[-2000:] for path in sorted(self.folder.glob("*.out")))
                raise TimeoutError(f"no {what} after {seconds:g} s\n{logs}")
            time.sleep(0.1)

    def _configuration(self) -> str:
        name = socket.gethostname().partition(".")[0]
        controller, node = _free_ports(2)
        settings = {
            "ClusterName": "tests",
            "SlurmctldHost": f"{name}(127.0.0.1)",
            "SlurmctldPort": controller,
            "SlurmdPort": node,
            "SlurmUser": "root",
            "StateSaveLocation": self.folder / "state",
            "SlurmdSpoolDir": self.folder / "spool",
            "SlurmctldPidFile": self.folder / "slurmctld.pid",
            "SlurmdPidFile": self.folder / "slurmd.pid",
            "AuthType": "auth/none",
            "CredType": "cred/none",
            "MpiDefault": "none",
            "ProctrackType": "proctrack/linuxproc",
            "TaskPlugin": "task/none",
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_Core",
            "JobAcctGatherType": "jobacct_gather/none",
            "AccountingStorageType": "accounting_storage/none",
            "SchedulerParameters": "batch_sched_delay=0,sched_min_interval=0",
            "SlurmdParameters": "config_overrides",  # the node has the CPUs that are asked for
            "ReturnToService": 2,
            "KillWait": 2,
            "MinJobAge": 600,  # without accounting, whoever asks for a job's end asks for as long
            "NodeName": f"{name} NodeAddr=127.0.0.1 CPUs={self.cpus} RealMemory=8000",
            "PartitionName": f"{self.partition} Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
        }
        return "".join(f"{key}={value}\n" for key, value in settings.items())


def _turn() -> IO[str]:
    """Wait until no other test has Slurm, and keep others waiting until this is closed."""
    lock = (CONFIGURATION.parent / "aframe-data-tests.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _said(*command: str) -> str:
    """What a program says; nothing, if it cannot reach the controller."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
