"""Epochs: in which stretch of time a server looks a channel up."""

from __future__ import annotations

import re

from aframe_data.errors import UsageError
from aframe_data.types import Segment

ALL = "ALL"

_SPAN = re.compile(r"(\d+)-(\d+)")


def span_of(epoch: str) -> Segment | None:
    """Return the span of an epoch that is written as START-STOP, or None.

    Raises
    ------
    UsageError
        It is written so, and empty.
    """
    match = _SPAN.fullmatch(epoch)
    if match is None:
        return None
    start, stop = int(match[1]), int(match[2])
    if start >= stop:
        raise UsageError(f"--nds2-epoch: {epoch!r} ends before it starts: write START-STOP in GPS seconds.")
    return Segment(start, stop)


def require_known(epoch: str | None, *, names: bool) -> None:
    """Refuse an epoch that no server can know, or that the client in use cannot ask for.

    Parameters
    ----------
    epoch
        The option.
    names
        Whether this client can ask for an epoch by name.
    """
    if epoch is None or epoch == ALL or span_of(epoch) is not None:
        return
    if not names:
        raise UsageError(
            f"--nds2-epoch: {epoch!r} is not allowed, only START-STOP in GPS seconds or {ALL}; names of epochs need "
            "conda's python-nds2-client."
        )
    if not re.fullmatch(r"\w[\w.-]*", epoch):
        raise UsageError(f"--nds2-epoch: {epoch!r} is not an epoch: write START-STOP in GPS seconds, {ALL} or a name.")
