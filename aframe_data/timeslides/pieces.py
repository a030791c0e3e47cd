"""Counting: which segments hold how many windows in which slides, shift by shift.

No formula knows the number of slides: each segment has its own rounding, and drops out at its own slide.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.timeslides.rule import SlideRule
    from aframe_data.types import FloatArray

IntArray = np.ndarray[Any, np.dtype[np.int64]]

#: What is beyond is no plan but a slip, and would take the memory of the machine.
MOST_INJECTIONS = 10_000_000
_MOST_PIECES = 1_000_000
#: Seconds, of a sum over all pieces.
_LIVETIME_ROUNDING = 1e-6
#: Pairs of a slide and a segment that are counted at once.
_BLOCK = 2**16


#: A piece of background, which is a segment in one slide: the slide, the segment's number, how many windows fit, and
#: the seconds that can be analysed.
PIECE = np.dtype([("slide", np.int64), ("segment", np.int64), ("held", np.int64), ("span", np.float64)])

#: Pieces, (n,) of `PIECE`, in the order in which a plan takes them.
Pieces: TypeAlias = np.ndarray[Any, np.dtype[np.void]]


def choose_pieces(lengths: FloatArray, rule: SlideRule, num_signals: int | None, livetime: float | None) -> Pieces:
    """The pieces that hold what is asked for, which is checked already; the last ones may hold more injections.

    Parameters
    ----------
    lengths
        (n_segments,) seconds.
    rule
        What fits into a piece.
    num_signals, livetime
        What is reached first ends the choice; slide 1 where neither is given.

    Raises
    ------
    UsageError
        All slides together do not hold so much, or it would take an absurd number of pieces.
    """
    one_slide = num_signals is None and livetime is None
    parts: list[Pieces] = []
    injections, seconds = 0, 0.0
    for part in _fitting(lengths, rule, one_slide=one_slide):
        parts.append(part)
        injected, analysed = injections + np.cumsum(part["held"]), seconds + np.cumsum(part["span"])
        enough = np.zeros(len(part), dtype=bool)
        if num_signals is not None:
            enough |= injected >= num_signals
        if livetime is not None:
            enough |= analysed >= livetime - _LIVETIME_ROUNDING
        if enough.any():
            last = int(np.argmax(enough))
            if rule.whole_slides:
                last = int(np.flatnonzero(part["slide"] == part["slide"][last])[-1])
            return np.concatenate([*parts[:-1], part[: last + 1]])
        injections, seconds = int(injected[-1]), float(analysed[-1])
        if sum(map(len, parts)) > _MOST_PIECES:
            raise UsageError(
                f"{_asked(num_signals, livetime)} would take more than {_MOST_PIECES} pieces of background (a segment "
                f"in one slide), {part['slide'][-1]} slides: ask for less, or give larger shifts or more background."
            )
    if one_slide and parts:
        return np.concatenate(parts)
    raise _impossible(_asked(num_signals, livetime), lengths, rule, np.concatenate(parts) if parts else None)


def _fitting(lengths: FloatArray, rule: SlideRule, *, one_slide: bool) -> Iterator[Pieces]:
    """All pieces that hold a window, slide by slide and segment by segment, in blocks of whole slides."""
    numbers = np.arange(len(lengths))
    # Without a shift that grows, every slide would be the first again.
    one_slide = one_slide or rule.largest_shift == 0
    first = 1
    while len(numbers):
        count = 1 if one_slide else max(1, _BLOCK // len(numbers))
        slides = np.arange(first, first + count)
        # One row a slide, one column a segment.
        spans = lengths[numbers] - rule.psd_length - rule.largest_shift * slides[:, None]
        held = np.clip(rule.windows(spans), 0, MOST_INJECTIONS + 1).astype(np.int64)
        rows, columns = np.nonzero(held)
        if len(rows):
            pieces = np.empty(len(rows), PIECE)
            pieces["slide"], pieces["segment"] = slides[rows], numbers[columns]
            pieces["held"], pieces["span"] = held[rows, columns], spans[rows, columns]
            yield pieces
        # A segment that is too short for one slide is too short for all that follow.
        numbers = numbers[:0] if one_slide else numbers[held[-1] > 0]
        first += count


def _asked(num_signals: int | None, livetime: float | None) -> str:
    asked = [] if num_signals is None else [f"num_signals = {num_signals}"]
    if livetime is not None:
        asked.append(f"livetime = {livetime:.10g}")
    return " and ".join(asked) or "a campaign"


def _impossible(asked: str, lengths: FloatArray, rule: SlideRule, pieces: Pieces | None) -> UsageError:
    if pieces is None or rule.largest_shift > 0:
        why = (
            f"a window needs {rule.needs}, and in slide k "
            f"also k times the largest shift, {rule.largest_shift:g} s; the longest of {len(lengths)} segments "
            f"has {lengths.max():.10g} s. Give more background, smaller shifts, less spacing, buffer or psd_length"
        )
    else:
        why = "the shift is 0, so every other slide would repeat the first. Give a shift, or more background"
    if pieces is None:
        return UsageError(f"no segment is long enough for a single injection: {why}.")
    last = pieces["slide"][-1]
    slides = "1 slide" if last == 1 else f"all {last} slides"
    return UsageError(
        f"{asked} cannot be reached: at most {pieces['held'].sum()} injections and a livetime of "
        f"{math.fsum(pieces['span']):.10g} s are possible, in {slides}: {why}, or ask for less."
    )
