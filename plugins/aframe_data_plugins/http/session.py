"""Sessions of requests for one question: watched, and with their errors told in this project's words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from aframe_data.errors import SourceError, TransientError
from aframe_data_plugins.http.connection import WatchingAdapter
from aframe_data_plugins.http.failures import shown_url
from aframe_data_plugins.http.question import LIST_VALUES
from aframe_data_plugins.http.told import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data_plugins.http.question import Question

_CHUNK = 1 << 20  # bytes held in memory while a file is written

AnySession = TypeVar("AnySession", bound=requests.Session)


@contextmanager
def asking(question: Question, session: AnySession) -> Iterator[AnySession]:
    """Have a session put one question, which closes it; errors as `told`, and `SourceError` as `watched`.

    Parameters
    ----------
    question
        Its server is asked, and no other for lists.
    session
        The client's own kind, which has asked nothing yet.
    """
    adapter = WatchingAdapter(question)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    if not question.download:
        session.hooks["response"].append(_require_few_values)
    with told(question), session:
        yield session


def save(url: str, path: Path, session: requests.Session) -> None:
    """Stream a file to a path, and compare its length with the announced one; errors as requests raises them.

    Raises
    ------
    TransientError
        A part of it came.
    """
    with session.get(url, stream=True) as answer:
        answer.raise_for_status()
        with path.open("wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
        announced = answer.headers.get("Content-Length", "")
    received = path.stat().st_size
    if announced.isdecimal() and int(announced) != received:
        raise TransientError(f"{received} of {announced} bytes of {shown_url(url)} came.")


def _require_few_values(answer: requests.Response, *_: Any, **__: Any) -> None:
    """Refuse JSON that would take much more memory than it has bytes."""
    text = answer.content
    if sum(text.count(mark) for mark in (b",", b"[", b"{")) > LIST_VALUES:
        raise SourceError(f"{shown_url(answer.url)} has more than {LIST_VALUES} values, more than any answer can have.")
