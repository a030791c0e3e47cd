"""What an answer of JSON has to be: its values, checked as they are taken, and words for what is wrong with it."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from aframe_data.errors import AframeDataError, SourceError
from aframe_data.outside import outside_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_NAME, _LONGEST_URL = 200, 2000
#: Beyond any time in GPS seconds, and any other number that an archive has.
_LARGEST = 1e12


class StrangeAnswerError(ValueError):
    """An answer is not of the form that its question has; the text says in what."""


@contextmanager
def understood(host: str, kind: str, option: str) -> Iterator[None]:
    """Say that an answer is of another kind of server, and in what, whatever fails while it is read.

    Parameters
    ----------
    host
        That answered.
    kind
        Of server that was asked: ``GWOSC``.
    option
        Names the host on the command line.

    Raises
    ------
    SourceError
        The answer is not as it has to be.
    """
    try:
        yield
    except (requests.JSONDecodeError, RecursionError, LookupError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, AframeDataError) or (
            isinstance(error, requests.RequestException) and not isinstance(error, requests.JSONDecodeError)
        ):
            raise
        raise SourceError(
            f"{host} answers, but not as a {kind} server does: check {option} ({_wrong(error)})."
        ) from error


def _wrong(error: Exception) -> str:
    if isinstance(error, requests.JSONDecodeError):
        return "its answer is not JSON"
    if isinstance(error, RecursionError):
        return "its answer is nested too deeply"
    if isinstance(error, KeyError):
        return f"its answer has no {outside_text(error.args[0])!r}"
    return outside_text(error)


@dataclass(frozen=True)
class Fields:
    """A JSON object, whose values are checked as they are taken.

    Attributes
    ----------
    values
        The object.
    what
        It is, for messages: ``an observing run``.
    """

    values: dict[str, Any]
    what: str

    @classmethod
    def of(cls, found: object, what: str) -> Fields:
        """Take what should be an object."""
        return cls(require(found, dict, what, "an object"), what)

    def text(self, key: str) -> str:
        """A name: of characters that can be shown, and not endless."""
        return name(self.values.get(key), f"{key!r} of {self.what}")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of names."""
        return names(self.values.get(key), f"{key!r} of {self.what}")

    def number(self, key: str) -> float:
        """A finite number; a whole one is an int."""
        return number(self.values.get(key), f"{key!r} of {self.what}")

    def url(self, key: str) -> str | None:
        """The URL of a web server, or None where it is said that there is none."""
        found = self.values[key]
        return None if found in (None, "") else web_url(found, f"{key!r} of {self.what}")


def require(found: Any, kind: type, what: str, wanted: str) -> Any:
    """Return what is of a type.

    Raises
    ------
    StrangeAnswerError
        It is of another.
    """
    if not isinstance(found, kind):
        raise StrangeAnswerError(f"{what} is {_shown(found)}, not {wanted}")
    return found


def name(found: object, what: str) -> str:
    """Return a text of characters that can be shown; errors as `require`."""
    text: str = require(found, str, what, "a text")
    if len(text) > _LONGEST_NAME or not text.isprintable():
        raise StrangeAnswerError(f"{what} is {_shown(text)}, which is not a name")
    return text


def names(found: object, what: str) -> tuple[str, ...]:
    """Return a list of such texts; errors as `require`."""
    return tuple(name(item, f"an entry of {what}") for item in require(found, list, what, "a list"))


def number(found: object, what: str) -> float:
    """Return a finite number; errors as `require`."""
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not abs(found) < _LARGEST:
        raise StrangeAnswerError(f"{what} is {_shown(found)}, not a number")
    return found


def web_url(found: object, what: str) -> str:
    """Return the URL of a web server; errors as `require`."""
    text: str = require(found, str, what, "a URL")
    if len(text) > _LONGEST_URL or not text.isprintable() or urlsplit(text).scheme not in {"http", "https"}:
        raise StrangeAnswerError(f"{what} is {_shown(text)}, not a URL of http or https")
    return text


def _shown(found: object) -> str:
    """A value in few words: what a list or an object holds is not looked at."""
    if found is None:
        return "missing"
    if isinstance(found, (list, dict)):
        return f"a{' list' if isinstance(found, list) else 'n object'} of {len(found)}"
    if isinstance(found, float) and not math.isfinite(found):
        return str(found)
    if isinstance(found, int) and abs(found) >= _LARGEST:
        return "a number far too large"
    return repr(outside_text(found, 60)) if isinstance(found, str) else str(found)
