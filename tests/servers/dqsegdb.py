"""A stand-in for a DQSEGDB server on loopback, which the unmodified dqsegdb2 client talks to.

It answers the four questions of LIGO-T1300625 that the client puts: interferometers, flags, versions, segments. Some
flags may be private: a request for one is checked for a bearer token.

Example::

    with DqsegdbServer() as server:
        server.add("H1:DMT-ANALYSIS_READY:1", known=[(0, 100)], active=[(10, 20)])
        ...  # ask server.url
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from servers.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from servers.gwosc import Fault

    Pairs = Iterable[tuple[float, float]]


@dataclass(frozen=True)
class Version:
    known: list[tuple[float, float]]
    active: list[tuple[float, float]]


class DqsegdbServer(Loopback):
    """Serves flags at `url` from entering to leaving the context; on 127.0.0.1, on a free port.

    Parameters
    ----------
    accepts
        Whether a bearer token opens private flags; by default none does.
    """

    def __init__(self, accepts: Callable[[str], bool] = lambda _token: False) -> None:
        listening = _HTTPServer(("127.0.0.1", 0), _Handler)
        listening.dqsegdb = self
        super().__init__(listening)
        self.accepts = accepts
        self.private: set[str] = set()  # "H1:NAME"
        self._flags: dict[tuple[str, str], dict[int, Version]] = {}
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, int]] = []  # a fault and how often it has struck
        self._asked: list[tuple[str, str]] = []

    def add(self, flag: str, *, known: Pairs, active: Pairs, private: bool = False) -> None:
        """Add a version of a flag, ``H1:NAME:1``."""
        ifo, name, version = flag.split(":")
        self._flags.setdefault((ifo, name), {})[int(version)] = Version(list(known), list(active))
        if private:
            self.private.add(f"{ifo}:{name}")

    def fail(self, *faults: Fault) -> None:
        """Add faults; the first that matches a request and is not used up strikes."""
        with self._lock:
            self._faults += [(fault, 0) for fault in faults]

    def asked(self, pattern: str = "") -> list[str]:
        """Return path and query of every request so far that the pattern is found in."""
        return [path for path, _ in self.asked_with(pattern)]

    def asked_with(self, pattern: str = "") -> list[tuple[str, str]]:
        """The same, each with its header Authorization, or an empty text."""
        with self._lock:
            return [(path, header) for path, header in self._asked if re.search(pattern, path)]

    def note(self, request: str, authorization: str) -> Fault | None:
        """Record a request, and return the fault that strikes it."""
        with self._lock:
            self._asked.append((request, authorization))
            for index, (fault, used) in enumerate(self._faults):
                if re.search(fault.pattern, request) and (fault.times is None or used < fault.times):
                    self._faults[index] = (fault, used + 1)
                    return fault
        return None

    def answer(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        """Answer a question; a LookupError means 404."""
        parts = path.strip("/").split("/")
        if parts[0] != "dq" or len(parts) > 4:
            raise LookupError(path)
        if len(parts) == 1:
            return {"Ifos": sorted({ifo for ifo, _ in self._flags})}
        if len(parts) == 2:
            names = sorted(name for ifo, name in self._flags if ifo == parts[1])
            if not names:
                raise LookupError(path)
            return {"results": names, "query_information": {}}
        ifo, name = parts[1:3]
        versions = self._flags[ifo, name]
        if len(parts) == 3:
            return {"resource_type": "version", "version": list(versions), "query_information": {}}
        return {
            "ifo": ifo,
            "name": name,
            "version": int(parts[3]),
            **self._resources(versions[int(parts[3])], query),
            "query_information": {"uri": path},
        }

    def _resources(self, version: Version, query: dict[str, list[str]]) -> dict[str, Any]:
        """Whole segments that meet the span: the real server does not clip them."""
        start, stop = float(query["s"][0]), float(query["e"][0])
        lists = {"known": version.known, "active": version.active}
        return {
            name: [[a, b] for a, b in lists[name] if a < stop and start < b] for name in query["include"][0].split(",")
        }


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    dqsegdb: DqsegdbServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HTTPServer

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        dqsegdb = self.server.dqsegdb
        authorization = self.headers.get("Authorization", "")
        fault = dqsegdb.note(self.path, authorization)
        if fault is not None:
            dqsegdb.closing.wait(fault.delay)
            if fault.status is not None:
                self._send(fault.status, b"", retry_after=fault.retry_after)
                return
            if fault.body is not None:
                self._send(200, fault.body)
                return
        parts = urlsplit(self.path)
        flag = ":".join(parts.path.strip("/").split("/")[1:3])
        if flag in dqsegdb.private:
            kind, _, token = authorization.partition(" ")
            if kind != "Bearer":
                self._send(401, b"")
                return
            if not dqsegdb.accepts(token):
                self._send(403, b"")
                return
        try:
            content = json.dumps(dqsegdb.answer(parts.path, parse_qs(parts.query))).encode()
        except LookupError:
            self._send(404, b"")
            return
        self._send(200, content, cut_after=None if fault is None else fault.cut_after)

    def _send(self, status: int, body: bytes, *, retry_after: str | None = None, cut_after: int | None = None) -> None:
        self.send_response(status)
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut_after])
        self.close_connection = cut_after is not None
