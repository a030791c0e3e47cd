"""What a GWDataFind server can be asked: types of frames, their times, and the URLs of their files."""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import gwdatafind
from igwn_auth_utils.requests import Session

import requests
from aframe_data.errors import SourceError
from aframe_data.outside import outside_text
from aframe_data.segments.arithmetic import coalesce
from aframe_data.types import Segment
from aframe_data_plugins.credentials.access import Access
from aframe_data_plugins.http.address import Address, parse_address
from aframe_data_plugins.http.answers import StrangeAnswerError, names, number, understood
from aframe_data_plugins.http.question import Question
from aframe_data_plugins.http.session import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from aframe_data_plugins.credentials.credential import Credential
    from aframe_data_plugins.datafind.options import DatafindOptions

Answer = TypeVar("Answer")

_LONGEST_URL = 2000
_ADVICE = "Check the network, or name another server with --datafind-host."


class Server:
    """One server, asked without credentials until it wants some.

    Raises
    ------
    UsageError
        The host is neither a name nor a URL.
    """

    def __init__(self, options: DatafindOptions) -> None:
        self.address = _address(options.host)
        self.url = self.address.url
        self._question = Question(self.address, options.timeout, _ADVICE)
        self._access = Access(self.url, "gwdatafind.read")

    def types(self, site: str) -> list[str]:
        """Return the frame types that the server has of a site (``H``), or nothing where it does not know the site."""
        try:
            return self._ask(
                lambda arguments: sorted(names(list(gwdatafind.find_types(site, **arguments)), "the frame types"))
            )
        except _UnknownSiteError:
            return []

    def times(self, site: str, frametype: str, span: Segment) -> tuple[Segment, ...]:
        """Return where in a span the server has frames of a type."""
        start, stop = math.floor(span.start), math.ceil(span.stop)
        return self._ask(lambda arguments: _spans(gwdatafind.find_times(site, frametype, start, stop, **arguments)))

    def urls(self, site: str, frametype: str, span: Segment, urltype: str | None) -> list[str]:
        """Return the URLs of the files that overlap a span; without `urltype` all that there are of each file."""
        start, stop = math.floor(span.start), math.ceil(span.stop)
        return self._ask(
            lambda arguments: _urls(
                gwdatafind.find_urls(site, frametype, start, stop, urltype=urltype, on_gaps="ignore", **arguments)
            )
        )

    def _ask(self, question: Callable[[Mapping[str, Any]], Answer]) -> Answer:
        """Put a question, which is told the arguments that all of gwdatafind's functions take."""

        def answered(shown: Credential) -> Answer:
            with (
                asking(self._question, Session(force_noauth=True)) as session,
                understood(self.url, "GWDataFind", "--datafind-host"),
                _site_known(self.url),
            ):
                session.hooks["response"].append(_require_list)
                return question({"host": self.url, "session": session, **shown.keywords})

        return self._access.ask(answered)


def _require_list(answer: requests.Response, *_: object, **__: object) -> None:
    """Refuse what is not a list: gwdatafind would take the keys of an object, or the letters of a text."""
    if answer.status_code == requests.codes.ok and not answer.content.lstrip().startswith(b"["):
        answer.json()
        raise StrangeAnswerError("its answer is not a list")


def _spans(found: Iterable[Any]) -> tuple[Segment, ...]:
    pairs = [[float(number(edge, "a time")) for edge in pair] for pair in found]
    return coalesce(Segment(start, stop) for start, stop in pairs if start < stop)


def _urls(found: Iterable[Any]) -> list[str]:
    return sorted(_url(url) for url in found)


def _url(found: object) -> str:
    if not isinstance(found, str) or len(found) > _LONGEST_URL or not found.isprintable():
        raise StrangeAnswerError(f"{outside_text(repr(found), 60)} is no URL")
    return found


@contextmanager
def _site_known(host: str) -> Iterator[None]:
    """Tell a server that does not know a site."""
    try:
        yield
    except requests.HTTPError as error:
        # The server's own answers to a site, or a kind of file, that it has nothing of.
        if re.search(r"Observatory ID|Filetype", error.response.text):
            raise _UnknownSiteError(f"{host} has no frames of this site.") from error
        raise


class _UnknownSiteError(SourceError):
    """The server has nothing of a site."""


def _address(host: str) -> Address:
    """Complete a name to a URL, as gwdatafind does: https, unless the port is that of http."""
    text = host.strip()
    url = text if "://" in text else f"{'http' if text.endswith(':80') else 'https'}://{text}"
    return parse_address(url, "--datafind-host", "https://datafind.igwn.org")
