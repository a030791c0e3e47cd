"""What a DQSEGDB server can be asked: interferometers, flags, versions, segments (LIGO-T1300625).

Questions are put without credentials. Where the server refuses, for a private flag, credentials are looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dqsegdb2 import api
from dqsegdb2.requests import Session, get_json

from aframe_data.types import Segment
from aframe_data_plugins.credentials.access import Access
from aframe_data_plugins.http.address import parse_address
from aframe_data_plugins.http.answers import StrangeAnswerError, names, number, require, understood
from aframe_data_plugins.http.question import Question
from aframe_data_plugins.http.session import asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data_plugins.credentials.credential import Credential
    from aframe_data_plugins.dqsegdb.options import DqsegdbOptions

#: Of a SciToken that opens private flags.
SCOPE = "dqsegdb.read"
_ADVICE = "Check the network, or name another server with --dqsegdb-host."

Answer = TypeVar("Answer")


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
        address = parse_address(options.host, "--dqsegdb-host", "https://segments.igwn.org")
        self.host = address.url
        self._question = Question(address, options.timeout, _ADVICE)
        self._access = Access(self.host, SCOPE)

    def interferometers(self) -> list[str]:
        """Return the prefixes that the server has flags of."""
        return self._ask(api.ifos_path(), lambda answer: list(names(answer["Ifos"], "'Ifos'")))

    def flags(self, ifo: str) -> list[str]:
        """Return the names of the flags of an interferometer, with its prefix."""
        return self._ask(
            api.flags_path(ifo), lambda answer: [f"{ifo}:{found}" for found in names(answer["results"], "'results'")]
        )

    def versions(self, ifo: str, name: str) -> list[int]:
        """Return the versions of a flag, the oldest first."""
        return self._ask(api.versions_path(ifo, name), _versions)

    def segments(self, ifo: str, name: str, version: int, start: int, stop: int) -> Listed:
        """Return the segments of one version that meet ``[start, stop)``; they may reach beyond it."""
        path = api.resources_path(ifo, name, version, s=start, e=stop, include="active,known")
        return self._ask(
            path, lambda answer: Listed(_spans(answer, "active"), _spans(answer, "known"), self.host + path)
        )

    def _ask(self, path: str, read: Callable[[dict[str, Any]], Answer]) -> Answer:
        """Put one question, as dqsegdb2 does; its session would look for credentials unless it is told not to."""

        def answered(shown: Credential) -> Answer:
            with (
                asking(self._question, Session(force_noauth=True)) as session,
                understood(self.host, "DQSEGDB", "--dqsegdb-host"),
            ):
                answer = get_json(f"{self.host}{path}", session=session, **shown.keywords)
                return read(require(answer, dict, "its answer", "an object"))

        return self._access.ask(answered)


def _versions(answer: dict[str, Any]) -> list[int]:
    listed = require(answer["version"], list, "'version'", "a list")
    return sorted(int(number(version, "a version")) for version in listed)


def _spans(answer: dict[str, Any], key: str) -> tuple[Segment, ...]:
    spans = []
    for pair in require(answer[key], list, repr(key), "a list"):
        if len(require(pair, list, f"an entry of {key!r}", "a list of two times")) != 2:
            raise StrangeAnswerError(f"an entry of {key!r} has {len(pair)} values, not two times")
        start, stop = (float(number(edge, f"a time of {key!r}")) for edge in pair)
        if start < stop:
            spans.append(Segment(_plain(start), _plain(stop)))
    return tuple(spans)


def _plain(seconds: float) -> float:
    """Whole seconds stay whole."""
    return int(seconds) if seconds.is_integer() else seconds
