"""What goes wrong in requests, said in this project's words."""

from __future__ import annotations

from contextlib import contextmanager
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING

from urllib3.exceptions import ReadTimeoutError

import requests
from aframe_data.errors import SourceError, TransientError
from aframe_data_plugins.http.failures import cause_of, reason_of, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data_plugins.http.question import Question

#: What is the same the next time: refused protocols, URLs that are none, redirects in a circle.
_LASTING = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)


@contextmanager
def told(question: Question) -> Iterator[None]:
    """Say what goes wrong in a request; no message has a header of it.

    Raises
    ------
    NotFoundError
        The server has no such thing.
    TransientError
        The server cannot be reached, is busy, was silent for too long, or broke off.
    SourceError
        The server refuses, cannot be trusted, sends us round in circles or to where nobody goes, or speaks no HTTP.
    """
    host, timeout, what = question.host, question.timeout, question.what
    try:
        yield
    except requests.HTTPError as error:
        raise refused(host, error.response) from error
    except requests.exceptions.SSLError as error:
        raise SourceError(f"{host} cannot be trusted: {reason_of(error)}.") from error
    except requests.TooManyRedirects as error:
        raise SourceError(f"{host} redirects without end for {what}.") from error
    except _LASTING as error:
        message = f"{host} redirects {what} to an address that cannot be followed: {reason_of(error)}."
        raise SourceError(message) from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise TransientError(f"{host} broke off in the middle of {what}.") from error
    except requests.Timeout as error:
        raise TransientError(f"{host} did not answer within {timeout:g} s.") from error
    except requests.RequestException as error:
        if isinstance(cause_of(error), ReadTimeoutError):
            raise TransientError(f"{host} sent nothing for {timeout:g} s in the middle of {what}.") from error
        if _speaks_no_http(error):
            raise SourceError(f"{host} does not speak HTTP: {reason_of(error)}. {question.advice}") from error
        raise TransientError(f"the connection to {host} failed: {reason_of(error)}. {question.advice}") from error


def _speaks_no_http(error: requests.RequestException) -> bool:
    """Whether what came is no answer of HTTP; that none came, or a part of one, may pass."""
    inner = getattr(cause_of(error), "args", ())
    return any(isinstance(part, HTTPException) and not isinstance(part, (OSError, IncompleteRead)) for part in inner)
