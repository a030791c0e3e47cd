"""Real Arrakis servers on loopback: of frame files, of made-up channels, and of channels that end badly.

Most run in the test's own process. `ServerProcess` is one that can be killed. What they are made of takes a second to
import, and is imported by those who serve.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from arrakis import SeriesBlock
    from arrakis_backend_frames.backend import FrameBackend
    from arrakis_server.backends.mock import MockBackend
    from arrakis_server.traits import ServerBackend
    from numpy.typing import NDArray


@contextmanager
def serving(backend: ServerBackend, **auth: Any) -> Iterator[str]:
    """Serve a backend, and give the URL."""
    from arrakis_server.server import ArrakisFlightServer

    with ArrakisFlightServer(("127.0.0.1", 0), backend, **auth) as server:
        yield server.url


def write_frame(
    folder: Path, start: int, samples: dict[str, NDArray[np.generic]], rate: int, *, kind: str = "H1_HOFT"
) -> Path:
    """Write a frame file; its length is that of the samples."""
    import gwframe

    (length,) = {len(values) // rate for values in samples.values()}
    path = folder / f"{kind[0]}-{kind}-{start}-{length}.gwf"
    gwframe.write(path, samples, start, rate)
    return path


def frames(folder: Path) -> FrameBackend:
    """A backend of all frame files in a folder.

    It has a cache of its own: that of all other backends in this process is one, by channel and second, in which the
    samples of another folder may be.
    """
    from arrakis_backend_frames.backend import FrameBackend
    from arrakis_backend_frames.local_cache import LocalCache
    from arrakis_backend_frames.memory_cache import register_memory_cache_lookup

    register_memory_cache_lookup(str(folder), LocalCache(max_size_mb=64))
    return FrameBackend(f"local://{folder}", str(folder))


def made_up(
    folder: Path,
    *,
    rate: int = 256,
    stride: float = 1.0,
    kind: str = "float64",
    fault: str = "NONE",
    fault_interval: int | None = None,
) -> MockBackend:
    """A backend of one channel, H1:GDS-CALIB_STRAIN, whose samples are the GPS time less 1e9, with a `FaultMode`."""
    from arrakis_server.backends.mock import MockBackend
    from arrakis_server.backends.mock.faults import FaultMode

    faults = {} if fault_interval is None else {"fault_mode": FaultMode[fault], "fault_interval": fault_interval}
    return MockBackend([_channels(folder, rate, stride, kind)], **faults)


def _channels(folder: Path, rate: int, stride: float, kind: str) -> Path:
    path = folder / "channels.toml"
    path.write_text(
        f'["H1:GDS-CALIB_STRAIN"]\nsample_rate = {rate}\ndata_type = "{kind}"\nstride = {int(stride * 1e9)}\n'
        'publisher = "TEST"\nfunc = "t - 1000000000"\n'
    )
    return path


def ending(folder: Path, blocks: int, then: Callable[[], None]) -> MockBackend:
    """A backend that gives some blocks of a second, and does then what it is told."""
    from arrakis_server.backends.mock import MockBackend

    class Ending(MockBackend):
        def stream(self, *, channels: Iterable[str], start: int, end: int, **replay: Any) -> Iterator[SeriesBlock]:
            for number, block in enumerate(super().stream(channels=channels, start=start, end=end, **replay)):
                if number == blocks:
                    then()
                    return
                yield block

    return Ending([_channels(folder, 256, 1.0, "float64")])


def slow(folder: Path, pause: Callable[[], None]) -> MockBackend:
    """A backend of blocks of a sixteenth of a second, each after a pause."""
    from arrakis_server.backends.mock import MockBackend

    class Slow(MockBackend):
        def stream(self, *, channels: Iterable[str], start: int, end: int, **replay: Any) -> Iterator[SeriesBlock]:
            for block in super().stream(channels=channels, start=start, end=end, **replay):
                pause()
                yield block

    return Slow([_channels(folder, 256, 1 / 16, "float64")])


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
