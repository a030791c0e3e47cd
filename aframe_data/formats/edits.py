"""What a fetch did to the segment of a background file, as the file's record says it: spans cut out, or filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.formats.record_parts import mappings_in
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Edit:
    """A span of one interferometer that was cut out, or filled, and why; what a record leaves out is empty."""

    span: Segment
    reason: str
    ifo: str


def edits(record: Mapping[str, Any] | None, name: str) -> tuple[Edit, ...]:
    """The spans that a record says were ``cut`` or ``filled``; what it does not say plainly is not believed."""
    return tuple(
        Edit(Segment(entry["start"], entry["stop"]), str(entry.get("reason") or ""), str(entry.get("ifo") or ""))
        for entry in mappings_in(record, name)
        if _is_plain(entry)
    )


def _is_plain(entry: Mapping[str, Any]) -> bool:
    start, stop = entry.get("start"), entry.get("stop")
    return isinstance(start, (int, float)) and isinstance(stop, (int, float)) and start < stop
