"""A server as the user names it: its URL, and a password that may stand in it, kept apart from there on."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from aframe_data.errors import UsageError
from aframe_data.redaction import redacted


@dataclass(frozen=True)
class Address:
    """Where a server is.

    Attributes
    ----------
    url
        Without a user's name, and without a slash at its end: for requests, messages and records.
    user
        Name and password, for HTTP's basic authentication, or None.
    """

    url: str
    user: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The name of the machine."""
        return urlsplit(self.url).hostname or ""


def parse_address(text: str, option: str, example: str) -> Address:
    """Read an option that names a server.

    Raises
    ------
    UsageError
        It is no URL of HTTP.
    """
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            f"{option}: {redacted(text)!r} is not a server: write http:// or https:// and a name, as in {example}."
        )
    before, at, netloc = parts.netloc.rpartition("@")
    name, _, password = before.partition(":")
    url = parts._replace(netloc=netloc, query="", fragment="").geturl().rstrip("/")
    return Address(url, (unquote(name), unquote(password)) if at else None)


def is_loopback(host: str) -> bool:
    """Whether what is sent to a host stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_near(address: str) -> bool:
    """Whether an IP address is of this machine or of its own link, where no archive sends anybody to."""
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_loopback or found.is_link_local or found.is_unspecified
