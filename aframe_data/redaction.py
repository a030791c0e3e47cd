"""Secrets that stand in texts: passwords and tokens in URLs, and tokens by themselves.

Whatever is printed, logged or stored goes through here, at the places where that is done: the texts of errors, the
handlers of the log, and the records of outputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_HIDDEN = "…"
#: A JSON web token: three parts in base64, of which the first two are JSON objects.
_TOKEN = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+(\.[\w-]*)?")
_PATH, _QUERY = r"/[^\s?#'\"<>]*", r"[^\s'\"<>]*[^\s'\"<>.,:;)\]]"
#: A URL with a query, or the part of one that clients name: ``/api/v2/runs?page=2``. The paths of files may have both
#: signs, and are left as they are.
_WITH_QUERY = re.compile(rf"((?:[A-Za-z][\w+.-]*:/|(?<=url: )){_PATH})[?#]({_QUERY})")
_PATH_WITH_QUERY = re.compile(rf"({_PATH})\?(?=[^\s'\"<>]*=)({_QUERY})")
_USER = re.compile(r"//[^\s/?#'\"<>]*@")
#: The same without a scheme, as servers may be named in options: ``user:secret@archive.example``.
_BARE_USER = re.compile(r"(?<![^\s'\"=,(])[^\s/@'\"=,(]+:[^\s/@'\"]+@(?=[\w\[])")
#: The parameters of archives' lists; the value of any other may be a secret.
_PLAIN = frozenset(
    (
        *("start", "stop", "s", "e", "include", "page", "pagesize", "detector", "sample-rate", "file-format"),
        *("duration", "min-gps-time", "max-gps-time"),
    )
)


def redacted(text: str) -> str:
    """A text without the passwords and the tokens that may stand in it.

    These are JSON web tokens, users with their passwords in URLs, and values in the queries of URLs, except of those
    parameters that archives' lists are known by. ``…`` or ``<token>`` stands in their place.
    """
    text = _TOKEN.sub("<token>", text)
    if "@" in text:
        text = _BARE_USER.sub(f"{_HIDDEN}@", _USER.sub(f"//{_HIDDEN}@", text))
    if "?" in text or "#" in text:
        text = _PATH_WITH_QUERY.sub(_without_values, _WITH_QUERY.sub(_without_values, text))
    return text


def without_secrets(value: Any) -> Any:
    """The same for the texts of nested lists and mappings, as records are made of."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {name: without_secrets(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [without_secrets(item) for item in value]
    return value


def _without_values(match: re.Match[str]) -> str:
    """A URL whose query has only values that are known to be plain."""
    shown = []
    for parameter in match[2].split("&"):
        name, equals, _ = parameter.partition("=")
        shown.append(parameter if name in _PLAIN else f"{name}={_HIDDEN}" if equals else _HIDDEN)
    return f"{match[1]}?{'&'.join(shown)}"
