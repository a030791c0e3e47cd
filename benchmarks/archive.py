"""An archive of full size for the benchmark of fetching: files in GWOSC's layout, and the server of them.

Not a benchmark itself. Strain is the noise of the plugin ``simulated``, which compresses as real strain does: to
0.88 of its size with the filters of O3a (gzip 4 with shuffle; the real files at hand: 0.82 to 0.88), and to 0.96
with those of GW150914's files (gzip 1 without; real: 0.93 to 0.97). The noise of a detector is made for one file;
the others of it hold the same samples at other times, which is all the same to whoever reads them.

    python benchmarks/archive.py FOLDER        serves what is there on 127.0.0.1, until its standard input ends
"""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_TESTS = Path(__file__).parents[1] / "tests"
FILE_SECONDS = 4096
RUN = "O3a"
#: GPS second at which the first file starts: in O3a, a multiple of 4096.
FIRST = 1240580096
#: The span starts so many seconds later, as a segment's start has nothing to do with files.
OFFSET = 1000


@dataclass(frozen=True)
class Contents:
    """Which files there have to be.

    Attributes
    ----------
    ifos, rates
        A file of each for every 4096 s.
    duration
        Seconds of the span that begins at `start`.
    """

    ifos: tuple[str, ...]
    rates: tuple[int, ...]
    duration: int

    @property
    def start(self) -> int:
        """GPS second at which the span begins."""
        return FIRST + OFFSET

    @property
    def stop(self) -> int:
        """GPS second behind it."""
        return self.start + self.duration

    @property
    def file_starts(self) -> range:
        """Where the files begin that hold it."""
        return range(FIRST, self.stop, FILE_SECONDS)

    def path(self, folder: Path, ifo: str, rate: int, start: int) -> Path:
        """Where one of them lies: its name is as in the archive."""
        return folder / f"{ifo[0]}-{ifo}_GWOSC_{RUN}_{rate // 1024}KHZ_R1-{start}-{FILE_SECONDS}.hdf5"

    @property
    def nbytes(self) -> int:
        """Bytes that `write` takes of a disk, at most."""
        return len(self.file_starts) * len(self.ifos) * sum(self.rates) * FILE_SECONDS * 8


def write(folder: Path, contents: Contents, *, workers: int = 2) -> None:
    """Write the files that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = [(ifo, rate) for rate in contents.rates for ifo in contents.ifos]
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(partial(_write_kind, folder, contents), *zip(*kinds, strict=True)))


def _write_kind(folder: Path, contents: Contents, ifo: str, rate: int) -> None:
    """Write the files of one detector and rate: the first is made, the others are copies with another start."""
    from aframe_data.types import StrainRequest
    from aframe_data_plugins.simulated.options import StrainOptions
    from aframe_data_plugins.simulated.strain import SimulatedStrain

    first = contents.path(folder, ifo, rate, FIRST)
    if not first.exists():
        request = StrainRequest((ifo,), FIRST, FIRST + FILE_SECONDS, rate)
        noise = SimulatedStrain(StrainOptions(rate=rate)).fetch(request)[ifo].data
        with tempfile.TemporaryDirectory(dir=folder) as work:
            made = _servers("gwosc_files").write_strain_file(
                Path(work), ifo, FIRST, FILE_SECONDS, sample_rate=rate, run=RUN, strain=noise, level=4, shuffle=True
            )
            made.replace(first)
    for start in contents.file_starts[1:]:
        path = contents.path(folder, ifo, rate, start)
        if not path.exists():
            temporary = path.with_suffix(".part")
            shutil.copyfile(first, temporary)
            _move(temporary, start)
            temporary.replace(path)


def _move(path: Path, start: int) -> None:
    """Let a file start at another time."""
    with h5py.File(path, "r+") as file:
        file["meta/GPSstart"][...] = start
        for name in ("strain/Strain", "quality/simple/DQmask", "quality/injections/Injmask"):
            file[name].attrs["Xstart"] = start


def _servers(name: str) -> ModuleType:
    """A module of the tests' servers, which are no package."""
    if str(_TESTS) not in sys.path:
        sys.path.insert(0, str(_TESTS))
    return importlib.import_module(f"servers.{name}")


# --- the server, a process of its own -----------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A server that runs: its URL, and its process."""

    url: str
    process: psutil.Process

    def url_of(self, path: Path) -> str:
        """The URL of one of its files."""
        start = int(path.stem.split("-")[-2])
        khz = path.stem.split("_")[-2]
        return f"{self.url}/archive/data/{RUN}_{khz}_R1/{start >> 20 << 20}/{path.name}"

    def cpu_seconds(self) -> float:
        """User and system time that it has taken so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Serve a folder's files from another process, as long as the block lasts."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield Server(json.loads(process.stdout.readline())["url"], psutil.Process(process.pid))
    finally:
        process.communicate()


def main() -> None:
    gwosc, gwosc_archive = _servers("gwosc"), _servers("gwosc_archive")
    archive = gwosc_archive.GwoscArchive()
    for path in sorted(Path(sys.argv[1]).glob("*.hdf5")):
        archive.add_file(path, RUN)
    with gwosc.GwoscServer(archive) as server:
        print(json.dumps({"url": server.url}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
