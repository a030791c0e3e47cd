"""Talking to a server over HTTP: a session that waits as long as the user said, and errors in this project's words.

A file is asked for once, because the core repeats a whole block when it meets a `TransientError`; the gwosc
client tries a list again by itself when the server is busy.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import tenacity
from urllib3.exceptions import ReadTimeoutError

from aframe_data.errors import SourceError, TransientError
from aframe_data_plugins.http.failures import cause_of, reason_of, retry_after
from gwosc.api import v2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20  # bytes held in memory while a file is written
_AS_IT_IS = {"Accept-Encoding": "identity"}  # else Content-Length counts compressed bytes


class NotFoundError(SourceError):
    """The server answered 404: there is no such flag, run, event or file."""


def download(url: str, path: Path, timeout: float, *, option: str = "--gwosc-host") -> None:
    """Stream a file to a path, and compare its length with the announced one; `option` names the server.

    Raises
    ------
    NotFoundError
        The server does not have it.
    TransientError
        The server could not send it now, sent a part of it, or sent nothing for `timeout` seconds.
    """
    host = urlsplit(url).netloc
    with talk(host, timeout, url, option) as session, session.get(url, stream=True, headers=_AS_IT_IS) as answer:
        answer.raise_for_status()
        with path.open("wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
        announced = answer.headers.get("Content-Length")
    received = path.stat().st_size
    if announced is not None and int(announced) != received:
        raise TransientError(f"{host} sent {received} of {announced} bytes of {url}.")


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
    try:
        with _TimedSession(timeout) as session:
            yield session
    except tenacity.RetryError as error:
        raise _gave_up(host, error) from error
    except requests.HTTPError as error:
        raise _refused(host, error) from error
    except (requests.JSONDecodeError, KeyError, TypeError) as error:
        raise SourceError(f"{host} answers, but not as a GWOSC server does: check {option}.") from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise TransientError(f"{host} broke off in the middle of {what}.") from error
    except requests.Timeout as error:
        raise TransientError(f"{host} did not answer within {timeout:g} s.") from error
    except requests.RequestException as error:
        if isinstance(cause_of(error), ReadTimeoutError):
            raise TransientError(f"{host} sent nothing for {timeout:g} s in the middle of {what}.") from error
        raise TransientError(
            f"the connection to {host} failed: {reason_of(error)}. "
            f"Check the network, or name another server with {option}."
        ) from error


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


def _refused(host: str, error: requests.HTTPError) -> SourceError:
    response = error.response
    if response is None:
        return SourceError(f"{host} refuses: {error}.")
    message = f"{host} answers {response.status_code} {response.reason} for {response.url}."
    if response.status_code == requests.codes.not_found:
        return NotFoundError(message)
    if response.status_code in v2.TRANSIENT_ERROR_CODES:
        return TransientError(message, retry_after=retry_after(response))
    return SourceError(message)
