"""Talking to a server: sessions for its lists and its files, with the errors and the bounds of `http`.

Nothing is asked twice here: the core repeats a question when it meets a `TransientError`.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from aframe_data.errors import SourceError
from aframe_data_plugins.http.answers import StrangeAnswerError, number, require, understood, web_url
from aframe_data_plugins.http.failures import NotFoundError
from aframe_data_plugins.http.question import Question
from aframe_data_plugins.http.session import asking, save
from gwosc.api import v2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data_plugins.http.address import Address

__all__ = ["NotFoundError", "download", "talk"]

#: Of one list. The client asks for pages of 100 entries or so.
_MOST_PAGES = 1000

# It tells of lists of more than 100 pages, which are no news; others are asked for fewer by `_Lists`.
logging.getLogger("gwosc").addHandler(logging.NullHandler())


def download(
    server: Address, url: str, path: Path, timeout: float, *, most_bytes: int, option: str = "--gwosc-host"
) -> None:
    """Stream a file to a path, and compare its length with the announced one.

    Parameters
    ----------
    server
        That the user named, who or whose list gives the URL.
    most_bytes
        That the file may have.
    option
        Names the server on the command line.

    Raises
    ------
    NotFoundError
        The server does not have it.
    TransientError
        The server could not send it now, sent a part of it, or sent too little for `timeout` seconds.
    SourceError
        It is too large, or at a place where no archive has its files.
    """
    advice = f"Check the network, or name another server with {option}."
    host = urlsplit(url).netloc.rpartition("@")[2]
    question = Question(server, timeout, advice, url, host, most_bytes, most_seconds=None, download=True)
    with asking(question, requests.Session()) as session:
        save(url, path, session)


@contextmanager
def talk(server: Address, timeout: float) -> Iterator[requests.Session]:
    """Give a session for one list, and say in this project's words what goes wrong in it."""
    advice = "Check the network, or name another server with --gwosc-host."
    question = Question(server, timeout, advice, "a list")
    try:
        with asking(question, _Lists(server.url)) as session, understood(server.url, "GWOSC", "--gwosc-host"):
            yield session
    finally:
        v2.JSON_CACHE.clear()  # the client never does, and takes a page that it had for the next one without asking


class _Lists(requests.Session):
    """A session for the pages of one list, each of which is looked at before the client has it."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self._server = server
        self._asked: set[str] = set()

    def get(self, url: str | bytes, **options: Any) -> requests.Response:
        """Ask for a page.

        Raises
        ------
        SourceError
            It is one too many, or its next one was asked for already.
        """
        self._asked.add(str(url))
        if len(self._asked) > _MOST_PAGES:
            raise SourceError(
                f"{self._server} has a list of more than {_MOST_PAGES} pages, which was not read to its end: "
                "ask for a shorter span."
            )
        answer = super().get(url, **options)
        if answer.ok:
            self._check(str(url), require(answer.json(), dict, "its answer", "an object"))
        return answer

    def _check(self, url: str, page: dict[str, Any]) -> None:
        pages = number(page["num_pages"], "'num_pages' of a list")
        require(page["results"], list, "'results' of a list", "a list")
        following = page["next"]
        if following is None:
            return
        if urljoin(url, web_url(following, "'next' of a list")) in self._asked:
            raise StrangeAnswerError("a list that goes on with a page of its own that was read already")
        if pages > _MOST_PAGES:
            raise SourceError(
                f"{self._server} has a list of {pages:g} pages, and more than {_MOST_PAGES} are not read: "
                "ask for a shorter span."
            )
