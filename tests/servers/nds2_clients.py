"""Both clients of the nds2 fetcher, asked in one way: gwpy's in another process with the double, pip's on a server."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aframe_data.registry.choice import choose
from aframe_data.types import StrainRequest
from servers.nds2_archive import Nds2Archive, Nds2Channel
from servers.nds2_server import Nds2Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aframe_data.types import StrainSeries

CHANNEL = "H1:GDS-CALIB_STRAIN"
START = 1_000_000_000
TESTS = Path(__file__).resolve().parent.parent
DOUBLE = TESTS / "servers" / "nds2_double"

#: A name that nobody looks up, and a port that is none's default.
_HOST, _PORT = "nds.test", 31201


def archive(**what: Any) -> Nds2Archive:
    """A server with one channel of strain; `what` is of the channel or of the server."""
    server = {field.name: what.pop(field.name) for field in fields(Nds2Archive) if field.name in what}
    return Nds2Archive((Nds2Channel(CHANNEL, **what),), **server)


def double_environment(servers: Mapping[tuple[str, int], Nds2Archive], folder: Path) -> dict[str, str]:
    """The environment of a process in which the double of nds2 is installed and knows some servers."""
    known = folder / "servers.pickle"
    known.write_bytes(pickle.dumps(dict(servers)))
    path = [str(DOUBLE), str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path), "NDS2_DOUBLE": str(known)}


class DoubleProcess:
    """A process that has the double, and fetches what it is told to; from entering to leaving the context."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "servers.nds2_double.process"],
            env={**os.environ, **double_environment({}, self._folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.communicate()

    def fetch(
        self, servers: Mapping[tuple[str, int], Nds2Archive], options: Mapping[str, Any], request: StrainRequest
    ) -> Mapping[str, StrainSeries]:
        """What a new fetcher with some options returns, or raises, where there are some servers."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        double_environment(servers, self._folder)
        pickle.dump((dict(options), request), self._process.stdin)
        self._process.stdin.flush()
        answer = pickle.load(self._process.stdout)  # noqa: S301 - our own process
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Asked:
    """A server that was set up for one of the clients.

    Attributes
    ----------
    address
        As it is named in errors.
    fetch_request
        Fetches, with options.
    """

    address: str
    fetch_request: Callable[[Mapping[str, Any], StrainRequest], Mapping[str, StrainSeries]]

    def __call__(
        self, start: int = START, stop: int = START + 10, *, channel: str = CHANNEL, rate: float = 128, **options: Any
    ) -> StrainSeries:
        request = StrainRequest((channel,), start, stop, rate)
        return self.fetch_request({"server": self.address, **options}, request)[channel]


@contextmanager
def with_gwpy(double: DoubleProcess, served: Nds2Archive) -> Iterator[Asked]:
    """Ask through gwpy."""
    servers = {(_HOST, _PORT): served}
    yield Asked(f"{_HOST}:{_PORT}", lambda options, request: double.fetch(servers, options, request))


@contextmanager
def with_dttlib(served: Nds2Archive) -> Iterator[Asked]:
    """Ask through dttlib."""
    with Nds2Server(served) as server:
        yield Asked(server.address, lambda options, request: choose("strain", "nds2", options).create().fetch(request))
