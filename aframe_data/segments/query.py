"""The query: which times are fit for analysis, by flags, vetoes, catalogued events and lengths."""

from __future__ import annotations

import logging
import math
from dataclasses import asdict, dataclass
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import DataQualityError, NoDataError, PluginError, TransientError, UsageError
from aframe_data.io import provenance, segwizard
from aframe_data.io.atomic import make_folder, require_replaceable, require_writable_folder
from aframe_data.manager import registered
from aframe_data.providers import SegmentSourceProvider
from aframe_data.retries import in_order, persistently
from aframe_data.segments import arithmetic
from aframe_data.selection import AUTO, Choice, assign_options, candidates
from aframe_data.types import CatalogEvent, Segment, SegmentQuery, SegmentResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.protocols import EventCatalog

_logger = logging.getLogger(__name__)

#: Seconds around an edge or an event that anyone can mean: more asks for times before there were detectors.
_WIDEST = 1e6


@dataclass(frozen=True)
class FlagReport:
    """What one flag gave.

    Attributes
    ----------
    flag, source, origin
        The flag, the source that answered, and where the answer came from.
    active, known
        Seconds; `known` is None where the source cannot tell.
    excluded
        Whether the flag was subtracted.
    """

    flag: str
    source: str
    origin: str
    active: float
    known: float | None
    excluded: bool = False


@dataclass(frozen=True)
class QueryResult:
    """The segments, and how they came about.

    Attributes
    ----------
    segments
        Sorted and disjoint, whole seconds where the sources give whole seconds. Pieces made by
        ``max_duration`` may touch.
    flags
        One report for each flag.
    events
        The catalogued events around which time was removed.
    record
        The provenance.
    present
        True if the same query was written to the output file before, and nothing was asked.
    """

    segments: tuple[Segment, ...]
    flags: tuple[FlagReport, ...]
    events: tuple[CatalogEvent, ...]
    record: Mapping[str, Any]
    present: bool = False

    @property
    def livetime(self) -> float:
        """Seconds in all segments."""
        return arithmetic.livetime(self.segments)


def query(
    *,
    flags: Sequence[str],
    start: float,
    end: float,
    exclude_flags: Sequence[str] = (),
    pad: float = 0,
    exclude_events: float | None = None,
    min_duration: float = 0,
    max_duration: float | None = None,
    source: str | Sequence[str] = AUTO,
    source_options: Mapping[str, Any] | None = None,
    output_file: str | Path | None = None,
    overwrite: bool = False,
    allow_empty: bool = False,
) -> QueryResult:
    """Find the times in which all flags are active.

    Parameters
    ----------
    flags
        Flags to intersect, such as ``H1_DATA``.
    start, end
        Span in GPS seconds, half-open.
    exclude_flags
        Flags whose active times are taken out.
    pad
        Seconds to stay away from every edge: of the flags' segments, of excluded flags and of events. The
        ends of the query itself are no edges.
    exclude_events
        Take out this many seconds on either side of each catalogued event, rounded outwards to whole seconds.
    min_duration, max_duration
        Bounds on each segment, in seconds; see `aframe_data.segments.arithmetic.split_evenly`.
    source, source_options
        Name of a segment source, or several in the order in which they are tried; and their options.
    output_file
        Where to write the segments, if anywhere. If the same query was written there before, that is the result.
    overwrite
        Replace `output_file` if it is there.
    allow_empty
        Return no segments rather than raise where there are none.

    Raises
    ------
    UsageError
        An argument is wrong: unknown flag, source or option, no such span.
    NoDataError
        A source knows nothing about the span, or no time is left.
    """
    arguments = {name: value for name, value in locals().items() if name not in {"output_file", "overwrite"}}
    checks.require_span(start, end)
    checks.require_durations(min_duration, max_duration)
    _require_near(pad, exclude_events)
    flags, exclude_flags, names = _names(flags), _names(exclude_flags), _names(source)
    if not flags:
        raise UsageError("no flag was given: say at least one, such as --flags H1_DATA.")
    output = None if output_file is None else Path(output_file)
    choices = assign_options(candidates("segments", names, [*flags, *exclude_flags]), source_options or {})
    request = provenance.provenance("query", arguments, sources=[choice.describe() for choice in choices])
    if output is not None:
        require_replaceable(output)
        if output.exists() and not overwrite:
            return _finished(output, request)

    sources = {choice.key: choice.create() for choice in choices}
    catalog = None if exclude_events is None else _catalog(choices, sources)
    if output is not None:
        require_writable_folder(output.parent)
    span, window = Segment(start, end), Segment(start - pad, end + pad)
    active: list[arithmetic.Segments] = []
    reports: list[FlagReport] = []
    for flag in [*flags, *exclude_flags]:
        asks = {
            key: partial(instance.query, SegmentQuery(flag, window.start, window.stop))
            for key, instance in sources.items()
        }
        try:
            key, result = in_order(asks)
        except TransientError as error:
            message = f"{error} Nothing was written; the same command asks again."
            raise TransientError(message, error.retry_after) from error
        if not isinstance(result, SegmentResult):
            raise PluginError(f"segment source {key!r} must answer with a SegmentResult, not {result!r}.")
        active.append(arithmetic.intersect(result.active, [window]))
        reports.append(_report(flag, key, result, span, excluded=len(reports) >= len(flags)))
    events = () if catalog is None else _events(catalog, window, exclude_events or 0)

    science = reduce(arithmetic.intersect, active[: len(flags)])
    vetoes = [segment for segments in active[len(flags) :] for segment in segments]
    vetoes += [_around(event, exclude_events or 0) for event in events]
    clean = arithmetic.contract(arithmetic.subtract(science, vetoes), pad)
    clipped = arithmetic.intersect(clean, [span])
    pieces = tuple(_pieces(clipped, min_duration, max_duration))
    if not pieces and not allow_empty:
        raise NoDataError(_why_empty(reports, start, end))
    record = {**request, "flags": [asdict(report) for report in reports], "events": [asdict(event) for event in events]}
    if output is not None:
        make_folder(output.parent)
        segwizard.write_segments(output, pieces, record)
    return QueryResult(pieces, tuple(reports), tuple(events), record)


