"""A server of open data that answers as it likes, and the commands that ask it, as a user would give them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import hostile_answers
from hostile_answers import pauses
from servers.hostile import HostileServer, as_json, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command_line import Finished

__all__ = ["asking", "pauses", "server"]

START = 1240580096  # a multiple of 4096, inside O3a
SEGMENTS, RUNS, EVENTS, FILES, FILE = "/timelines/", "/runs$", "/event-versions", "/strain-files", "/archive/"
NAME = f"H-H1_GWOSC_O3a_4KHZ_R1-{START}-4096.hdf5"

RUN = {"name": "O3a", "gps_start": 1238166018, "gps_end": 1253977218, "detectors": ["H1", "L1"]}
SEGMENT = {"start": START, "stop": START + 100}
EVENT = {"name": "GW1", "shortName": "GW1-v1", "gps": START + 50.5, "version": 1, "catalog": "C", "detectors": ["H1"]}


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """Answers well, until a test says otherwise."""
    with HostileServer() as running:
        files = [{"hdf5_url": f"{running.url}/archive/data/O3a_4KHZ_R1/1/{NAME}", "gwf_url": None}]
        running.answers = {
            FILES: as_json(page(files)),
            SEGMENTS: as_json(page([SEGMENT])),
            RUNS: as_json(page([RUN])),
            EVENTS: as_json(page([EVENT])),
        }
        yield running


class Asking:
    """The commands as a user would give them."""

    def __init__(self, cli: Callable[..., Finished], server: HostileServer, folder: Path, pauses: list[float]) -> None:
        self._cli, self._server, self._folder, self.pauses = cli, server, folder, pauses
        self.log = folder / "log"

    def query(self, *more: str, host: str = "") -> Finished:
        return self._cli(
            *("query", "--flags", "H1_DATA", "--start", str(START), "--end", str(START + 1000), "--json"),
            *("--gwosc-host", host or self._server.url, "--gwosc-timeout", "0.4", "--log-file", self.log),
            *("-o", self._folder / "segments.txt", *more),
        )

    def fetch(self, *more: str, host: str = "") -> Finished:
        return self._cli(
            *("fetch", "--channels", "H1", "--start", str(START), "--end", str(START + 64), "--sample-rate", "2048"),
            *("--gwosc-host", host or self._server.url, "--gwosc-timeout", "0.4", "--log-file", self.log),
            *("-o", self._folder / "background", "--workers", "0", *more),
        )


@pytest.fixture
def asking(cli: Callable[..., Finished], server: HostileServer, tmp_path: Path, pauses: list[float]) -> Asking:
    return Asking(cli, server, tmp_path, pauses)


def require_told(done: Finished, server: HostileServer, message: str) -> None:
    """As that of all archives, with no word of Python's or a client's beside it."""
    hostile_answers.require_told(done, message, "127.0.0.1")
    assert not any(words in done.err for words in ("Traceback", "Error:", "Warning"))
    assert all(line.isprintable() for line in done.err.splitlines())
    assert server.asked


def strange(value: Any, *path: Any, at: Any) -> Any:
    """A copy of a value with another one at a place inside it; `...` takes away what is there."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if at is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = at
    return copy
