"""One channel of a file, put together from its parts: samples with the borders filtered, masks, flaws and origins."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aframe_data.formats import strain_part
from aframe_data.strain import masks, quality
from aframe_data.strain.resample import Resampler, StreamResampler
from aframe_data.types import BitMask, Flaw, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aframe_data.formats.strain_part import Origin, Part, Run
    from aframe_data.strain.tasks import PartSpec, Wanted
    from aframe_data.types import FloatArray


@dataclass(frozen=True)
class _Stretch:
    """Runs that touch, of one rate, which neighbouring parts may hold, and what lies beyond both ends."""

    runs: tuple[Run, ...]
    before: FloatArray | None
    after: FloatArray | None

    @property
    def span(self) -> Segment:
        return Segment(self.runs[0].span.start, self.runs[-1].span.stop)


class JoinedChannel:
    """What the parts of one channel hold together.

    Parameters
    ----------
    wanted
        The channel.
    specs
        Its parts, in order, each of which touches the next.
    """

    def __init__(self, wanted: Wanted, specs: Sequence[PartSpec]) -> None:
        self.sample_rate = wanted.sample_rate
        self._specs = tuple(specs)
        parts = [strain_part.read(spec.path) for spec in specs]
        self.ifo = wanted.ifo
        self.channel = parts[0].channel
        self.span = Segment(specs[0].span.start, specs[-1].span.stop)
        self.flaws: tuple[Flaw, ...] = tuple(flaw for part in parts for flaw in part.flaws)
        self.origins = tuple(_merged(origin for part in parts for origin in part.origins))
        self.quality = _with_bits(masks.join_known([part.quality for part in parts]))
        self.injections = _with_bits(masks.join_known([part.injections for part in parts]))
        self._stretches = tuple(_stretches(parts))
        self._borders = [border for stretch in self._stretches for border in self._filtered(stretch)]
        for _, border in self._borders:
            quality.require_fits(border, wanted.dtype, wanted.channel)

    def native_rates(self, span: Segment) -> tuple[float, ...]:
        """Rates of the archive's samples in a span, in Hz, in order of time."""
        within = (item for item in self._stretches if item.span.start < span.stop and span.start < item.span.stop)
        return tuple(dict.fromkeys(item.runs[0].sample_rate for item in within))

    @property
    def rate_changes(self) -> dict[float, str]:
        """When the archive's rate changes, with a sentence on each time."""
        return {
            second.span.start: f"{self.channel} changes its rate at {second.span.start:.10g}: "
            f"{first.runs[0].sample_rate:g} to {second.runs[0].sample_rate:g} Hz."
            for first, second in itertools.pairwise(self._stretches)
            if first.runs[0].sample_rate != second.runs[0].sample_rate
        }

    def samples(self, span: Segment) -> Iterator[FloatArray]:
        """Resampled samples of a span that lies within one stretch, in blocks."""
        at, last = self._index(span.start), self._index(span.stop)
        for first, border in self._borders:
            if first + len(border) <= at or first >= last:
                continue
            yield from self._interior(at, min(first, last))
            yield border[max(0, at - first) : max(0, last - first)]
            at = first + len(border)
        yield from self._interior(at, last)

    def uses_data_beyond(self, span: Segment) -> dict[str, bool]:
        """Whether the filter saw real data on either side of a span that lies within one stretch."""
        stretch = next(
            item for item in self._stretches if item.span.start <= span.start and span.stop <= item.span.stop
        )
        return {
            "before": stretch.span.start < span.start or stretch.before is not None,
            "after": span.stop < stretch.span.stop or stretch.after is not None,
        }

    def _index(self, gps: float) -> int:
        """The number of output samples from the start of the file."""
        return round((gps - self.span.start) * self.sample_rate)

    def _interior(self, first: int, last: int) -> Iterator[FloatArray]:
        """Samples that parts hold ready."""
        for spec in self._specs:
            begin = self._index(spec.span.start)
            start, stop = max(first, begin), min(last, self._index(spec.span.stop))
            if start < stop:
                yield from strain_part.read_samples(spec.path, start - begin, stop - begin)

    def _filtered(self, stretch: _Stretch) -> Iterator[tuple[int, FloatArray]]:
        """The samples near the edges of runs, which parts do not hold, each with the index of the first one."""
        resampler = Resampler(stretch.runs[0].sample_rate, self.sample_rate)
        if resampler.identity:
            return
        step = round(resampler.step * resampler.ratio)
        stream = StreamResampler(resampler)
        stream.begin(stretch.before, stretch.runs[0].head)
        at = self._index(stretch.span.start)
        for run in stretch.runs:
            border = stream.feed(run.head)
            yield at, border
            at += len(border)
            if run.tail is not None:
                stream.resume(run.tail)
                at = self._index(run.span.stop) - step
        yield at, stream.end(stretch.after)


def _stretches(parts: Sequence[Part]) -> Iterator[_Stretch]:
    runs = [run for part in parts for run in part.runs]
    cuts = [
        number + 1
        for number, (first, second) in enumerate(itertools.pairwise(runs))
        if first.span.stop != second.span.start or first.sample_rate != second.sample_rate
    ]
    first, last = parts[0], parts[-1]
    for start, stop in itertools.pairwise([0, *cuts, len(runs)]):
        found = tuple(runs[start:stop])
        if found:
            yield _Stretch(
                found,
                before=first.before if found[0].span.start == first.span.start else None,
                after=last.after if found[-1].span.stop == last.span.stop else None,
            )


def _merged(origins: Iterable[Origin]) -> list[Origin]:
    """Origins in which stretches of one source and file that touch are one."""
    merged: list[Origin] = []
    for origin in origins:
        last = merged[-1] if merged else None
        if last is not None and (last.source, last.origin, last.stop) == (origin.source, origin.origin, origin.start):
            merged[-1] = replace(last, stop=origin.stop)
        else:
            merged.append(origin)
    return merged


def _with_bits(mask: BitMask | None) -> BitMask | None:
    """A mask that says something; where all data is missing, none does."""
    return mask if mask is not None and mask.bits else None
