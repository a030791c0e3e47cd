"""A GWOSC server on loopback that the unmodified gwosc client talks to, and that can be told to misbehave.

Example::

    with GwoscServer(GwoscArchive.of_real_data(shared_data), page_size=5) as server:
        server.fail(Fault(r"\\.hdf5$", cut_after=10_000))
        ...  # ask server.url
        assert len(server.asked(r"\\.hdf5$")) == 2
"""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
from dataclasses import KW_ONLY, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qsl, urlencode, urlsplit

from servers.gwosc_archive import ANSWER, GwoscArchive, UnknownNameError
from servers.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Fault:
    """What goes wrong with some requests; several kinds may be combined.

    Attributes
    ----------
    pattern
        A regular expression, searched in path and query of each request.
    status
        Answer with this status and no content.
    retry_after
        The value of Retry-After beside it.
    body
        Send this instead of the true answer.
    delay
        Seconds before the answer begins.
    cut_after
        Close the connection after so many bytes of the body; Content-Length tells the truth.
    stall_after
        Send so many bytes of the body and then nothing more, with the connection open.
    drop
        Leave out so many bytes at the end of the body; Content-Length fits what is sent.
    claim
        Announce so many bytes more than are sent.
    times
        For how many matching requests; None for all of them.
    """

    pattern: str
    _: KW_ONLY
    status: int | None = None
    retry_after: str | None = None
    body: bytes | None = None
    delay: float = 0.0
    cut_after: int | None = None
    stall_after: int | None = None
    drop: int = 0
    claim: int = 0
    times: int | None = 1


class GwoscServer(Loopback):
    """Serves an archive at `url` from entering to leaving the context; on 127.0.0.1, on a free port.

    Parameters
    ----------
    archive
        What is served; it may be changed at any time.
    page_size
        Entries in a page of a list, unless the client asks for another size.
    """

    def __init__(self, archive: GwoscArchive | None = None, *, page_size: int = 100) -> None:
        listening = _HTTPServer(("127.0.0.1", 0), _Handler)
        listening.gwosc = self
        super().__init__(listening)
        self.archive = GwoscArchive() if archive is None else archive
        self.page_size = page_size
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, int]] = []  # a fault and how often it has struck
        self._asked: list[str] = []

    def fail(self, *faults: Fault) -> None:
        """Add faults; the first that matches a request and is not used up strikes."""
        with self._lock:
            self._faults += [(fault, 0) for fault in faults]

    def asked(self, pattern: str = "") -> list[str]:
        """Return path and query of every request so far that the pattern is found in."""
        with self._lock:
            return [request for request in self._asked if re.search(pattern, request)]

    def note(self, request: str) -> Fault | None:
        """Record a request, and return the fault that strikes it."""
        with self._lock:
            self._asked.append(request)
            for index, (fault, used) in enumerate(self._faults):
                if re.search(fault.pattern, request) and (fault.times is None or used < fault.times):
                    self._faults[index] = (fault, used + 1)
                    return fault
        return None


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    gwosc: GwoscServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HTTPServer

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        fault = self.server.gwosc.note(self.path)
        if fault is not None:
            self.server.gwosc.closing.wait(fault.delay)
            if fault.status is not None:
                self._send_status(fault.status, fault.retry_after)
                return
            if fault.body is not None:
                self._send(io.BytesIO(fault.body), len(fault.body), "text/plain", fault)
                return
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        try:
            if parts.path.startswith("/archive/"):
                path = self.server.gwosc.archive.find_file(parts.path)
                with path.open("rb") as file:
                    self._send(file, path.stat().st_size, "application/octet-stream", fault)
                return
            content = json.dumps(self._answer(parts.path, query)).encode()
        except (UnknownNameError, FileNotFoundError):
            self._send_status(404)
            return
        self._send(io.BytesIO(content), len(content), "application/json", fault)

    def _answer(self, path: str, query: dict[str, str]) -> ANSWER:
        for pattern, answer in _ROUTES.items():
            matched = re.fullmatch(pattern, path)
            if matched:
                found = answer(self.server.gwosc, *matched.groups(), query)
                return self._page(path, query, found) if isinstance(found, list) else found
        raise UnknownNameError(path)

    def _page(self, path: str, query: dict[str, str], entries: list[ANSWER]) -> ANSWER:
        size = int(query.get("pagesize", self.server.gwosc.page_size))
        number = int(query.get("page", 1))
        pages = max(1, -(-len(entries) // size))

        def link(page: int) -> str | None:
            if not 1 <= page <= pages:
                return None
            return f"{self.server.gwosc.url}{path}?{urlencode({**query, 'page': page})}"

        return {
            "next": link(number + 1),
            "previous": link(number - 1),
            "results_count": len(entries),
            "results_per_page": size,
            "num_pages": pages,
            "page_number": number,
            "results": entries[(number - 1) * size : number * size],
        }

    def _send_status(self, status: int, retry_after: str | None = None) -> None:
        self.send_response(status)
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, body: BinaryIO, length: int, kind: str, fault: Fault | None) -> None:
        sent, announced = length, length
        if fault is not None:
            sent = length - fault.drop if fault.cut_after is None else min(length, fault.cut_after)
            announced = length - fault.drop + fault.claim
        self.close_connection = sent != announced
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        if fault is not None and fault.stall_after is not None:
            self.close_connection = True
            self.wfile.write(body.read(fault.stall_after))
            self.wfile.flush()
            self.server.gwosc.closing.wait()
        elif sent == length:
            shutil.copyfileobj(body, self.wfile)
        else:
            self.wfile.write(body.read(sent))


_ROUTES: dict[str, Callable[..., list[ANSWER] | ANSWER]] = {
    r"/api/v2/runs": lambda server, _: server.archive.list_runs(),
    r"/api/v2/runs/([^/]+)/timelines": lambda server, run, _: server.archive.list_flags(run),
    r"/api/v2/runs/([^/]+)/strain-files": lambda server, run, query: server.archive.list_run_files(
        server.url, run, query
    ),
    r"/api/v2/timelines/([^/]+)/segments": lambda server, flag, query: server.archive.list_segments(
        flag, int(query["start"]), int(query["stop"])
    ),
    r"/api/v2/event-versions": lambda server, query: server.archive.list_events(
        float(query.get("min-gps-time", "-inf")), float(query.get("max-gps-time", "inf"))
    ),
    r"/api/v2/event-versions/([^/]+)": lambda server, event, _: server.archive.describe_event(event),
    r"/api/v2/event-versions/([^/]+)/strain-files": lambda server, event, query: server.archive.list_event_files(
        server.url, event, query
    ),
}
