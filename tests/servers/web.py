"""A web server on loopback: files of a folder, open or for those with a token, and redirections to another server.

Example::

    with WebServer(folder, token="eyJ…") as server:
        requests.get(f"{server.url}/H-H1_TEST-1000000000-64.gwf", headers={"Authorization": "Bearer eyJ…"})
        assert server.asked == ["/H-H1_TEST-1000000000-64.gwf"]
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from servers.loopback import Loopback

if TYPE_CHECKING:
    from pathlib import Path


class WebServer(Loopback):
    """Serves at `url` from entering to leaving the context; on 127.0.0.1, on a free port.

    Parameters
    ----------
    folder
        Its files are served below ``/``.
    token
        Only requests with this bearer token are answered; to others the status is 401, or 403 for a wrong one.
    elsewhere
        Instead of serving files, redirect to this server, as a Pelican director does.

    Attributes
    ----------
    statuses
        Answer the next requests with these, and nothing else.
    drop
        Bytes that are left out at the end of each file, while its length is told truly.
    asked, authorizations
        Path, and header Authorization or None, of each request.
    """

    def __init__(self, folder: Path, *, token: str | None = None, elsewhere: str | None = None) -> None:
        listening = _HTTPServer(("127.0.0.1", 0), _Handler)
        listening.web = self
        super().__init__(listening)
        self.folder, self.token, self.elsewhere = folder, token, elsewhere
        self.statuses: list[int] = []
        self.drop = 0
        self.asked: list[str] = []
        self.authorizations: list[str | None] = []


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    web: WebServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HTTPServer

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        web = self.server.web
        shown = self.headers.get("Authorization")
        web.asked.append(self.path)
        web.authorizations.append(shown)
        if web.statuses:
            self._answer(web.statuses.pop(0))
        elif web.token is not None and shown != f"Bearer {web.token}":
            self._answer(401 if shown is None else 403)
        elif web.elsewhere is not None:
            self._answer(307, location=web.elsewhere + self.path)
        elif (path := web.folder / self.path.lstrip("/")).is_file():
            self._answer(200, path.read_bytes())
        else:
            self._answer(404)

    def _answer(self, status: int, body: bytes = b"", *, location: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location is not None:
            self.send_header("Location", location)
        self.end_headers()
        drop = self.server.web.drop if body else 0
        self.wfile.write(body[: len(body) - drop])
        self.close_connection = self.close_connection or drop > 0
