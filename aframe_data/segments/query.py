"""What a query will do: which times are fit for analysis, by flags, vetoes, catalogued events and lengths."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.checks import require_unchanged
from aframe_data.errors import NoDataError
from aframe_data.formats import segwizard
from aframe_data.places import place
from aframe_data.registry.candidates import choose_each, each_once
from aframe_data.reports.query import FlagReport, QueryResult
from aframe_data.segments import arithmetic
from aframe_data.segments.asking import Sources, events_between
from aframe_data.segments.cost import EVENT, EXCLUDED, PAD, REQUIRED, SHORT, Step, costs
from aframe_data.segments.veto_definer import VetoRequest, veto_request
from aframe_data.store.identity import provenance
from aframe_data.store.output import RecordedFile
from aframe_data.types import CatalogEvent, Segment
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aframe_data.registry.choice import Choice
    from aframe_data.requests.query import Query
    from aframe_data.segments.arithmetic import Segments
    from aframe_data.store.identity import Identity
    from aframe_data.work.plan import Work

    #: Where a flag is active, and what is told of it.
    _Found = tuple[Segments, FlagReport]


def plan(request: Query) -> QueryPlan:
    """Plan a query; reads the veto definer, and asks nobody.

    Raises
    ------
    UsageError
        A source, an option of one or a flag's form is unknown; the veto definer cannot be read, or has nothing of
        what is asked for.
    """
    definer = None if request.veto_definer is None else Path(request.veto_definer)
    veto = veto_request(definer, request.veto_categories, request.flags, _window(request))
    flags = [*request.flags, *request.exclude_flags, *(row.flag for row in veto.rows)]
    return QueryPlan(request, choose_each("segments", request.source, flags, request.source_options or {}), veto)


def _window(request: Query) -> Segment:
    """What the sources are asked for: beyond the ends of the query, which are no edges to stay away from."""
    return Segment(request.span.start - request.pad, request.span.stop + request.pad)


@dataclass(frozen=True, eq=False)
class QueryPlan(Plan[QueryResult]):
    """A plan of a query.

    Attributes
    ----------
    request
        What was asked for.
    sources
        Those that are asked for each flag, in order.
    veto
        What is taken out by a veto definer.
    """

    request: Query
    sources: Mapping[str, Sequence[Choice]]
    veto: VetoRequest

    @property
    def path(self) -> Path | None:
        """Where to, if anywhere."""
        return None if self.request.output_file is None else place(self.request.output_file)

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """The segments file, where one is asked for."""
        return () if self.path is None else (RecordedFile(self.path, _read_record),)

    @property
    def inputs(self) -> Sequence[Path]:
        """The veto definer."""
        return () if self.request.veto_definer is None else (Path(self.request.veto_definer),)

    @cached_property
    def identity(self) -> Identity:
        """What the segments are a function of."""
        arguments = {name: value for name, value in self.request.arguments.items() if name != "veto_definer"}
        return {
            "command": self.request.command,
            "arguments": {**arguments, "veto_categories": self.veto.categories},
            "sources": [choice.identity for choice in each_once(self.sources)],
            "veto_definer": {"sha256": self.veto.sha256},
        }

    def forecast(self, work: Work) -> QueryResult:
        """Ask the sources, and write nothing."""
        return self._ask(work)

    def make(self, work: Work) -> QueryResult:
        """Ask the sources, and write what is left, if it is to be written.

        Raises
        ------
        NoDataError
            A source knows nothing about the span, or no time is left.
        """
        result = self._ask(work)
        if result.path is not None:
            segwizard.write_segments(result.path, result.segments, result.record)
        return result

    def recall(self, work: Work) -> QueryResult:
        """Read the file of the same query, after a check of its segments."""
        del work
        (output,) = self.outputs
        require_unchanged(output.path, intact=segwizard.is_intact(output.path))
        record = segwizard.read_record(output.path) or {}
        return QueryResult(
            segments=segwizard.read_segments(output.path),
            flags=tuple(FlagReport(**flag) for flag in record["flags"]),
            events=tuple(CatalogEvent(**event) for event in record["events"]),
            record=record,
            path=output.path,
            present=True,
        )

    def _ask(self, work: Work) -> QueryResult:
        request, window = self.request, _window(self.request)
        span = request.span
        questions = len(request.flags) + len(request.exclude_flags) + len(self.veto.rows)
        sources = Sources(self.sources, window, span, work.phase("asking for flags", questions))
        catalog = None if request.exclude_events is None else sources.catalog()
        required = [sources.active(flag) for flag in request.flags]
        excluded = [sources.active(flag, excluded=True) for flag in request.exclude_flags]
        excluded += [sources.vetoed(row) for row in self.veto.rows]
        reach = request.exclude_events or 0
        events = () if catalog is None else events_between(catalog, Segment(window.start - reach, window.stop + reach))

        steps = list(self._steps(required, excluded, events))
        pieces = steps[-1].left
        reports = tuple(report for _, report in [*required, *excluded])
        if not pieces and not request.allow_empty:
            raise NoDataError(_why_empty(reports, span))
        record = provenance(
            request.arguments,
            self.identity,
            sources=[choice.describe() for choice in each_once(self.sources)],
            flags=[asdict(report) for report in reports],
            events=[asdict(event) for event in events],
            costs=costs(steps, span),
        )
        return QueryResult(pieces, reports, events, record, self.path)

    def _steps(
        self, required: Sequence[_Found], excluded: Sequence[_Found], events: Sequence[CatalogEvent]
    ) -> Iterator[Step]:
        """From all that is asked for to the segments."""
        left: Segments = (_window(self.request),)
        for segments, report in required:
            left = arithmetic.intersect(left, segments)
            yield Step(REQUIRED, report.flag, left)
        for segments, report in excluded:
            left = arithmetic.subtract(left, segments)
            yield Step(EXCLUDED, report.flag, left)
        for event in events:
            left = arithmetic.subtract(left, [_around(event, self.request.exclude_events or 0)])
            yield Step(EVENT, event.name, left)
        left = arithmetic.contract(left, self.request.pad)
        yield Step(PAD, "", left)
        inside = arithmetic.intersect(left, [self.request.span])
        yield Step(SHORT, "", _pieces(inside, self.request.min_duration, self.request.max_duration))


def _read_record(path: Path) -> Mapping[str, Any] | None:
    """The record of a segments file; version 0.1 kept a single name as Python gave it, as a text."""
    record = segwizard.read_record(path)
    if record is None or "identity" in record:
        return record
    arguments = record.get("arguments", {})
    names = {name: arguments.get(name) for name in ("flags", "exclude_flags", "source")}
    lists = {name: [given] for name, given in names.items() if isinstance(given, str)}
    return {**record, "arguments": {**arguments, **lists}}


def _around(event: CatalogEvent, seconds: float) -> Segment:
    """What is taken out for an event, in whole seconds, as the segments are."""
    return Segment(math.floor(event.gps - seconds), math.ceil(event.gps + seconds))


def _pieces(segments: Segments, min_duration: float, max_duration: float | None) -> Segments:
    if max_duration is None:
        return tuple(segment for segment in segments if segment.duration >= min_duration)
    whole = arithmetic.whole_seconds(segments)
    return tuple(
        piece
        for segment in whole
        for piece in arithmetic.split_evenly(segment, min_duration=min_duration, max_duration=max_duration)
    )


def _why_empty(reports: Sequence[FlagReport], span: Segment) -> str:
    for report in reports:
        if report.excluded:
            continue
        if report.known == 0:
            return f"{report.source} knows nothing of {report.flag} in {span}: no data, as opposed to no science time."
        if report.active == 0:
            return f"{report.flag} is never active in {span}: {report.source} has no science time there."
    return (
        f"no time is left in {span}: each flag is active at some time, but not all of them together for long "
        "enough, or the rest was excluded. --allow-empty writes an empty file."
    )
