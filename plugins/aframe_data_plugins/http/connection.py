"""Connections of requests that watch what comes: how many bytes, how fast, and from where.

All is counted where the socket is read, so that headers, chunks and what is compressed count too, and so that a
server that sends a byte now and then is noticed whatever the library above is waiting for.
"""

from __future__ import annotations

import http.client
import io
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from aframe_data.errors import SourceError
from aframe_data.outside import outside_text
from aframe_data_plugins.http.address import is_loopback, is_near
from aframe_data_plugins.http.failures import require_an_answer
from aframe_data_plugins.http.question import Budget
from aframe_data_plugins.http.told import told

if TYPE_CHECKING:
    from urllib3 import PoolManager

    import requests
    from aframe_data_plugins.http.question import Question


class _Counted(io.RawIOBase):
    """What a socket gives, counted."""

    def __init__(self, socket: io.RawIOBase, budget: Budget) -> None:
        self._socket, self._budget = socket, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        number = self._socket.readinto(buffer)
        self._budget.spend(number or 0)
        return number

    def close(self) -> None:
        self._socket.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, budget: Budget, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        budget.begin()
        self.fp = io.BufferedReader(_Counted(self.fp.detach(), budget))


class _Plain(HTTPConnection):
    def __init__(self, *arguments: Any, budget: Budget, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._budget = budget
        self.response_class = partial(_Answer, budget)  # type: ignore[assignment]  # it is only called

    def connect(self) -> None:
        super().connect()
        _require_far(self, self._budget)


class _Encrypted(_Plain, HTTPSConnection):
    """Watched in the same way."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


def _require_far(connection: HTTPConnection, budget: Budget) -> None:
    """Refuse an address of this machine or its link, whatever its name, before anything is asked there.

    Raises
    ------
    SourceError
        It is such an address, and the server that the user named is not.
    """
    given = budget.question.server.host
    if connection.proxy is not None or connection.host == given or is_loopback(given):
        return
    address = connection.sock.getpeername()[0]
    if is_near(address):
        connection.close()
        raise SourceError(
            f"{budget.question.server.url} names {outside_text(connection.host)} for {budget.question.what}, which is "
            f"{address}, of this machine or its own network: it was not asked."
        )


class WatchingAdapter(HTTPAdapter):
    """Sends the requests of one question, and refuses answers that cost too much or come from elsewhere.

    Statuses that may be other ones the next time, and connections that fail, are a `TransientError` from here on, so
    that no client repeats them on its own.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        self._budget = Budget(question)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of connections, as `requests.adapters.HTTPAdapter`."""
        super().init_poolmanager(*arguments, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """Make those by way of a proxy, as `requests.adapters.HTTPAdapter`."""
        return self._watch(super().proxy_manager_for(*arguments, **options))

    def _watch(self, manager: PoolManager) -> PoolManager:
        pools: dict[str, Any] = {
            "http": partial(_PlainPool, budget=self._budget),
            "https": partial(_EncryptedPool, budget=self._budget),
        }
        manager.pool_classes_by_scheme = pools
        return manager

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request, as `requests.adapters.HTTPAdapter.send`; errors as `told`."""
        question = self._question
        given, asked = urlsplit(question.server.url), urlsplit(request.url or "")
        at_home = (asked.hostname, asked.port) == (given.hostname, given.port)
        in_the_clear = (given.scheme, asked.scheme) == ("https", "http")
        if not question.download and (asked.hostname != given.hostname or in_the_clear):
            raise SourceError(
                f"{question.server.url} says that {question.what} is at {outside_text(request.url)}, which is not the "
                "server that was named: it was not asked there."
            )
        if at_home and question.server.user is not None and "Authorization" not in request.headers:
            HTTPBasicAuth(*question.server.user)(request)
        request.headers["Accept-Encoding"] = "identity"  # what is counted is what comes
        with told(question):
            answer = super().send(request, *arguments, **{**options, "timeout": question.timeout})
        require_an_answer(question.host, answer)
        self._budget.announce(answer.headers.get("Content-Length", ""))
        return answer
