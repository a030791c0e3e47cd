"""The segment source ``dqsegdb``: where a flag, in one version or all of them, is active and known."""

from __future__ import annotations

import logging
from math import ceil, floor
from typing import TYPE_CHECKING

from aframe_data.errors import NoDataError, UsageError, unknown_name
from aframe_data.segments.arithmetic import coalesce, intersect
from aframe_data.types import Segment, SegmentQuery, SegmentResult
from aframe_data_plugins.dqsegdb.flags import Flag, parse_flag
from aframe_data_plugins.dqsegdb.server import Listed, Server
from aframe_data_plugins.http.failures import NotFoundError

if TYPE_CHECKING:
    from aframe_data_plugins.dqsegdb.options import DqsegdbOptions

_logger = logging.getLogger(f"aframe_data.{__name__}")


class DqsegdbSegments:
    """Flags of one DQSEGDB server."""

    def __init__(self, options: DqsegdbOptions) -> None:
        self._server = Server(options)

    def query(self, query: SegmentQuery) -> SegmentResult:
        """Return where a flag is active, and where the data base knows whether it is.

        A flag without a version is all its versions together: active where one of them is, known where one is.

        Raises
        ------
        UsageError
            The server has no such flag, or no such version of it.
        NoDataError
            The flag is not known anywhere in the span.
        TransientError
            The server cannot be reached, or is busy.
        AuthenticationError
            The flag is private, and there is no credential that opens it.
        SourceError
            The server refuses for another reason, or is no DQSEGDB server.
        """
        flag = parse_flag(query.flag)
        parts = [self._segments(flag, version, query) for version in self._versions(flag)]
        span = Segment(query.start, query.stop)
        known = intersect(coalesce(segment for part in parts for segment in part.known), [span])
        active = intersect(coalesce(segment for part in parts for segment in part.active), [span])
        if not known:
            raise NoDataError(
                f"{self._server.host} knows nothing about {query.flag} in {span}: nobody recorded then whether it "
                "was active."
            )
        return SegmentResult(active, known, origin=", ".join(part.url for part in parts))

    def _versions(self, flag: Flag) -> list[int]:
        if flag.version is not None:
            return [flag.version]
        try:
            versions = self._server.versions(flag.ifo, flag.name)
        except NotFoundError as error:
            raise self._unknown(flag, flag.bare) from error
        if not versions:
            raise UsageError(f"{self._server.host} has no version of {flag.bare}.")
        if len(versions) > 1:
            *others, newest = versions
            listed = f"{', '.join(map(str, others))} and {newest}"
            _logger.warning("%s is its versions %s together; %s:%d is one.", flag.bare, listed, flag.bare, newest)
        return versions

    def _segments(self, flag: Flag, version: int, query: SegmentQuery) -> Listed:
        try:
            return self._server.segments(flag.ifo, flag.name, version, floor(query.start), ceil(query.stop))
        except NotFoundError as error:
            raise self._unknown(flag, query.flag) from error

    def _unknown(self, flag: Flag, asked: str) -> UsageError:
        """Say what is not there: the interferometer, the flag or the version; with what is."""
        try:
            flags = self._server.flags(flag.ifo)
        except NotFoundError:
            flags = []
        if not flags:
            return unknown_name(f"interferometer of {self._server.host}", flag.ifo, self._server.interferometers())
        if flag.bare not in flags:
            return unknown_name(f"flag of {self._server.host}", asked, flags)
        try:
            versions = self._server.versions(flag.ifo, flag.name)
        except NotFoundError:
            versions = []
        there = ", ".join(map(str, versions)) or "none"
        return UsageError(f"{flag.bare} has no version {flag.version} on {self._server.host}. Versions: {there}.")
