"""The segment source of the simulated detectors: a seeded duty cycle.

A detector is on and off in turn, for whole seconds, the lengths drawn at random. Time is cut into epochs of
fixed length, each with its own random stream, so that the answer for any second is a pure function of
(seed, interferometer, options): queries that overlap agree where they do.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.types import Segment, SegmentResult
from aframe_data_plugins.simulated.seeds import DUTY_CYCLE, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.types import SegmentQuery
    from aframe_data_plugins.simulated.options import SegmentOptions

#: Length of an epoch, in mean cycles of on and off: a handful would bend the statistics at its borders.
_CYCLES_PER_EPOCH = 64


class SimulatedSegments:
    """When a simulated detector is on. All flags of one interferometer have the same segments."""

    def __init__(self, options: SegmentOptions) -> None:
        if options.min_segment > options.mean_segment:
            raise UsageError(
                f"--simulated-min-segment: {options.min_segment} s is above the mean length, "
                f"{options.mean_segment} s (--simulated-mean-segment)."
            )
        self._options = options
        self._epoch = _CYCLES_PER_EPOCH * math.ceil(options.mean_segment / options.duty_cycle)

    def query(self, query: SegmentQuery) -> SegmentResult:
        """Return where the flag's interferometer is on; every second of the span is known."""
        ifo = query.flag[:2]
        active: list[Segment] = []
        for epoch in range(math.floor(query.start / self._epoch), math.ceil(query.stop / self._epoch)):
            for start, stop in self._on(ifo, epoch):
                low, high = max(start, query.start), min(stop, query.stop)
                if low >= high:
                    continue
                if active and active[-1].stop == low:
                    low = active.pop().start
                active.append(Segment(low, high))
        return SegmentResult(
            active=tuple(active),
            known=(Segment(query.start, query.stop),),
            origin=f"simulated: seed {self._options.seed}, {ifo}",
        )

    def _on(self, ifo: str, epoch: int) -> Iterator[tuple[int, int]]:
        """Yield the spans of one epoch in which `ifo` is on: sorted, and disjoint but for touching ends."""
        opening, closing = epoch * self._epoch, (epoch + 1) * self._epoch
        if self._options.duty_cycle == 1:
            yield opening, closing
            return
        edges = opening + self._edges(stream(self._options.seed, DUTY_CYCLE, ifo, epoch))
        on_edges = [int(edge) for edge in edges if edge < closing] + [closing]
        for start, stop in list(pairwise(on_edges))[::2]:
            # Only the epoch's end can cut a segment below the least length.
            if stop - start >= self._options.min_segment:
                yield start, stop

    def _edges(self, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Draw the edges of an epoch, relative to its opening: on, off, on, …; at least to its end.

        Lengths above the least one, and gaps, are geometric: the exponential law in whole seconds. Gaps of
        no length join two segments.
        """
        options = self._options
        mean_gap = options.mean_segment * (1 / options.duty_cycle - 1)
        spare = options.mean_segment - options.min_segment
        edges = np.zeros(1, dtype=np.int64)
        starts_off = rng.random() >= options.duty_cycle
        while edges[-1] < self._epoch:
            on = options.min_segment + rng.geometric(1 / (spare + 1), _CYCLES_PER_EPOCH) - 1
            off = rng.geometric(1 / (mean_gap + 1), _CYCLES_PER_EPOCH) - 1
            lengths = np.column_stack([on, off]).ravel()
            edges = np.concatenate([edges, edges[-1] + np.cumsum(lengths)])
        if starts_off:
            first_gap = int(rng.geometric(1 / (mean_gap + 1))) - 1
            edges = edges + first_gap
        return edges
