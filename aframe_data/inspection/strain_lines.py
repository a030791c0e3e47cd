"""What to tell below a spectrogram: checks that were not passed, and strain that is not the archive's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.figures.strain import Line
from aframe_data.formats import background
from aframe_data.formats.background_masks import read_masks
from aframe_data.formats.edits import edits
from aframe_data.segments import arithmetic
from aframe_data.strain.masks import is_set
from aframe_data.strain.runs import true_runs
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from aframe_data.types import BitMask

    BoolArray = NDArray[np.bool_]

#: Lines of one interferometer; what fails after those is in the facts.
_MOST_LINES = 8


def lines_of(path: Path, ifos: Sequence[str], span: Segment) -> dict[str, list[Line]]:
    """Lines of each interferometer: what was filled; each bit that is off somewhere, or one line for all."""
    masks = read_masks(path)
    record = background.summarize(path, check=False).record or {}
    lines: dict[str, list[Line]] = {}
    for ifo in ifos:
        found = [masks[name][ifo] for name in masks if ifo in masks[name]]
        lines[ifo] = [*_filled(record, ifo, span), *_checks(found, span)][:_MOST_LINES]
    return lines


def _checks(masks: Sequence[BitMask], span: Segment) -> list[Line]:
    off = [line for mask in masks for line in _bits_off(mask, span)]
    return off or ([Line("all checks", {"passed": [span]})] if masks else [])


def _bits_off(mask: BitMask, span: Segment) -> list[Line]:
    lines = []
    for number, name in enumerate(mask.bits):
        on = is_set(mask, number)
        if not on.all():
            lines.append(Line(name, {"passed": _spans(on, span.start), "failed": _spans(~on, span.start)}))
    return lines


def _spans(seconds: BoolArray, start: float) -> list[Segment]:
    """The spans in which a mask at 1 Hz is true."""
    return [Segment(start + first, start + last) for first, last in true_runs(seconds).tolist()]


def _filled(record: Mapping[str, Any], ifo: str, span: Segment) -> list[Line]:
    """The spans that were filled; one without an interferometer is of all."""
    filled = [edit.span for edit in edits(record, "filled") if edit.ifo in ("", ifo)]
    spans = [one for whole in filled for one in arithmetic.intersect([whole], [span])]
    return [Line("no data", {"filled": spans})] if spans else []
