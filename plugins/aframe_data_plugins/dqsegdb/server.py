"""What a DQSEGDB server can be asked: interferometers, flags, versions, segments (LIGO-T1300625).

Questions are put without credentials. Where the server refuses, for a private flag, credentials are looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dqsegdb2 import api
from dqsegdb2.requests import Session, get_json

from aframe_data.errors import UsageError
from aframe_data.types import Segment
from aframe_data_plugins.credentials.access import Access
from aframe_data_plugins.dqsegdb.connection import no_dqsegdb, told

if TYPE_CHECKING:
    from aframe_data_plugins.credentials.credential import Credential
    from aframe_data_plugins.dqsegdb.options import DqsegdbOptions

#: Of a SciToken that opens private flags.
SCOPE = "dqsegdb.read"


@dataclass(frozen=True, slots=True)
class Listed:
    """The segments of one version of a flag, as the server lists them, and the URL that gave them."""

    active: tuple[Segment, ...]
    known: tuple[Segment, ...]
    url: str


class Server:
    """One DQSEGDB server.

    Raises
    ------
    UsageError
        The host is no URL.
    """

    def __init__(self, options: DqsegdbOptions) -> None:
        parts = urlsplit(options.host)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise UsageError(
                f"--dqsegdb-host: {options.host!r} is no server: write http:// or https:// and a name, "
                "as in https://segments.igwn.org."
            )
        self.host = options.host.rstrip("/")
        self._timeout = options.timeout
        self._access = Access(self.host, SCOPE)

    def interferometers(self) -> list[str]:
        """Return the prefixes that the server has flags of."""
        return [str(ifo) for ifo in self._list(api.ifos_path(), "Ifos")]

    def flags(self, ifo: str) -> list[str]:
        """Return the names of the flags of an interferometer, with its prefix."""
        return [f"{ifo}:{name}" for name in self._list(api.flags_path(ifo), "results")]

    def versions(self, ifo: str, name: str) -> list[int]:
        """Return the versions of a flag, the oldest first."""
        return sorted(int(version) for version in self._list(api.versions_path(ifo, name), "version"))

    def segments(self, ifo: str, name: str, version: int, start: int, stop: int) -> Listed:
        """Return the segments of one version that meet ``[start, stop)``; they may reach beyond it."""
        path = api.resources_path(ifo, name, version, s=start, e=stop, include="active,known")
        answer = self._ask(path)
        return Listed(self._spans(answer, "active"), self._spans(answer, "known"), f"{self.host}{path}")

    def _spans(self, answer: Any, key: str) -> tuple[Segment, ...]:
        try:
            pairs = [(float(start), float(stop)) for start, stop in answer[key]]
        except (KeyError, TypeError, ValueError) as error:
            raise no_dqsegdb(self.host) from error
        return tuple(Segment(_plain(start), _plain(stop)) for start, stop in pairs if start < stop)

    def _list(self, path: str, key: str) -> list[Any]:
        try:
            return list(self._ask(path)[key])
        except (KeyError, TypeError) as error:
            raise no_dqsegdb(self.host) from error

    def _ask(self, path: str) -> Any:
        with told(self.host, self._timeout):
            return self._access.ask(partial(self._answer, path))

    def _answer(self, path: str, shown: Credential) -> Any:
        """Put one question, as dqsegdb2 does; its session would look for credentials unless it is told not to."""
        with Session(force_noauth=True) as session:
            return get_json(f"{self.host}{path}", session=session, timeout=self._timeout, **shown.keywords)


def _plain(seconds: float) -> float:
    """Whole seconds stay whole."""
    return int(seconds) if seconds.is_integer() else seconds
