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
from aframe_data.errors import SourceError, UsageError
from aframe_data_plugins.credentials.access import Access
from aframe_data_plugins.gwf.names import Name, parse_name
from aframe_data_plugins.http.told import save, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aframe_data.filestore import FileStore
    from aframe_data_plugins.credentials.credential import Credential
    from aframe_data_plugins.datafind.options import DatafindOptions

#: In this order `auto` tries them; a file must be on this machine to count.
_PREFERRED = ("file", "https", "http", "osdf")
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
            f"the server lists files, and none as {' or '.join(wanted)}, only as {offered}: "
            "choose with --datafind-urltype."
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

    def __init__(self, options: DatafindOptions) -> None:
        parts = urlsplit(options.director)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise UsageError(
                f"--datafind-director: {options.director!r} is no server: write http:// or https:// and a name."
            )
        self._director = options.director.rstrip("/")
        self._timeout = options.timeout
        self._accesses: dict[tuple[str, str], Access] = {}

    @contextmanager
    def here(self, url: str, store: FileStore) -> Iterator[Path]:
        """Give the path of a file; one that has to be downloaded goes through the store.

        Raises
        ------
        SourceError
            The server does not have it, does not give it, or cannot be reached; see `told`.
        """
        if urlsplit(url).scheme == "file":
            yield local_path(url)
        else:
            with store.file(url, partial(self._download, url)) as path:
                yield path

    def _download(self, url: str, path: Path) -> None:
        parts = urlsplit(url)
        if parts.scheme == "osdf":
            url = self._resolved(parts.path)
            parts = urlsplit(url)
        with told(parts.netloc, self._timeout, _ADVICE, url):
            access = self._access(f"{parts.scheme}://{parts.netloc}", _scope(parts.path))
            access.ask(lambda shown: self._save(url, path, shown))

    def _save(self, url: str, path: Path, shown: Credential) -> None:
        with requests.Session() as session:
            shown.attach(session)
            save(url, path, session, self._timeout)

    def _resolved(self, path: str) -> str:
        """Ask the director where an object of the federation is: it redirects to a cache near by."""
        asked = f"{self._director}{path}"
        host = urlsplit(asked).netloc
        with told(host, self._timeout, _ADVICE), requests.Session() as session:
            answer = session.get(asked, allow_redirects=False, timeout=self._timeout)
            answer.raise_for_status()
        if not answer.is_redirect:
            raise SourceError(
                f"{host} does not redirect {path}, as a Pelican director does: check --datafind-director."
            )
        return urljoin(asked, answer.headers["Location"])

    def _access(self, server: str, scope: str) -> Access:
        if (server, scope) not in self._accesses:
            self._accesses[server, scope] = Access(server, scope)
        return self._accesses[server, scope]


def _scope(path: str) -> str:
    """Say what a token must allow: IGWN's namespaces are read:/ligo and the like, its older frames read:/frames."""
    match = re.match(r"/igwn(/\w+)/", path)
    return f"read:{match[1] if match else '/frames'}"
