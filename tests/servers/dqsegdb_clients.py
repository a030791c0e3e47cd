"""The DQSEGDB provider, made to ask a test server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.types import SegmentQuery, SegmentResult
from aframe_data_plugins.dqsegdb.options import DqsegdbOptions

if TYPE_CHECKING:
    from aframe_data_plugins.dqsegdb.segments import DqsegdbSegments
    from servers.dqsegdb import DqsegdbServer

START = 1_000_000_000


def source_of(server: DqsegdbServer, *, timeout: float = 30.0) -> DqsegdbSegments:
    from aframe_data_plugins.dqsegdb.segments import DqsegdbSegments

    return DqsegdbSegments(DqsegdbOptions(host=server.url, timeout=timeout))


def ask(
    server: DqsegdbServer, flag: str, start: float = START, stop: float = START + 1000, *, timeout: float = 30.0
) -> SegmentResult:
    return source_of(server, timeout=timeout).query(SegmentQuery(flag, start, stop))


def spans(*pairs: tuple[float, float]) -> list[tuple[float, float]]:
    """Pairs of seconds after `START`, as GPS seconds."""
    return [(START + start, START + stop) for start, stop in pairs]


def after_start(result: SegmentResult) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Active and known, in seconds after `START`."""
    assert result.known is not None
    active, known = (
        [(segment.start - START, segment.stop - START) for segment in segments]
        for segments in (result.active, result.known)
    )
    return active, known
