"""A web server on loopback that answers as it likes: byte by byte, without end, and with whatever is no HTTP.

Example::

    with HostileServer({r"/api/v2/runs": drip(json_answer(page([])), pause=0.1)}) as server:
        ...  # ask server.url
        assert len(server.asked) == 1
"""

from __future__ import annotations

import json
import re
import socketserver
import threading
from typing import TYPE_CHECKING, Any

from servers.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    #: What is sent for a path and its query: pieces of bytes, status line and all.
    Answer = Callable[[str], Iterable[bytes]]


class HostileServer(Loopback):
    """Serves at `url` from entering to leaving the context; on 127.0.0.1, on a free port.

    Parameters
    ----------
    answers
        What is sent for the first pattern that is found in the path; 404 where none is.

    Attributes
    ----------
    asked, headers
        Paths of all requests, and the lines of all their headers.
    """

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        listening = _TCPServer(("127.0.0.1", 0), _Handler)
        listening.hostile = self
        super().__init__(listening)
        self.answers = dict(answers or {})
        self.asked: list[str] = []
        self.headers: list[str] = []

    def count(self, pattern: str) -> int:
        """How many requests so far have a pattern in their path."""
        return sum(re.search(pattern, path) is not None for path in self.asked)


class _TCPServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    hostile: HostileServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are the point of the tests."""


class _Handler(socketserver.StreamRequestHandler):
    server: _TCPServer

    def handle(self) -> None:
        hostile = self.server.hostile
        words = self.rfile.readline().split()
        path = words[1].decode() if len(words) > 1 else ""
        while line := self.rfile.readline().strip():
            hostile.headers.append(line.decode("latin-1"))
        hostile.asked.append(path)
        found = (answer for pattern, answer in hostile.answers.items() if re.search(pattern, path))
        for piece in next(found, status(404))(path):
            if hostile.closing.is_set():
                return
            self.wfile.write(piece)


# --- answers ------------------------------------------------------------------------------------------


def raw(*pieces: bytes) -> Answer:
    """Exactly these bytes."""
    return lambda _path: pieces


def status(number: int, **headers: str) -> Answer:
    """A status, headers (`Retry_After`), and no content."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return raw(f"HTTP/1.1 {number} Status\r\n{lines}Connection: close\r\nContent-Length: 0\r\n\r\n".encode())


def redirect(location: str | Callable[[str], str]) -> Answer:
    """A redirection, to a place or to one that depends on the path."""
    return lambda path: status(302, Location=location if isinstance(location, str) else location(path))(path)


def body(content: bytes, **headers: str) -> Answer:
    """An answer of success; its end is that of the connection."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return raw(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode(), content)


def as_json(value: Any) -> Answer:
    """An answer of success, with a value as JSON."""
    return body(json.dumps(value).encode())


def late(make: Callable[[], Answer]) -> Answer:
    """An answer that is made when somebody asks: a large one takes no memory before."""

    def answer(path: str) -> Iterable[bytes]:
        return make()(path)

    return answer


def endless(beginning: bytes, piece: bytes) -> Answer:
    """A beginning, and the same piece for ever after it."""

    def answer(_path: str) -> Iterator[bytes]:
        yield beginning
        while True:
            yield piece

    return answer


def drip(answer: Answer, pause: float) -> Answer:
    """The bytes of another answer one by one, with pauses of some seconds between them."""
    slowly = threading.Event()

    def slow(path: str) -> Iterator[bytes]:
        for piece in answer(path):
            for byte in piece:
                yield bytes([byte])
                slowly.wait(pause)

    return slow


def page(results: list[Any], following: Any = None, **changes: Any) -> dict[str, Any]:
    """A page of a list, as GWOSC's servers give it."""
    return {"num_pages": 1, "next": following, "results": results, **changes}
