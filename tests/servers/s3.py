"""An S3 server on loopback: moto's, which counts what it was asked for and what it sent."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: What clients sign with; moto takes any.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIATESTSONLY",
    "AWS_SECRET_ACCESS_KEY": "a-secret-of-tests",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class _Silent(WSGIRequestHandler):
    """Logs nothing, and leaves connections open, as stores do."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object, **__: object) -> None:
        """Nothing."""


@dataclass
class Asked:
    """One request.

    Attributes
    ----------
    method, path
        ``/BUCKET/KEY``.
    query
        Parameters of the URL.
    sent
        Bytes of the answer's body.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    sent: int = 0


@dataclass
class S3Server:
    """Serves from entering to leaving the context; everything in it is forgotten then.

    Attributes
    ----------
    asked
        The requests, in their order.
    before
        Called with each request before it is answered: what it returns, unless it is None, is the status with which the
        request is refused.
    """

    asked: list[Asked] = field(default_factory=list)
    before: Callable[[Asked], str | None] = lambda _asked: None

    def __post_init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Silent)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Of the server."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs."""
        return {**CREDENTIALS, "AWS_ENDPOINT_URL": self.url}

    @property
    def sent(self) -> int:
        """Bytes that were sent."""
        return sum(asked.sent for asked in self.asked)

    @property
    def put(self) -> list[str]:
        """Paths of the objects that appeared, in order."""
        puts = [asked for asked in self.asked if asked.method == "PUT" and "partNumber" not in asked.query]
        done = [asked for asked in self.asked if asked.method == "POST" and "uploadId" in asked.query]
        return [asked.path for asked in (*puts, *done) if asked.path.count("/") > 1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        from moto.s3.models import s3_backends

        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for regions in s3_backends.values():
            for backend in regions.values():
                backend.reset()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        asked = Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], query)
        self.asked.append(asked)
        refused = self.before(asked)
        if refused is not None:
            start_response(refused, [("Content-Length", "0")])
            return [b""]
        answer: list[bytes] = []
        body: Any = self._app(environ, start_response)
        for block in body:
            asked.sent += len(block) if asked.method != "HEAD" else 0
            answer.append(block)
        if hasattr(body, "close"):
            body.close()
        return answer
