"""What a segments file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.formats import segwizard
from aframe_data.formats.record_parts import mapping_in, mappings_in
from aframe_data.inspection.facts import span_facts
from aframe_data.reports.inspect import Inspection
from aframe_data.segments import arithmetic
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: What is told of a flag that was asked for; seconds in the span of the query.
_OF_A_FLAG = ("flag", "source", "active", "known", "excluded")


def read(path: Path) -> Inspection:
    """Count and measure the segments.

    Raises
    ------
    UsageError
        It is another kind of file.
    """
    try:
        segments = segwizard.read_segments(path)
    except UsageError as error:
        raise UsageError(f"{str(path)!r} is neither an HDF5 file nor a segments file: {error}") from error
    record = segwizard.read_record(path)
    if not segments and not path.read_text(encoding="utf-8").startswith("#"):
        raise UsageError(f"{str(path)!r} is empty: aframe-data did not write it.")
    facts: dict[str, Any] = {"number": len(segments)}
    if segments:
        durations = [float(segment.duration) for segment in segments]
        facts |= span_facts(Segment(min(segments).start, max(segment.stop for segment in segments)))
        facts["livetime"] = float(arithmetic.livetime(segments))
        facts |= {"shortest": min(durations), "longest": max(durations)}
    if record and record.get("flags"):
        facts["flags"] = flags(record)
    intact = segwizard.is_intact(path)
    facts["intact"] = intact
    total = sum(segment.duration for segment in segments)
    problems = ["segments overlap"] if total > arithmetic.livetime(segments) + 1e-6 else []
    if intact is False:
        problems.append("the segments changed since they were written")
    return Inspection(path, "segments", facts, tuple(problems), record)


def asked_span(record: Mapping[str, Any]) -> Segment | None:
    """The span of the query that made the file, where its record says that plainly."""
    start, end = (mapping_in(record, "arguments").get(name) for name in ("start", "end"))
    if isinstance(start, (int, float)) and isinstance(end, (int, float)) and start < end:
        return Segment(start, end)
    return None


def flags(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a query found of each flag; of a veto definer, one may be there more than once.

    What a record of others has instead is not believed.
    """
    plain = (flag for flag in mappings_in(record, "flags") if isinstance(flag.get("flag"), str))
    return [
        {name: flag.get(name) for name in _OF_A_FLAG}
        for flag in plain
        if all(isinstance(flag.get(name), (int, float, type(None))) for name in ("active", "known"))
    ]
