"""What an Arrakis server can be asked: what a channel is, what channels there are, and their samples.

Questions are put without credentials. Where the server asks for some, they are looked for, and go along from then on.
"""

from __future__ import annotations

import re
import time
import warnings
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import partial
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urlsplit

import numpy as np

# On import gpstime, which the client needs for live data, looks for leap seconds, also in the network, and tells of it.
with redirect_stderr(StringIO()):
    from arrakis import Client

from aframe_data.errors import AuthenticationError, SourceError, TransientError, UsageError, unknown_name
from aframe_data.redaction import redacted
from aframe_data_plugins.arrakis.connection import AuthenticationAskedError, RefusedError, UnavailableError, told
from aframe_data_plugins.arrakis.patience import patiently
from aframe_data_plugins.credentials.finding import Requirement, find_credential
from aframe_data_plugins.http.address import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from arrakis.block import Series

    from aframe_data_plugins.arrakis.options import ArrakisOptions

Answer = TypeVar("Answer")

warnings.filterwarnings("ignore", message="Leap second data is expired", category=RuntimeWarning)

_PORT = 31206
_SCHEMES = ("grpc", "grpc+tcp", "grpc+tls")
_SCOPE = "arrakis.read"
_LIKE_STRAIN = ".*(STRAIN|[Hh]oft).*"
_NAME = re.compile(r"([A-Z][0-9]):([^_-]*).*")
#: A server may have a million channels; so many of them are enough to find a near name.
_MOST_NAMES = 5000
#: Hz: twice that of any channel from which strain is made; a higher one would be a matter of memory.
_HIGHEST_RATE = 131_072
#: Seconds of samples that have to come within the time-out.
_LEAST_PROGRESS = 1.0


@dataclass(frozen=True)
class Described:
    """What a server says of a channel: samples a second, and their type of number."""

    rate: float
    kind: np.dtype[Any]


class Server:
    """One Arrakis server.

    Raises
    ------
    UsageError
        The option is no URL of one.
    """

    def __init__(self, options: ArrakisOptions) -> None:
        parts = _parts(options.server)
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._timeout = options.timeout
        self._requirement = Requirement(self.url, _SCOPE, f"https://{parts.hostname}")
        self._client = Client(self.url, token=False)

    def channel(self, name: str, gps: int) -> Described:
        """Return what a channel is at a GPS time.

        Raises
        ------
        UsageError
            The server has no such channel.
        SourceError
            It says of it what cannot be.
        """
        try:
            found = self._ask(lambda client: client.describe([name], time=gps))
        except (UnavailableError, RefusedError) as refusal:
            names = self._names_near(name)
            if name not in names:
                raise unknown_name(f"channel of {self.url}", name, names) from refusal
            raise
        if name not in found:
            raise unknown_name(f"channel of {self.url}", name, self._names_near(name))
        with told(self.url, self._timeout):
            rate, kind = float(found[name].sample_rate), np.dtype(found[name].data_type)
        if not 0 < rate <= _HIGHEST_RATE:
            raise SourceError(f"{self.url} says that {name} has {rate:g} Hz, which no channel of strain has.")
        return Described(rate, kind)

    def blocks(self, name: str, start: int, stop: int) -> Iterator[tuple[int, Series]]:
        """Yield the samples of a channel in ``[start, stop)``, in order, in blocks of a second or less.

        What the server does not have is masked. The time of a block's first sample is in nanoseconds of GPS time.

        Raises
        ------
        TransientError
            The server broke off, or sends less than a second of samples in `timeout` seconds.
        SourceError
            It is no Arrakis server.
        """
        end: float = start
        since, told_last = time.monotonic(), end
        with told(self.url, self._timeout):
            for block in patiently(lambda: self._client.stream([name], start, stop), self._timeout):
                end = block.time + block.duration
                yield block.time_ns, block[name]
                if end >= stop:
                    return  # whatever else it sends
                if end - told_last >= _LEAST_PROGRESS:
                    since, told_last = time.monotonic(), end
                elif time.monotonic() - since > self._timeout:
                    raise TransientError(
                        f"{self.url} sent {end - told_last:g} s of {name} in {self._timeout:g} s (--arrakis-timeout), "
                        "which is too slow to wait for."
                    )
        # The client takes the end of a stream for its success.
        raise TransientError(f"{self.url} broke off at {end:.10g}, {stop - end:g} s before the end of {name}.")

    def ping(self) -> None:
        """Ask for the number of channels of a name that may well be none: what only those may ask who may read."""
        self._ask(lambda client: client.count("H1:GDS-CALIB_STRAIN"))

    def _names_near(self, name: str) -> list[str]:
        """Names of the same subsystem of the detector; else of what seems to be strain, of the detector or of any."""
        matched = _NAME.fullmatch(name)
        if matched is None:
            raise UsageError(f"{name!r} is not a name of a channel: write H1:GDS-CALIB_STRAIN, the detector first.")
        ifo, subsystem = matched.groups()
        for pattern in (f"{ifo}:{re.escape(subsystem)}[_-].*", f"{ifo}:{_LIKE_STRAIN}", _LIKE_STRAIN):
            if names := self._ask(partial(_names, pattern)):
                return names
        return []

    def _ask(self, question: Callable[[Client], Answer]) -> Answer:
        """Ask without credentials, or with those that were accepted before; with new ones where the server refuses.

        Raises
        ------
        AuthenticationError
            The server wants a token, and there is none that will do.
        """
        try:
            return self._answer(question, self._client)
        except AuthenticationAskedError:
            self._require_secrecy()
            credential = find_credential(self._requirement)
        if credential.token is None:
            raise AuthenticationError(
                f"{self.url} wants {self._requirement}; none was found. {self._requirement.advice}"
            )
        client = Client(self.url, token=credential.token)
        try:
            answer = self._answer(question, client)
        except AuthenticationAskedError:
            raise AuthenticationError(
                f"{self.url} refuses {credential.kind} that was found; it wants {self._requirement}. "
                f"{self._requirement.advice}"
            ) from None
        self._client = client
        return answer

    def _answer(self, question: Callable[[Client], Answer], client: Client) -> Answer:
        with told(self.url, self._timeout):
            return next(patiently(lambda: [question(client)], self._timeout))

    def _require_secrecy(self) -> None:
        """Refuse to send a token in the clear, other than to this machine."""
        parts = urlsplit(self.url)
        if parts.scheme != "grpc+tls" and not is_loopback(parts.hostname or ""):
            raise AuthenticationError(
                f"{self.url} wants {self._requirement}, which is never sent over {parts.scheme}: "
                "name the server with grpc+tls://."
            )


def _names(pattern: str, client: Client) -> list[str]:
    return [channel.name for channel in islice(client.find(pattern), _MOST_NAMES)]


def _parts(server: str) -> SplitResult:
    """Take the URL of a server apart, with what the client would add."""
    text = server if "://" in server else f"grpc://{server}"
    parts = urlsplit(text)
    try:
        port = parts.port or _PORT
    except ValueError:
        port = 0
    if parts.scheme not in _SCHEMES or not parts.hostname or not port or parts.username or parts.path.strip("/"):
        raise UsageError(
            f"--arrakis-server: {redacted(server)!r} is not an Arrakis server: write grpc://HOST:PORT, or "
            f"grpc+tls://HOST:PORT if it is encrypted; the default port is {_PORT}."
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts._replace(netloc=f"{host}:{port}", path="", query="", fragment="")
