"""An NDS2 server on loopback that speaks the protocol as far as the C++ client library asks it to.

What the client sends was read off its connections (nds2-client 0.16.8). A command is a line that ends in ``;``, but
for the first, ``authorize``. An answer begins with a status of four hexadecimal digits; numbers are big-endian, and a
text has its length in front.

Example::

    with Nds2Server(Nds2Archive((Nds2Channel("H1:GDS-CALIB_STRAIN"),))) as server:
        ...  # ask 127.0.0.1, server.port
        assert server.asked("get-data")
"""

from __future__ import annotations

import base64
import re
import socketserver
import struct
import threading
from typing import TYPE_CHECKING

from servers.loopback import Loopback
from servers.nds2_archive import (
    NO_CHANNEL,
    NOT_FOUND,
    ON_TAPE,
    Nds2Archive,
    Nds2Channel,
    Span,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.kerberos import Kerberos

OK, SYNTAX, AUTHENTICATE = 0x00, 0x17, 0x18

_KINDS = {"online": 1, "raw": 2, "reduced": 3, "s-trend": 4, "m-trend": 5}
_DATA_TYPES = {"int_2": 1, "int_4": 2, "int_8": 3, "real_4": 4, "real_8": 5}
_RECONFIGURATION = 0xFFFFFFFF


class Nds2Server(Loopback):
    """Serves an archive from entering to leaving the context; on 127.0.0.1, on a free port.

    Parameters
    ----------
    kerberos
        Whose tickets an archive with authentication accepts; by default nobody's.

    Attributes
    ----------
    users
        Who has been let in.
    tokens
        What they and others sent to prove who they are.
    """

    def __init__(self, archive: Nds2Archive | None = None, kerberos: Kerberos | None = None) -> None:
        listening = _TCPServer(("127.0.0.1", 0), _Handler)
        listening.nds2 = self
        super().__init__(listening)
        self.archive = Nds2Archive() if archive is None else archive
        self.kerberos = kerberos
        self.users: list[str] = []
        self.tokens: list[bytes] = []
        self._lock = threading.Lock()
        self._asked: list[str] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def asked(self, pattern: str = "") -> list[str]:
        """Return every command so far that the pattern is found in."""
        with self._lock:
            return [command for command in self._asked if re.search(pattern, command)]

    def note(self, command: str) -> None:
        """Record a command."""
        with self._lock:
            self._asked.append(command)


class _TCPServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    nds2: Nds2Server


class _BrokenOffError(Exception):
    """The server closes the connection here."""


class _Handler(socketserver.StreamRequestHandler):
    server: _TCPServer

    def handle(self) -> None:
        commands: dict[str, Callable[..., None]] = {
            "authorize": self._authorize,
            "server-protocol-version": lambda: self._number(1),
            "server-protocol-revision": lambda _asked: self._number(6),
            "set-epoch": self._set_epoch,
            "get-channels": self._channels,
            "check-data": self._check,
            "get-source-data": self._sources,
            "get-data": self._data,
            "get-last-message": lambda: self._text("a few more words from the server"),
        }
        self.archive = self.server.nds2.archive
        self._epoch: Span = (0, 1_999_999_999)
        try:
            for line in self.rfile:
                command = line.decode(errors="replace").strip().rstrip(";")
                self.server.nds2.note(command)
                name, *words = command.split(maxsplit=1)
                if name == "quit":
                    return
                if self.archive.rubbish or name not in commands:
                    self._status(SYNTAX)
                else:
                    commands[name](*_arguments(words[0] if words else ""))
                self.wfile.flush()
        except (_BrokenOffError, ConnectionError):
            return

    # --- answers ------------------------------------------------------------------------------------

    def _status(self, number: int) -> None:
        self.wfile.write(f"{number:04x}".encode())

    def _number(self, value: int) -> None:
        self._status(OK)
        self.wfile.write(struct.pack("!I", value))

    def _text(self, text: str) -> None:
        self._number(len(text))
        self.wfile.write(text.encode())

    # --- commands -----------------------------------------------------------------------------------

    def _authorize(self) -> None:
        if not self.archive.authentication:
            self._status(OK)
            return
        self._status(AUTHENTICATE)
        self._line(b"GSSAPI")
        server = self.server.nds2
        if server.kerberos is None:
            raise _BrokenOffError
        mechanism, _, token = self._token().partition(b"\0")
        if mechanism != b"GSSAPI":
            raise _BrokenOffError
        with server.kerberos.accept() as exchange:
            server.tokens.append(token)
            while (challenge := exchange.step(token)) is not None:
                self._line(challenge)
                token = self._token()
        if not exchange.user:
            raise _BrokenOffError
        server.users.append(exchange.user)  # the client waits for no more

    def _line(self, content: bytes) -> None:
        self.wfile.write(base64.b64encode(content) + b"\n")
        self.wfile.flush()

    def _token(self) -> bytes:
        return base64.b64decode(self.rfile.readline())

    def _set_epoch(self, epoch: str) -> None:
        start, stop = epoch.split("-")
        self._epoch = int(start), int(stop)
        self._status(OK)

    def _channels(self, _gps: str, kind: str, pattern: str) -> None:
        found = self.archive.matching(pattern, kind, self._epoch)
        self._number(len(found))
        for channel in found:
            line = f"{channel.name} {channel.kind} {channel.rate:g} {channel.data_type}\0".encode()
            self.wfile.write(struct.pack("!I", len(line)) + line)

    def _check(self, start: str, stop: str, name: str) -> None:
        channel = self._only(name)
        self._status(NO_CHANNEL if channel is None else _state(channel, int(start), int(stop)))

    def _sources(self, _gps: str, name: str) -> None:
        channel = self._only(name)
        spans = [] if channel is None else sorted([*channel.disk, *channel.tape])
        listed = " ".join(f"{name[0]}-TEST:{start}-{stop}" for start, stop in spans)
        self._text(f"{name.partition(',')[0]} {{{listed}}}")

    def _data(self, start: str, stop: str, stride: str, name: str) -> None:
        channel = self._only(name)
        if self.archive.stalls:
            self.server.nds2.closing.wait()
            raise _BrokenOffError
        if self.archive.refuses is not None:
            self._status(self.archive.refuses)
            return
        if channel is None:
            self._status(NO_CHANNEL)
            return
        spans = channel.present(int(start), int(stop), tape=True)
        if not spans:
            self._status(NOT_FOUND)
            return
        self._status(OK)
        self.wfile.write(b"00000001" + struct.pack("!I", 1))
        self.wfile.write(_reconfiguration(channel, int(stride)))
        self._blocks(channel, spans, int(stride))

    def _blocks(self, channel: Nds2Channel, spans: list[Span], stride: int) -> None:
        left = self.archive.breaks_off
        steps = [(at, min(at + stride, end)) for begin, end in spans for at in range(begin, end, stride)]
        for number, (begin, end) in enumerate(steps):
            cut = end if left is None else min(end, begin + left)
            if cut > begin:
                samples = channel.samples(begin, cut)
                data = samples.astype(samples.dtype.newbyteorder(">")).tobytes()
                self.wfile.write(struct.pack("!5I", 16 + len(data), cut - begin, begin, 0, number) + data)
            if left is not None:
                left -= cut - begin
                if left <= 0:
                    self.wfile.flush()
                    raise _BrokenOffError

    def _only(self, name: str) -> Nds2Channel | None:
        """The channel that a request of data means: the first of its name, or of its type where it says one."""
        bare, _, kind = name.partition(",")
        return next(iter(self.archive.matching(bare, kind or "unknown")), None)


def _arguments(text: str) -> list[str]:
    """``1000 1010 {H1:NAME}`` as three words."""
    return [word.strip("{}") for word in re.findall(r"\{[^}]*\}|\S+", text)]


def _state(channel: Nds2Channel, start: int, stop: int) -> int:
    if channel.whole(start, stop, tape=False):
        return OK
    return ON_TAPE if channel.whole(start, stop, tape=True) else NOT_FOUND


def _reconfiguration(channel: Nds2Channel, stride: int) -> bytes:
    """The block before the data that says what they are."""
    size = round(stride * channel.rate) * channel.samples(0, 1).itemsize
    unit = channel.unit.encode()
    kinds = _KINDS[channel.kind], _DATA_TYPES[channel.data_type]
    numbers = channel.rate, channel.offset, channel.slope
    what = struct.pack("!IIHHfffI", size, 0, *kinds, *numbers, len(unit))
    header = struct.pack("!5I", 16 + len(what) + len(unit), _RECONFIGURATION, 0, 0, 0)
    return header + what + unit