def _finished(output: Path, request: Mapping[str, Any]) -> QueryResult:
    """The result of the same query, from the file that it was written to.

    Raises
    ------
    OutputExistsError
        The file holds something else, or was changed.
    """
    try:
        record = segwizard.read_record(output)
    except DataQualityError as error:
        raise checks.output_exists(output) from error
    if record is None:
        raise checks.output_exists(output)
    difference = provenance.difference(record, request)
    if not difference and not segwizard.is_intact(output):
        difference = "its segments changed since they were written"
    if difference:
        raise checks.output_exists(output, difference)
    return QueryResult(
        segments=segwizard.read_segments(output),
        flags=tuple(FlagReport(**flag) for flag in record["flags"]),
        events=tuple(CatalogEvent(**event) for event in record["events"]),
        record=record,
        present=True,
    )


def _require_near(pad: float, exclude_events: float | None) -> None:
    checks.require_at_least("pad", pad, 0)
    if exclude_events is not None:
        checks.require_positive("exclude_events", exclude_events)
    for name, value in (("pad", pad), ("exclude_events", exclude_events or 0)):
        if value > _WIDEST:
            raise UsageError(f"{name} = {value:g} is not allowed, only values up to {_WIDEST:g} s.")


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    """A single name is a list of one."""
    return (given,) if isinstance(given, str) else tuple(given)


def _report(flag: str, key: str, result: SegmentResult, span: Segment, *, excluded: bool) -> FlagReport:
    active = arithmetic.livetime(arithmetic.intersect(result.active, [span]))
    known = None if result.known is None else arithmetic.livetime(arithmetic.intersect(result.known, [span]))
    return FlagReport(flag, key, result.origin, active, known, excluded)


def _around(event: CatalogEvent, seconds: float) -> Segment:
    """What is taken out for an event, in whole seconds, as the segments are."""
    return Segment(math.floor(event.gps - seconds), math.ceil(event.gps + seconds))


def _pieces(segments: Sequence[Segment], min_duration: float, max_duration: float | None) -> list[Segment]:
    if max_duration is None:
        return [segment for segment in segments if segment.duration >= min_duration]
    whole = arithmetic.whole_seconds(segments)
    return [
        piece
        for segment in whole
        for piece in arithmetic.split_evenly(segment, min_duration=min_duration, max_duration=max_duration)
    ]


def _catalog(choices: Sequence[Choice], sources: Mapping[str, Any]) -> EventCatalog:
    """The catalogue of the chosen sources, or else of any source that has one."""
    catalogs: list[EventCatalog] = [sources[choice.key] for choice in choices if _has_catalog(choice)]
    if catalogs:
        return catalogs[0]
    known = [entry for entry in registered("segments") if entry.provider.automatic and _has_catalog(entry)]
    if not known:
        raise UsageError("--exclude-events needs a segment source with a catalogue of events, and none is there.")
    catalog: EventCatalog = assign_options(known[:1], {})[0].create()
    return catalog


def _events(catalog: EventCatalog, window: Segment, seconds: float) -> tuple[CatalogEvent, ...]:
    """The catalogued events that take time out of the window."""
    found = persistently(lambda: catalog.events(window.start - seconds, window.stop + seconds))
    return tuple(sorted(found, key=lambda event: event.gps))


def _has_catalog(entry: Any) -> bool:
    provider = entry.provider
    return isinstance(provider, SegmentSourceProvider) and provider.catalog


def _why_empty(reports: Sequence[FlagReport], start: float, end: float) -> str:
    span = f"[{start:.10g}, {end:.10g})"
    for report in reports:
        if report.excluded:
            continue
        if report.known == 0:
            return f"{report.source} knows nothing of {report.flag} in {span}: no data, as opposed to no science time."
        if report.active == 0:
            return f"{report.flag} is never active in {span}: {report.source} has no science time there."
    return (
        f"no time is left in {span}: the flags are active one by one, but not together for long enough, or what "
        f"is left was excluded. --allow-empty writes an empty file."
    )
