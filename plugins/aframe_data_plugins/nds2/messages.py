"""What the client library's words mean. All that it tells of an error is a text, whichever way it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import AuthenticationError, SourceError, TransientError
from aframe_data.outside import outside_text
from aframe_data_plugins.nds2.servers import PUBLIC

if TYPE_CHECKING:
    from aframe_data_plugins.nds2.servers import Server


@dataclass(frozen=True)
class _Meaning:
    """The error that any of some words stand for; its text may name `server`, `host`, `hint` and what was `said`."""

    words: tuple[str, ...]
    error: type[SourceError]
    text: str


#: "Low level daq error occured [13]: Requested data were not found.", and dttlib's word where it learned so by asking.
_NO_DATA = ("data were not found", "Data not found or channel does not exist")

#: The first that fits holds.
_MEANINGS = (
    _Meaning(
        ("Request SASL authentication",),
        AuthenticationError,
        "{server} requires authentication: get a Kerberos ticket with `kinit USER@LIGO.ORG` and run this again{hint}. "
        f"Public data needs none: --nds2-server {PUBLIC}.",
    ),
    _Meaning(
        ("data is on tape",),
        SourceError,
        "{server} has this data on tape, which takes minutes to hours to come: --nds2-allow-tape asks for it.",
    ),
    _Meaning(
        ("Invalid IP address",),
        TransientError,
        "there is no host {host!r}: check --nds2-server, and the network.",
    ),
    _Meaning(
        ("trying to write to socket", "Unable to connect to server", "connection timed out"),
        TransientError,
        "no server answers at {server}: check --nds2-server, --nds2-port and the network.",
    ),
    _Meaning(
        ("feature is not supported", "protocol version mismatch", "Command syntax error"),
        SourceError,
        "{server} answers, but not as an NDS2 server does: check --nds2-server and --nds2-port.",
    ),
    _Meaning(("overloaded",), TransientError, "{server} is overloaded."),
    _Meaning(
        ("no privilege", "Access denied"),
        AuthenticationError,
        "{server} does not give you access to this data.",
    ),
    _Meaning(
        ("Unspecified error", "Transfer busy", "Connection closed", "Error in write()"),
        TransientError,
        "{server} broke off: {said}.",
    ),
    _Meaning(("",), SourceError, "{server} refuses: {said}."),
)


def tells_of_a_gap(text: str) -> bool:
    """Whether the server has no data for the whole span."""
    return any(word in text for word in _NO_DATA)


def meaning(text: str, server: Server, hint: str = "") -> SourceError:
    """Return the error for what the library said about a server.

    Parameters
    ----------
    text
        The library's words, of any number of lines.
    server
        That it talked to.
    hint
        What else this client needs for Kerberos.
    """
    fitting = next(each for each in _MEANINGS if any(word in text for word in each.words))
    lines = text.strip().splitlines() or ["it does not say why"]
    said = outside_text(lines[0]).rstrip(".")
    return fitting.error(fitting.text.format(server=server, host=server.host, hint=hint, said=said))


def broke_off(server: Server) -> TransientError:
    """Return the error for data that the server has and that did not come whole."""
    return TransientError(f"{server} broke off in the middle of the data.")
