"""What will be fetched: one file a piece, and the blocks in which an archive is asked for a piece."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from aframe_data.checks import require_span
from aframe_data.errors import UsageError
from aframe_data.formats.background_names import file_name
from aframe_data.requests.fetch import EVEN, FIXED
from aframe_data.segments import arithmetic
from aframe_data.store.objects import workplace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.types import Segment

#: Seconds: below this a unit of work would be too small, above this its samples too many to be held at once
#: (at 16384 Hz in float64, 34 MB).
_SHORTEST_BLOCK, _LONGEST_READ = 1024, 256


def pieces(
    segments: Sequence[Segment], *, min_duration: float, max_duration: float | None, split: str = EVEN
) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Cut segments into the spans of files, in whole seconds: evenly, or in steps of `max_duration` (`FIXED`).

    Returns
    -------
    kept, dropped
        The spans of the files, and the segments (or their remainders) that are too short.
    """
    cut_one = arithmetic.split_in_steps if split == FIXED else arithmetic.split_evenly
    whole = [span for segment in segments for span in arithmetic.whole_seconds([segment])]
    kept = tuple(
        piece for segment in whole for piece in cut_one(segment, min_duration=min_duration, max_duration=max_duration)
    )
    return kept, arithmetic.subtract(whole, kept)


def require_disjoint(segments: Sequence[Segment]) -> None:
    """Refuse segments that overlap, as training would see the same strain twice; or that are no GPS times."""
    for segment in segments:
        require_span(segment.start, segment.stop)
    ordered = sorted(segments)
    for first, second in itertools.pairwise(ordered):
        if second.start < first.stop:
            raise UsageError(f"the segments {first} and {second} overlap.")


def file_paths(folder: Path, prefix: str, spans: Sequence[Segment]) -> tuple[Path, ...]:
    """The path of each file; start and duration must fit the form that the readers of the files know."""
    for span in spans:
        if not 1 <= span.duration < 1e8:
            raise UsageError(
                f"{span} lasts {span.duration:g} s, and the name of a background file has room for 1 s to 1e8 s."
            )
    return tuple(folder / file_name(prefix, span) for span in spans)


def parts_folder(folder: Path, prefix: str) -> Path:
    """The folder of what is not whole yet, beside the files; of objects in a store, in the user's cache."""
    return workplace(folder) / f"{prefix}.parts"


def block_length(alignment: int) -> int:
    """Seconds of the blocks in which an archive is asked for a piece: whole files of it, and not too few of them."""
    return alignment * math.ceil(_SHORTEST_BLOCK / alignment)


def blocks(span: Segment, alignment: int) -> tuple[Segment, ...]:
    """Cut a span of whole seconds where blocks begin: at multiples of their length, as the archive's files do."""
    return _cut(span, block_length(alignment))


def reads(span: Segment) -> tuple[Segment, ...]:
    """Cut what is wanted of a block into stretches that are held in memory one by one."""
    return _cut(span, _LONGEST_READ)


def _cut(span: Segment, length: int) -> tuple[Segment, ...]:
    """Cut a span at the multiples of `length`."""
    return arithmetic.cut(span, range(int(span.start) // length * length, int(span.stop), length))
