"""Talking to a DQSEGDB server by dqsegdb2's session, and what goes wrong in it in this project's words.

Nothing is asked twice here: the core repeats a question when it meets a `TransientError`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests
from aframe_data.errors import SourceError, TransientError
from aframe_data_plugins.http.failures import TRANSIENT_STATUS, reason_of, retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator


class NotFoundError(SourceError):
    """The server answered 404: there is no such interferometer, flag or version."""


@contextmanager
def told(host: str, timeout: float) -> Iterator[None]:
    """Say in this project's words what goes wrong in a request; no message has a header of it.

    Raises
    ------
    NotFoundError
        See there.
    TransientError
        The server cannot be reached, is busy, or was silent for `timeout` seconds.
    SourceError
        The server refuses, or is no DQSEGDB server.
    """
    try:
        yield
    except requests.HTTPError as error:
        raise _refused(host, error.response) from error
    except requests.JSONDecodeError as error:
        raise no_dqsegdb(host) from error
    except requests.exceptions.SSLError as error:
        raise SourceError(f"{host} cannot be trusted: {reason_of(error)}.") from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise TransientError(f"{host} broke off in the middle of its answer.") from error
    except requests.Timeout as error:
        raise TransientError(f"{host} did not answer within {timeout:g} s.") from error
    except requests.RequestException as error:
        raise TransientError(
            f"the connection to {host} failed: {reason_of(error)}. "
            "Check the network, or name another server with --dqsegdb-host."
        ) from error


def no_dqsegdb(host: str) -> SourceError:
    """The error for answers of another kind of server, a login page for example."""
    return SourceError(f"{host} answers, but not as a DQSEGDB server does: check --dqsegdb-host.")


def _refused(host: str, response: requests.Response) -> SourceError:
    message = f"{host} answers {response.status_code} {response.reason} for {response.url}."
    if response.status_code == requests.codes.not_found:
        return NotFoundError(message)
    if response.status_code in TRANSIENT_STATUS:
        return TransientError(message, retry_after=retry_after(response))
    return SourceError(message)
