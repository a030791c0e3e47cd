"""What the servers of the tests have in common: they serve in a thread, on 127.0.0.1 and a free port."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import socketserver


class Loopback:
    """Serves from entering to leaving the context.

    Attributes
    ----------
    closing
        Set when the server ends: what makes a client wait, waits for it.
    port
        On which it serves.
    """

    def __init__(self, listening: socketserver.TCPServer) -> None:
        self._listening = listening
        self.closing = threading.Event()
        self.port = int(listening.server_address[1])
        self._thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Of the server, where it speaks HTTP."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._listening.shutdown()
        self._listening.server_close()
        self._thread.join()
