"""What to tell below a spectrogram: checks that were not passed, and strain that is not the archive's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.figures.strain import Line
from aframe_data.inspection.strain import is_set
from aframe_data.io import background
from aframe_data.strain.quality import bad_segments
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.types import BitMask

#: Lines of one interferometer; what fails after those is in the facts.
_MOST_LINES = 8


def lines_of(path: Path, ifos: Sequence[str], span: Segment) -> dict[str, list[Line]]:
    """Lines of each interferometer: one of each bit that is off somewhere, or one for all; and what was filled."""
    masks = background.read_masks(path)
    record = background.summarize(path, check=False).record or {}
    lines: dict[str, list[Line]] = {}
    for ifo in ifos:
        found = [masks[name][ifo] for name in masks if ifo in masks[name]]
        lines[ifo] = [*_checks(found, span), *_filled(record, ifo, span)][:_MOST_LINES]
    return lines


def _checks(masks: Sequence[BitMask], span: Segment) -> list[Line]:
    off = [line for mask in masks for line in _bits_off(mask, span)]
    return off or ([Line("all checks", {"passed": [span]})] if masks else [])


def _bits_off(mask: BitMask, span: Segment) -> list[Line]:
    lines = []
    for number, name in enumerate(mask.bits):
        on = is_set(mask, number)
        if not on.all():
            spans = {"passed": bad_segments(on, span.start, 1), "failed": bad_segments(~on, span.start, 1)}
            lines.append(Line(name, spans))
    return lines


def _filled(record: Mapping[str, Any], ifo: str, span: Segment) -> list[Line]:
    """The spans that were filled; one without an interferometer is of all."""
    spans = [
        Segment(max(one["start"], span.start), min(one["stop"], span.stop))
        for one in record.get("filled", ())
        if one.get("ifo") in (None, ifo) and max(one["start"], span.start) < min(one["stop"], span.stop)
    ]
    return [Line("no data", {"filled": spans})] if spans else []
