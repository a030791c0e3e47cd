"""What a GWDataFind server can be asked: types of frames, their times, and the URLs of their files."""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import gwdatafind

import requests
from aframe_data.errors import SourceError, UsageError
from aframe_data.segments.arithmetic import coalesce
from aframe_data.types import Segment
from aframe_data_plugins.credentials.access import Access
from aframe_data_plugins.http.told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aframe_data_plugins.datafind.options import DatafindOptions

Answer = TypeVar("Answer")

_ADVICE = "Check the network, or name another server with --datafind-host."


class Server:
    """One server, asked without credentials until it wants some.

    Raises
    ------
    UsageError
        The host is neither a name nor a URL.
    """

    def __init__(self, options: DatafindOptions) -> None:
        self.url = _url(options.host)
        self._timeout = options.timeout
        self._access = Access(self.url, "gwdatafind.read")

    def types(self, site: str) -> list[str]:
        """Return the frame types that the server has of a site (``H``), or nothing where it does not know the site."""
        try:
            found = self._ask(lambda shown: gwdatafind.find_types(site, **self._arguments(shown)))
        except _UnknownSiteError:
            return []
        return sorted(found)

    def times(self, site: str, frametype: str, span: Segment) -> tuple[Segment, ...]:
        """Return where in a span the server has frames of a type."""
        start, stop = math.floor(span.start), math.ceil(span.stop)
        found = self._ask(lambda shown: gwdatafind.find_times(site, frametype, start, stop, **self._arguments(shown)))
        return coalesce(Segment(float(a), float(b)) for a, b in found if a < b)

    def urls(self, site: str, frametype: str, span: Segment, urltype: str | None) -> list[str]:
        """Return the URLs of the files that overlap a span; without `urltype` all that there are of each file."""
        found = self._ask(
            lambda shown: gwdatafind.find_urls(
                site,
                frametype,
                math.floor(span.start),
                math.ceil(span.stop),
                urltype=urltype,
                on_gaps="ignore",
                **self._arguments(shown),
            )
        )
        return sorted(found)

    def _arguments(self, shown: Any) -> Mapping[str, Any]:
        return {"host": self.url, "timeout": self._timeout, **shown.keywords}

    def _ask(self, question: Callable[[Any], Answer]) -> Answer:
        with told(self.url, self._timeout, _ADVICE), self._spoken_to():
            return self._access.ask(question)

    @contextmanager
    def _spoken_to(self) -> Iterator[None]:
        """Tell a server that does not know a site, or is no GWDataFind server."""
        try:
            yield
        except requests.HTTPError as error:
            # The server's own answers to a site, or a kind of file, that it has nothing of.
            if re.search(r"Observatory ID|Filetype", error.response.text):
                raise _UnknownSiteError(f"{self.url} has no frames of this site.") from error
            raise
        except (requests.JSONDecodeError, TypeError, ValueError) as error:
            if isinstance(error, requests.RequestException) and not isinstance(error, requests.JSONDecodeError):
                raise
            raise SourceError(
                f"{self.url} answers, but not as a GWDataFind server does: check --datafind-host."
            ) from error


class _UnknownSiteError(SourceError):
    """The server has nothing of a site."""


def _url(host: str) -> str:
    """Complete a name to a URL, as gwdatafind does: https, unless the port is that of http."""
    text = host.strip()
    url = text if "://" in text else f"{'http' if text.endswith(':80') else 'https'}://{text}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            f"--datafind-host: {host!r} is no server: write a name, or a URL with http:// or https://, "
            "as in https://datafind.igwn.org."
        )
    return url.rstrip("/")
