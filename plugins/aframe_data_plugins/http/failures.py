"""What a failed request means: how long a server asks to wait, and why a connection failed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import requests
from aframe_data.errors import SourceError, TransientError
from aframe_data.outside import outside_text

if TYPE_CHECKING:
    from typing import Any

#: Answers that may be another one the next time: time-outs, too many requests, and a server that is out of order.
TRANSIENT_STATUS = frozenset({408, 413, 425, 429, 500, 501, 502, 503, 504})
#: Seconds beyond which it does not matter how long a server asks to wait.
_FOR_EVER = 1e9


class NotFoundError(SourceError):
    """The server answered 404."""


class RefusedError(SourceError):
    """The server wants to be shown a credential, or another one: 401 or 403."""


def retry_after(response: requests.Response) -> float | None:
    """Seconds that the server asks to wait: a number or a date (RFC 9110, section 10.2.3); None where it is neither."""
    text = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", text):
        return float(text) if len(text) < 10 else _FOR_EVER
    try:
        then = parsedate_to_datetime(text)
        if then.tzinfo is None:
            return None
        return max(0.0, (then - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def require_an_answer(host: str, response: requests.Response) -> None:
    """Refuse what is worth another try later, and what nobody asked for.

    Raises
    ------
    TransientError
        The server is out of order, or busy.
    SourceError
        It redirects to nowhere, or compresses what was to come as it is.
    """
    if response.status_code in TRANSIENT_STATUS or (300 <= response.status_code < 400 and not response.is_redirect):
        raise refused(host, response)
    if response.ok and response.headers.get("Content-Encoding", "identity") != "identity":
        raise SourceError(f"{host} sends {shown_url(response.url)} compressed, which it was asked not to do.")


def refused(host: str, response: requests.Response) -> SourceError:
    """The error for an answer with a status that is none of success."""
    status = f"{response.status_code} {outside_text(response.reason)}".strip()
    message = f"{host} answers {status} for {shown_url(response.url)}."
    if response.status_code == requests.codes.not_found:
        return NotFoundError(message)
    if response.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        return RefusedError(message)
    if response.status_code in TRANSIENT_STATUS:
        return TransientError(message, retry_after=retry_after(response))
    return SourceError(message)


def shown_url(url: Any) -> str:
    """A URL for messages."""
    return outside_text(url, 400)


def cause_of(error: requests.RequestException) -> object:
    """What requests wrapped: the error of the library below it, where there is one."""
    return error.args[0] if error.args else error


def reason_of(error: requests.RequestException) -> str:
    """Return the last part of a chain of messages such as "Max retries exceeded …: Connection refused"."""
    cause = cause_of(error)
    reason = getattr(cause, "reason", cause)
    inner = getattr(reason, "args", ())[-1:]
    return outside_text(str(inner[0] if inner else reason).rsplit(": ", maxsplit=1)[-1]).rstrip(".")
