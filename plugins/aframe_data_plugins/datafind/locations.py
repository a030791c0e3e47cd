"""Where a file of frames can be had, and bringing it here."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import requests
from aframe_data.errors import SourceError
from aframe_data.outside import outside_text
from aframe_data_plugins.credentials.access import Access
from aframe_data_plugins.gwf.names import Name, parse_name
from aframe_data_plugins.http.address import Address, parse_address
from aframe_data_plugins.http.question import Question
from aframe_data_plugins.http.session import asking, save

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aframe_data.plugin import FileStore
    from aframe_data_plugins.credentials.credential import Credential
    from aframe_data_plugins.datafind.options import DatafindOptions

#: In this order `auto` tries them; a file must be on this machine to count.
_PREFERRED = ("file", "https", "http", "osdf")
#: A file may have as many, unless the user says otherwise: the frames of strain have a tenth of it.
_BYTES_A_SECOND, _ROOM = 2 * 10**6, 64 * 10**6
_ADVICE = "Check the network, or choose another way with --datafind-urltype."


@dataclass(frozen=True)
class Location:
    """One file: what its name says, and the URL by which it is had."""

    name: Name
    url: str

    @property
    def rank(self) -> tuple[float, str]:
        """Of two files with the same time, the one with the lower rank is taken."""
        return -self.name.span.duration, self.url.rpartition("/")[2]


def locations(urls: Iterable[str], urltype: str) -> list[Location]:
    """Choose a URL for each file that a server listed, the best file first.

    Parameters
    ----------
    urls
        Of all kinds.
    urltype
        The one to take, or ``auto``.

    Raises
    ------
    SourceError
        The server lists files, and none of them can be had in this way.
    """
    ways: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for url in urls:
        ways[url.rpartition("/")[2]][urlsplit(url).scheme].append(url)
    wanted = _PREFERRED if urltype == "auto" else (urltype,)
    found = []
    for file, by_scheme in ways.items():
        name = parse_name(Path(file))
        fitting = [url for scheme in wanted for url in by_scheme.get(scheme, ())]
        if name is not None and fitting:
            # Where nothing else is offered either, the error is to name a file.
            found.append(Location(name, next((url for url in fitting if _is_here(url)), fitting[0])))
    if ways and not found:
        offered = ", ".join(sorted({scheme for by_scheme in ways.values() for scheme in by_scheme}))
        raise SourceError(
            f"the server lists no files as {' or '.join(wanted)}, only as {offered}: choose with --datafind-urltype."
        )
    return sorted(found, key=lambda location: location.rank)


def _is_here(url: str) -> bool:
    """Whether a file can be had, as far as can be told without asking another machine."""
    return urlsplit(url).scheme != "file" or local_path(url).exists()


def local_path(url: str) -> Path:
    """Return the path of a ``file:`` URL."""
    return Path(unquote(urlsplit(url).path))


class Carrier:
    """Brings files here, and knows what each server wants to be shown."""

    def __init__(self, options: DatafindOptions, server: Address) -> None:
        self._server = server
        self._director = parse_address(options.director, "--datafind-director", "https://osdf-director.osg-htc.org")
        self._timeout = options.timeout
        self._largest = options.largest_file
        self._accesses: dict[tuple[str, str], Access] = {}

    @contextmanager
    def here(self, location: Location, store: FileStore) -> Iterator[Path]:
        """Give the path of a file; one that has to be downloaded goes through the store.

        Raises
        ------
        SourceError
            The server does not have it, does not give it, or cannot be reached; see `aframe_data_plugins.http.told`.
        """
        if urlsplit(location.url).scheme == "file":
            yield local_path(location.url)
        else:
            with store.file(location.url, partial(self._download, location)) as path:
                yield path

    def _download(self, location: Location, path: Path) -> None:
        url, server = location.url, self._server
        if urlsplit(url).scheme == "osdf":
            url, server = self._resolved(urlsplit(url).path), self._director
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        question = Question(
            server, self._timeout, _ADVICE, url, host, self._most_bytes(location), most_seconds=None, download=True
        )

        def saved(shown: Credential) -> None:
            with asking(question, requests.Session()) as session:
                shown.attach(session)
                save(url, path, session)

        self._access(f"{parts.scheme}://{host}", _scope(parts.path)).ask(saved)

    def _most_bytes(self, location: Location) -> int:
        if self._largest is not None:
            return self._largest
        return _ROOM + _BYTES_A_SECOND * round(location.name.span.duration)

    def _resolved(self, path: str) -> str:
        """Ask the director where an object of the federation is: it redirects to a cache near by."""
        asked = f"{self._director.url}{path}"
        host = urlsplit(asked).netloc
        with asking(Question(self._director, self._timeout, _ADVICE), requests.Session()) as session:
            answer = session.get(asked, allow_redirects=False)
            answer.raise_for_status()
        if not answer.is_redirect:
            raise SourceError(
                f"{host} does not redirect {path}, as a Pelican director does: check --datafind-director."
            )
        url = urljoin(asked, answer.headers["Location"])
        if urlsplit(url).scheme not in {"http", "https"}:
            raise SourceError(f"{host} redirects {path} to {outside_text(url)}, where no cache can be.")
        return url

    def _access(self, server: str, scope: str) -> Access:
        if (server, scope) not in self._accesses:
            self._accesses[server, scope] = Access(server, scope)
        return self._accesses[server, scope]


def _scope(path: str) -> str:
    """Say what a token must allow: IGWN's namespaces are read:/ligo and the like, its older frames read:/frames."""
    match = re.match(r"/igwn(/\w+)/", path)
    return f"read:{match[1] if match else '/frames'}"
