"""What a failed request means: how long a server asks to wait, and why a connection failed."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

#: Answers that may be another one the next time: time-outs, too many requests, and a server that is out of order.
TRANSIENT_STATUS = frozenset({408, 413, 425, 429, 500, 501, 502, 503, 504})


def retry_after(response: requests.Response) -> float | None:
    """Seconds that the server asks to wait: a number or a date (RFC 9110, section 10.2.3)."""
    text = response.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    if then.tzinfo is None:
        return None
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def cause_of(error: requests.RequestException) -> object:
    """What requests wrapped: the error of the library below it, where there is one."""
    return error.args[0] if error.args else error


def reason_of(error: requests.RequestException) -> str:
    """Return the last part of a chain of messages such as "Max retries exceeded …: Connection refused"."""
    cause = cause_of(error)
    return str(getattr(cause, "reason", cause)).rsplit(": ", maxsplit=1)[-1]
