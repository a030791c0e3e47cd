"""The query: which times are fit for analysis, by flags, vetoes, catalogued events and lengths."""

from __future__ import annotations

import math
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import DataQualityError, NoDataError, UsageError
from aframe_data.formats import segwizard
from aframe_data.registry.choice import AUTO
from aframe_data.segments import arithmetic
from aframe_data.segments.asking import FlagReport, Selection, Sources, events_between, select
from aframe_data.segments.veto_definer import VetoRequest, veto_request
from aframe_data.store import provenance
from aframe_data.store.atomic import make_folder, require_replaceable, require_writable_folder
from aframe_data.types import CatalogEvent, Segment, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.types import Phase

#: Seconds around an edge or an event that anyone can mean: more asks for times before there were detectors.
_WIDEST = 1e6

#: Arguments that say nothing of the segments, and stay out of the provenance.
_NOT_OF_THE_DATA = frozenset({"output_file", "overwrite", "on_phase"})


def query(
    *,
    flags: Sequence[str],
    start: float,
    end: float,
    exclude_flags: Sequence[str] = (),
    veto_definer: str | Path | None = None,
    veto_categories: Sequence[int | str] | None = None,
    pad: float = 0,
    exclude_events: float | None = None,
    min_duration: float = 0,
    max_duration: float | None = None,
    source: str | Sequence[str] = AUTO,
    source_options: Mapping[str, Any] | None = None,
    output_file: str | Path | None = None,
    overwrite: bool = False,
    allow_empty: bool = False,
    on_phase: Phase = silent,
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
    veto_definer, veto_categories
        A LIGO_LW file (`aframe_data.segments.veto_definer`), and the categories of its flags that are taken out, as
        numbered there; by default 1. Only rows for the interferometers of `flags` count.
    pad
        Seconds to stay away from every edge: of the flags' segments, of excluded flags and of events. The
        ends of the query itself are no edges.
    exclude_events
        Take out this many seconds on either side of each catalogued event, rounded outwards to whole seconds.
    min_duration, max_duration
        Bounds on each segment, in seconds; see `aframe_data.segments.arithmetic.split_evenly`.
    source, source_options
        Name of a segment source, or several in the order in which they are tried, each for the flags that it
        accepts; and their options.
    output_file
        Where to write the segments, if anywhere. If the same query was written there before, that is the result.
    overwrite
        Replace `output_file` if it is there.
    allow_empty
        Return no segments rather than raise where there are none.
    on_phase
        Is told how many questions there are, and of each that was answered.

    Raises
    ------
    UsageError
        An argument is wrong: unknown flag, source or option, no such span.
    NoDataError
        A source knows nothing about the span, or no time is left.
    """
    arguments = {name: value for name, value in locals().items() if name not in _NOT_OF_THE_DATA}
    checks.require_span(start, end)
    checks.require_durations(min_duration, max_duration)
    _require_near(pad, exclude_events)
    flags, exclude_flags, names = _names(flags), _names(exclude_flags), _names(source)
    if not flags:
        raise UsageError("no flag was given: say at least one, such as --flags H1_DATA.")
    output = None if output_file is None else Path(output_file)
    span, window = Segment(start, end), Segment(start - pad, end + pad)
    veto = veto_request(veto_definer, veto_categories, flags, window)
    questions = [*flags, *exclude_flags, *(row.flag for row in veto.rows)]
    selection = select(names, questions, source_options or {})
    request = _request(arguments, selection, veto)
    if output is not None:
        require_replaceable(output)
        if output.exists() and not overwrite:
            return _finished(output, request)

    sources = Sources(selection, window, span, on_phase("asking for flags", len(questions)))
    catalog = None if exclude_events is None else sources.catalog()
    if output is not None:
        require_writable_folder(output.parent)
    required = [sources.active(flag) for flag in flags]
    excluded = [sources.active(flag, excluded=True) for flag in exclude_flags]
    excluded += [sources.vetoed(row) for row in veto.rows]
    reach = exclude_events or 0
    events = () if catalog is None else events_between(catalog, Segment(window.start - reach, window.stop + reach))

    science = reduce(arithmetic.intersect, [segments for segments, _ in required])
    taken_out = [segment for segments, _ in excluded for segment in segments]
    taken_out += [_around(event, reach) for event in events]
    clean = arithmetic.contract(arithmetic.subtract(science, taken_out), pad)
    pieces = tuple(_pieces(arithmetic.intersect(clean, [span]), min_duration, max_duration))
    reports = tuple(report for _, report in [*required, *excluded])
    if not pieces and not allow_empty:
        raise NoDataError(_why_empty(reports, start, end))
    record = {**request, "flags": [asdict(report) for report in reports], "events": [asdict(event) for event in events]}
    if output is not None:
        make_folder(output.parent)
        segwizard.write_segments(output, pieces, record)
    return QueryResult(pieces, reports, events, record)


def _request(arguments: Mapping[str, Any], selection: Selection, veto: VetoRequest) -> dict[str, Any]:
    """What is asked for: the part of the provenance that is known before the sources answer."""
    sources = [choice.describe() for choice in selection.choices]
    if not veto.record:
        return provenance.provenance("query", arguments, sources=sources)
    asked = {**arguments, "veto_categories": veto.categories}
    return provenance.provenance("query", asked, sources=sources, veto_definer=veto.record)


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
