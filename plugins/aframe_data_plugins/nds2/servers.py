"""Which servers are asked for a channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from aframe_data_plugins.nds2.options import Nds2Options

DEFAULT_PORT = 31200
#: LIGO's central archive, where all of the data is; the observatories' servers keep the last weeks.
CENTRAL = "nds.ligo.caltech.edu"
PUBLIC = "nds.gwosc.org"

_PUBLIC_CHANNEL = re.compile(r"[A-Z][0-9]:GWOSC-.*")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Server:
    """A server's name and port."""

    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def servers_for(channel: str, options: Nds2Options) -> tuple[Server, ...]:
    """Return the servers that may have `channel`, in the order in which they are asked."""
    port = DEFAULT_PORT if options.port is None else options.port
    if options.server:
        return tuple(dict.fromkeys(_parsed(text, port) for text in options.server))
    return (Server(PUBLIC if _PUBLIC_CHANNEL.fullmatch(channel) else CENTRAL, port),)


def _parsed(text: str, port: int) -> Server:
    host, colon, number = text.partition(":")
    if not _HOST.fullmatch(host) or (colon and not (number.isdecimal() and 1 <= int(number) <= 65535)):
        raise UsageError(
            f"--nds2-server: {text!r} is not a server: write HOST or HOST:PORT, as in {CENTRAL}:{DEFAULT_PORT}."
        )
    return Server(host, int(number) if colon else port)
