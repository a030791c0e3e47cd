"""What goes wrong in requests, said in this project's words; and a file that is asked for once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from urllib3.exceptions import ReadTimeoutError

import requests
from aframe_data.errors import SourceError, TransientError
from aframe_data_plugins.credentials.credential import redacted
from aframe_data_plugins.http.failures import TRANSIENT_STATUS, cause_of, reason_of, retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20  # bytes held in memory while a file is written
_AS_IT_IS = {"Accept-Encoding": "identity"}  # else Content-Length counts compressed bytes


class NotFoundError(SourceError):
    """The server answered 404."""


@contextmanager
def told(host: str, timeout: float, advice: str, what: str = "its answer") -> Iterator[None]:
    """Say what goes wrong in a request; no message has a header of it.

    Parameters
    ----------
    host
        For the messages.
    timeout
        Seconds in which nothing may come.
    advice
        What the user can do where the host is not to be reached, a sentence.
    what
        Is asked for; without the tokens that may stand in a URL.

    Raises
    ------
    NotFoundError
        The server has no such thing.
    TransientError
        The server cannot be reached, is busy, was silent for `timeout` seconds, or broke off.
    SourceError
        The server refuses, cannot be trusted, or answers another kind of question.
    """
    what = redacted(what)
    try:
        yield
    except requests.HTTPError as error:
        raise _refused(host, error.response) from error
    except requests.JSONDecodeError as error:
        raise SourceError(f"{host} answers another kind of question. {advice}") from error
    except requests.exceptions.SSLError as error:
        raise SourceError(f"{host} cannot be trusted: {reason_of(error)}.") from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise TransientError(f"{host} broke off in the middle of {what}.") from error
    except requests.Timeout as error:
        raise TransientError(f"{host} did not answer within {timeout:g} s.") from error
    except requests.RequestException as error:
        if isinstance(cause_of(error), ReadTimeoutError):
            raise TransientError(f"{host} sent nothing for {timeout:g} s in the middle of {what}.") from error
        raise TransientError(f"the connection to {host} failed: {reason_of(error)}. {advice}") from error


def save(url: str, path: Path, session: requests.Session, timeout: float) -> None:
    """Stream a file to a path, and compare its length with the announced one; errors as requests raises them.

    Raises
    ------
    TransientError
        A part of it came.
    """
    with session.get(url, stream=True, headers=_AS_IT_IS, timeout=timeout) as answer:
        answer.raise_for_status()
        with path.open("wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
        announced = answer.headers.get("Content-Length")
    received = path.stat().st_size
    if announced is not None and int(announced) != received:
        raise TransientError(f"{received} of {announced} bytes of {redacted(url)} came.")


def _refused(host: str, response: requests.Response) -> SourceError:
    message = redacted(f"{host} answers {response.status_code} {response.reason} for {response.url}.")
    if response.status_code == requests.codes.not_found:
        return NotFoundError(message)
    if response.status_code in TRANSIENT_STATUS:
        return TransientError(message, retry_after=retry_after(response))
    return SourceError(message)
