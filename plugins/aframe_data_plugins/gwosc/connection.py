"""Talking to a server over HTTP: a session that waits as long as the user said, and errors in this project's words.

A file is asked for once, because the core repeats a whole block when it meets a `TransientError`; the gwosc
client tries a list again by itself when the server is busy.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import tenacity

import requests
from aframe_data.errors import SourceError, TransientError
from aframe_data_plugins.http.failures import retry_after
from aframe_data_plugins.http.told import NotFoundError, save, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["NotFoundError", "download", "talk"]


def download(url: str, path: Path, timeout: float, *, option: str = "--gwosc-host") -> None:
    """Stream a file to a path, and compare its length with the announced one; `option` names the server.

    Raises
    ------
    NotFoundError
        The server does not have it.
    TransientError
        The server could not send it now, sent a part of it, or sent nothing for `timeout` seconds.
    """
    with talk(urlsplit(url).netloc, timeout, url, option) as session:
        save(url, path, session, timeout)


@contextmanager
def talk(host: str, timeout: float, what: str = "a list", option: str = "--gwosc-host") -> Iterator[requests.Session]:
    """Give a session with a host, and say in this project's words what goes wrong in it.

    Parameters
    ----------
    host
        For the messages.
    timeout
        Seconds in which nothing may come.
    what
        Is asked for.
    option
        Names the host on the command line.
    """
    advice = f"Check the network, or name another server with {option}."
    with told(host, timeout, advice, what), _TimedSession(timeout) as session:
        try:
            yield session
        except tenacity.RetryError as error:
            raise _gave_up(host, error) from error
        except (requests.JSONDecodeError, KeyError, TypeError) as error:
            raise SourceError(f"{host} answers, but not as a GWOSC server does: check {option}.") from error


class _TimedSession(requests.Session):
    """A session that waits as long as the user said; the gwosc client has a constant of its own."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        return super().send(request, **{**kwargs, "timeout": self._timeout})


def _gave_up(host: str, error: tenacity.RetryError) -> TransientError:
    """Say what the server answered to the last of the client's own tries."""
    last = error.last_attempt
    tries = f"after {last.attempt_number} tries"
    if last.failed:
        return TransientError(f"{host} did not answer in time, {tries}.")
    response = last.result()
    message = f"{host} answers {response.status_code} {response.reason}, {tries}."
    return TransientError(message, retry_after=retry_after(response))
