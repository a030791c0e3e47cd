"""Times and shifts of an injection campaign: which injections are made in which slide of which segment.

Slide k = 1, 2, … shifts the detectors against each other by k times the shifts; slide 0, the real data, is
never made. Here are only numbers: no files, no waveforms. A segment in one slide::

    start  psd_length  buffer  [window]  spacing  [window]  …  [window]  buffer  largest shift  stop
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.seeds import Stream, generator
from aframe_data.timeslides.pieces import MOST_INJECTIONS, IntArray, Pieces, choose_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aframe_data.timeslides.rule import SlideRule
    from aframe_data.types import Segment


@dataclass(frozen=True, eq=False)
class SegmentSlots:
    """The injections of one segment, ordered by slide and then by time.

    Attributes
    ----------
    segment, number
        The segment, and its position among all that were given.
    times
        (n,) float64 GPS at the geocentre: the reference time of each injection.
    slides
        (n,) the number k of each injection's slide, from 1.
    shifts
        (n, n_ifo) seconds, exactly k times the rule's.
    """

    segment: Segment
    number: int
    times: NDArray[np.float64]
    slides: IntArray
    shifts: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, eq=False)
class SlotPlan:
    """All injections of a campaign.

    Attributes
    ----------
    segments
        Those with injections, in the order given.
    num_slides
        How many slides they need: 1 to this.
    livetime
        Seconds that can be analysed in the pieces used. A piece is a segment in one slide and counts in full,
        also the last one, which may not be filled.
    """

    segments: tuple[SegmentSlots, ...]
    num_slides: int
    livetime: float

    def __len__(self) -> int:
        """How many injections there are."""
        return sum(map(len, self.segments))


def plan_slots(
    segments: Sequence[Segment],
    rule: SlideRule,
    *,
    seed: int,
    num_signals: int | None = None,
    livetime: float | None = None,
) -> SlotPlan:
    """Fill segments with injections, slide by slide, until there are enough.

    Each injection lies with its whole window and jitter inside the analysable span of its segment and slide,
    to the rounding of a GPS time in float64 (1.2e-7 s). The jitter of a piece depends on the seed, the
    segment's number and the slide only, so that a larger campaign begins each piece as a smaller one does.

    Parameters
    ----------
    segments
        Spans of background: in order, without overlap.
    rule
        Where the injections lie; it is checked here.
    seed
        Of the jitter.
    num_signals
        Stop at exactly so many injections; of the last slide, those of the first segments.
    livetime
        Stop with the piece that completes so many seconds. What is reached first ends the plan, with its slide where
        the rule has whole slides; where neither is given, it is slide 1.

    Raises
    ------
    UsageError
        The rule or the segments are wrong, or there cannot be so many.
    """
    _check_segments(segments)
    pieces = choose_pieces(np.array([segment.duration for segment in segments]), rule, num_signals, livetime)
    used = pieces["held"].copy()
    if num_signals is not None and not rule.whole_slides:
        used[-1] -= max(0, int(used.sum()) - num_signals)
    if used.sum() > MOST_INJECTIONS:
        raise UsageError(
            f"the plan has {used.sum()} injections, and more than {MOST_INJECTIONS} are refused: make several "
            "campaigns with different seeds, and merge them."
        )
    # The order in which pieces are taken is by slide; the order of the rows is by segment first.
    order = np.argsort(pieces["segment"], kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(pieces["segment"][order])) + 1)
    return SlotPlan(
        tuple(_fill(segments, rule, seed, pieces[group], used[group]) for group in groups),
        num_slides=int(pieces["slide"][-1]),
        livetime=math.fsum(pieces["span"]),
    )


def _check_segments(segments: Sequence[Segment]) -> None:
    if not segments:
        raise UsageError("there is no segment of background to put injections into.")
    for first, second in itertools.pairwise(segments):
        if second.start < first.stop:
            raise UsageError(
                f"the segments {first} and {second} of the background overlap or are not in order: the same data "
                "would count twice. Give each span once."
            )


def _fill(segments: Sequence[Segment], rule: SlideRule, seed: int, pieces: Pieces, used: IntArray) -> SegmentSlots:
    """The injections of the pieces of one segment, of each only the first that are used."""
    number = int(pieces["segment"][0])
    segment = segments[number]
    times = []
    for slide, held, taken in zip(pieces["slide"].tolist(), pieces["held"].tolist(), used.tolist(), strict=True):
        rng = generator(seed, Stream.TIMES, number, slide)
        # For all that the piece holds, used or not: so no time depends on how many are asked for.
        jitter = rng.uniform(-rule.jitter, rule.jitter, held)
        # Added up before the GPS time comes to it: so that is rounded once.
        placed = segment.start + (rule.first + rule.step * np.arange(held) + jitter)
        times.append(np.sort(placed)[:taken])
    slides = np.repeat(pieces["slide"], used)
    shifts = slides[:, None].astype(np.float64) * np.array(rule.shifts)
    return SegmentSlots(segment, number, np.concatenate(times), slides, shifts)
