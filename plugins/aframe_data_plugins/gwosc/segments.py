"""Science segments, data-quality flags and the event catalogue of open data."""

from __future__ import annotations

import re
from math import ceil, floor
from typing import TYPE_CHECKING

from igwn_segments import segment, segmentlist

from aframe_data.errors import NoDataError, UsageError, unknown_name
from aframe_data.types import CatalogEvent, Segment, SegmentQuery, SegmentResult
from aframe_data_plugins.gwosc.client import Archive, EventVersion, ObservingRun
from aframe_data_plugins.gwosc.connection import NotFoundError
from aframe_data_plugins.gwosc.locate import from_segmentlist, nearest_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data_plugins.gwosc.options import GwoscOptions

_VERSION_SPREAD = 10  # seconds: more than the versions of one event differ by in time
_FLAG = re.compile(r"([A-Z][0-9])_[A-Z0-9_]+")

# The archive's flags are the bits of its two masks, DQmask and Injmask, behind a detector's prefix
# (https://gwosc.org/archive/dataset/O3a: "Data Quality"); used for near names where a server lists none.
_BITS = (
    "DATA", "CBC_CAT1", "CBC_CAT2", "CBC_CAT3", "BURST_CAT1", "BURST_CAT2", "BURST_CAT3",
    "NO_CBC_HW_INJ", "NO_BURST_HW_INJ", "NO_DETCHAR_HW_INJ", "NO_CW_HW_INJ", "NO_STOCH_HW_INJ",
)  # fmt: skip
_DETECTORS = ("G1", "H1", "K1", "L1", "V1")
DOCUMENTED_FLAGS = tuple(f"{detector}_{bit}" for detector in _DETECTORS for bit in _BITS)


class GwoscSegments:
    """Timelines and event catalogue of one GWOSC server."""

    def __init__(self, options: GwoscOptions) -> None:
        self._archive = Archive(options)

    def query(self, query: SegmentQuery) -> SegmentResult:
        """Return where a flag is active; ``known`` is where an observing run of its detector is.

        Spans across runs need nothing special.

        Raises
        ------
        UsageError
            The archive has no such flag.
        NoDataError
            No run of the detector meets the span.
        TransientError
            The server cannot be reached, or is busy.
        """
        matched = _FLAG.fullmatch(query.flag)
        if matched is None:
            raise _unknown_flag(query.flag, DOCUMENTED_FLAGS)
        first, last = floor(query.start), ceil(query.stop)
        try:
            listed = self._archive.segments(query.flag, first, last)
        except NotFoundError as error:
            raise _unknown_flag(query.flag, self._flags(query)) from error
        span = segmentlist([segment(query.start, query.stop)])
        active = span & segmentlist(segment(part.start, part.stop) for part in listed).coalesce()
        runs = self._archive.runs(matched[1])
        known = span & (segmentlist(segment(run.span.start, run.span.stop) for run in runs).coalesce() | active)
        if not known:
            raise self._no_run(matched[1], runs, query)
        return SegmentResult(
            active=from_segmentlist(active),
            known=from_segmentlist(known),
            origin=f"{self._archive.host}/api/v2/timelines/{query.flag}/segments?start={first}&stop={last}",
        )

    def events(self, start: float, stop: float) -> Sequence[CatalogEvent]:
        """Return the events of all catalogues, marginal ones too, with a GPS time in ``[start, stop)``.

        An event has several versions, whose times differ a little: the newest is given.
        """
        versions = self._archive.event_versions(floor(start) - _VERSION_SPREAD, ceil(stop) + _VERSION_SPREAD)
        return newest_versions(versions, start, stop)

    def _flags(self, query: SegmentQuery) -> Sequence[str]:
        """Return the flags of the runs that meet a query, of the asked detector if it has any."""
        span = Segment(query.start, query.stop)
        runs = nearest_runs(self._archive.runs(), span)
        flags = sorted({flag for run in runs for flag in self._archive.flags(run.name)}) or DOCUMENTED_FLAGS
        return [flag for flag in flags if flag.startswith(query.flag[:3])] or flags

    def _no_run(self, detector: str, runs: Sequence[ObservingRun], query: SegmentQuery) -> NoDataError:
        span = Segment(query.start, query.stop)
        near = nearest_runs(runs, span)
        names = ", ".join(f"{run.name} {run.span}" for run in near) or "none"
        return NoDataError(
            f"{self._archive.host} knows nothing about {query.flag} in {span}: "
            f"{detector} was in no observing run then; the nearest: {names}.",
            [run.span for run in near],
        )


def newest_versions(events: Sequence[EventVersion], start: float, stop: float) -> list[CatalogEvent]:
    """Return one entry an event, from its newest version, for those in ``[start, stop)``, sorted by time."""
    newest: dict[str, EventVersion] = {}
    for event in events:
        if event.name not in newest or event.version > newest[event.name].version:
            newest[event.name] = event
    inside = [event for event in newest.values() if start <= event.gps < stop]
    return [CatalogEvent(event.name, event.gps) for event in sorted(inside, key=lambda event: event.gps)]


def _unknown_flag(flag: str, existing: Sequence[str]) -> UsageError:
    return unknown_name("flag of open data", flag, existing)
