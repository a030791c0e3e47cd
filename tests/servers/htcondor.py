"""A real HTCondor pool of one machine on loopback, in a Debian root of its own: Debian 12 has no HTCondor, 13 has.

Example::

    make_root(folder)
    with HTCondor(folder) as pool:
        pool.run(["condor_q"], folder / "home/user")

In the root there are this project and Snakemake with its executor, for who submits and for the jobs.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from container.trixie import make_debian, or_skip

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY = Path(__file__).resolve().parent.parent.parent
WITHOUT = "no HTCondor"
_LONGEST_RUN = 900  # seconds

#: What the pool cannot have here, and short waits.
CONFIGURATION = """
NETWORK_INTERFACE = 127.0.0.1
ENABLE_IPV6 = False
MOUNT_UNDER_SCRATCH =
PER_JOB_NAMESPACES = False
DISCARD_SESSION_KEYRING_ON_STARTUP = False
NUM_CPUS = 8
MEMORY = 8000
NEGOTIATOR_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
NEGOTIATOR_MIN_INTERVAL = 1
SCHEDD_INTERVAL = 1
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 2
STARTER_UPDATE_INTERVAL = 2
# A job that is held because an output is missing keeps its slot for as long: ten minutes, else.
MachineMaxVacateTime = 1
"""


def make_root(root: Path) -> None:
    """Make a Debian root with HTCondor and, in /opt/venv, this project; skip with the reason where it cannot be had."""
    make_debian(root, "minicondor", without=WITHOUT)
    for name in ("pyproject.toml", "README.md", "LICENSE", "aframe_data", "plugins", "priors"):
        place = root / "src" / name
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(REPOSITORY / name, place)
    or_skip("chroot", str(root), "python3", "-m", "venv", "/opt/venv", without=WITHOUT)
    # What the project asks for must be there to be had: that pip fails is no reason to skip.
    subprocess.run(["chroot", str(root), "/opt/venv/bin/pip", "install", "--quiet", "/src[snakemake]"], check=True)
    subprocess.run(["chroot", str(root), "useradd", "--create-home", "user"], check=True)
    (root / "etc/condor/config.d/99-tests").write_text(CONFIGURATION)


class HTCondor:
    """The pool from entering to leaving the context.

    Parameters
    ----------
    root
        As `make_root` made it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack:
            self._mount("proc", "proc")
            self._mount("tmpfs", "dev/shm")
            with (self.root / "var/log/condor/master.out").open("w") as out:
                command = ["setpriv", "--pdeathsig", "QUIT", "chroot", str(self.root), "condor_master", "-f"]
                master = subprocess.Popen(
                    command, stdout=out, stderr=out, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
                )
            self._stack.callback(master.wait)
            # Not SIGTERM, which lets jobs end.
            self._stack.callback(master.send_signal, signal.SIGQUIT)
            self._wait_for_slots()
            self._make_token()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a command as a user of the pool, who is not root, in a folder that lies in the root."""
        subprocess.run(["chroot", str(self.root), "chown", "-R", "user:user", self.inside(folder)], check=True)
        environment = ("HOME=/home/user", "USER=user", "PATH=/opt/venv/bin:/usr/bin:/bin")
        enter = ("chroot", "--userspec=user:user", str(self.root), "env", "-i", *environment)
        in_folder = ("sh", "-c", 'cd "$0" && exec "$@"', self.inside(folder))
        # Snakemake's executor may wait for ever: see docs/aframe.md.
        return subprocess.run(
            [*enter, *in_folder, *command], capture_output=True, text=True, check=False, timeout=_LONGEST_RUN
        )

    def remove_running(self) -> None:
        """Remove the jobs that run now, as their owner or an administrator does."""
        subprocess.run(
            ["chroot", str(self.root), "condor_rm", "-constraint", "JobStatus == 2"], check=True, capture_output=True
        )

    def inside(self, path: Path) -> str:
        """Name a path as it is seen in the root."""
        return f"/{path.relative_to(self.root)}"

    def _mount(self, kind: str, place: str) -> None:
        subprocess.run(["mount", "-t", kind, kind, str(self.root / place)], check=True)
        # What a daemon left behind may use it for a moment longer.
        self._stack.callback(subprocess.run, ["umount", "--lazy", str(self.root / place)], check=True)

    def _wait_for_slots(self, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not self._said("condor_status", "-autoformat", "Name"):
            if time.monotonic() > end:
                log = (self.root / "var/log/condor/MasterLog").read_text()
                raise TimeoutError(f"no slot after {seconds:g} s\n{log[-4000:]}")
            time.sleep(0.2)

    def _make_token(self) -> None:
        """Give the user a token: the bindings of the executor cannot prove with a file who they are."""
        token = self._said("condor_token_create", "-identity", f"user@{self._said('condor_config_val', 'UID_DOMAIN')}")
        folder = self.root / "home/user/.condor/tokens.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "token").write_text(token + "\n")
        (folder / "token").chmod(0o600)
        subprocess.run(["chroot", str(self.root), "chown", "-R", "user:user", "/home/user/.condor"], check=True)

    def _said(self, *command: str) -> str:
        done = subprocess.run(["chroot", str(self.root), *command], capture_output=True, text=True, check=False)
        return done.stdout.strip()
