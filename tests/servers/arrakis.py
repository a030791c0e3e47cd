"""Real Arrakis servers on loopback: of frame files, of made-up channels, and of channels that end badly.

Most run in the test's own process. `ServerProcess` is one that can be killed.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import gwframe
from arrakis_backend_frames.backend import FrameBackend
from arrakis_server.backends.mock import MockBackend
from arrakis_server.server import ArrakisFlightServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from arrakis import SeriesBlock
    from arrakis_server.traits import ServerBackend
    from numpy.typing import NDArray


@contextmanager
def serving(backend: ServerBackend, **auth: Any) -> Iterator[str]:
    """Serve a backend, and give the URL."""
    with ArrakisFlightServer(("127.0.0.1", 0), backend, **auth) as server:
        yield server.url


def write_frame(
    folder: Path, start: int, samples: dict[str, NDArray[np.generic]], rate: int, *, kind: str = "H1_HOFT"
) -> Path:
    """Write a frame file; its length is that of the samples."""
    (length,) = {len(values) // rate for values in samples.values()}
    path = folder / f"{kind[0]}-{kind}-{start}-{length}.gwf"
    gwframe.write(path, samples, start, rate)
    return path


def frames(folder: Path) -> FrameBackend:
    """A backend of all frame files in a folder."""
    return FrameBackend(f"local://{folder}", "")


def made_up(folder: Path, *, rate: int = 256, stride: float = 1.0, kind: str = "float64", **faults: Any) -> MockBackend:
    """A backend of one channel, H1:GDS-CALIB_STRAIN, whose samples are the GPS time less 1e9."""
    return MockBackend([_channels(folder, rate, stride, kind)], **faults)


def _channels(folder: Path, rate: int, stride: float, kind: str) -> Path:
    path = folder / "channels.toml"
    path.write_text(
        f'["H1:GDS-CALIB_STRAIN"]\nsample_rate = {rate}\ndata_type = "{kind}"\nstride = {int(stride * 1e9)}\n'
        'publisher = "TEST"\nfunc = "t - 1000000000"\n'
    )
    return path


class EndingBackend(MockBackend):
    """Gives some blocks of a second, and does then what it is told."""

    def __init__(self, folder: Path, blocks: int, then: Callable[[], None]) -> None:
        super().__init__([_channels(folder, 256, 1.0, "float64")])
        self._blocks, self._then = blocks, then

    def stream(self, *, channels: Iterable[str], start: int, end: int, **replay: Any) -> Iterator[SeriesBlock]:
        for number, block in enumerate(super().stream(channels=channels, start=start, end=end, **replay)):
            if number == self._blocks:
                self._then()
                return
            yield block


class ServerProcess:
    """A server in a process of its own, from entering to leaving the context.

    Parameters
    ----------
    arguments
        The backend, and its arguments.
    """

    def __init__(self, *arguments: str | Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"grpc://127.0.0.1:{free.getsockname()[1]}"
        self._command = [sys.executable, "-m", "arrakis_server", "-u", self.url, *map(str, arguments)]
        self._fatal = "nothing is fatal"
        self._up = threading.Event()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        self._log = threading.Thread(target=self._read_log)
        self._log.start()
        self._up.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._log.join()

    def die_at(self, text: str) -> None:
        """Be killed as soon as a text is in the log."""
        self._fatal = text

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as log:
            for line in log:
                if "serving..." in line:
                    self._up.set()
                if self._fatal in line:
                    self._process.kill()
        self._up.set()  # or what waits for a server that could not start would wait for ever
