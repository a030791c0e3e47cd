"""What segments files hold, and what each step of their query took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.formats.record_parts import mappings_in
from aframe_data.inspection.segments import asked_span
from aframe_data.outside import outside_text
from aframe_data.reports.dataset import SegmentsFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.dataset_report.examination import Examination


def read_segments(found: Examination) -> SegmentsFacts:
    """What a segments file holds; of its record, what it says plainly."""
    facts, record = found.facts, found.record
    span = facts.get("span")
    ends = (span["start"], span["stop"]) if span else None
    if asked := asked_span(record):
        ends = (float(asked.start), float(asked.stop))
    return SegmentsFacts(
        name=found.name,
        number=facts["number"],
        livetime=facts.get("livetime", 0.0),
        span=ends,
        shortest=facts.get("shortest"),
        longest=facts.get("longest"),
        flags=tuple(facts.get("flags", ())),
        costs=tuple(_plain(record, "costs", ("kind", "name"), "seconds")),
        events=tuple(_plain(record, "events", ("name",), "gps")),
    )


def _plain(record: Mapping[str, Any], name: str, texts: tuple[str, ...], number: str) -> list[dict[str, Any]]:
    """Entries of a list that have these texts and this number."""
    return [
        {**{text: outside_text(entry[text]) for text in texts}, number: entry[number]}
        for entry in mappings_in(record, name)
        if all(isinstance(entry.get(text), str) for text in texts) and isinstance(entry.get(number), (int, float))
    ]
