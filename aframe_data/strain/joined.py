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

    from aframe_data.formats.strain_part import Origin, Run, StrainPart
    from aframe_data.strain.units import WantedPart
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

    @property
    def rate(self) -> float:
        return self.runs[0].sample_rate


class JoinedChannel:
    """What the parts of one channel hold together.

    Parameters
    ----------
    wanted
        Its parts, in order, each of which touches the next.
    """

    def __init__(self, wanted: Sequence[WantedPart]) -> None:
        self._wanted = wanted
        self.ifo, self.sample_rate = wanted[0].wanted.ifo, wanted[0].wanted.sample_rate
        self.span = Segment(wanted[0].span.start, wanted[-1].span.stop)
        parts = [strain_part.read(part.path) for part in wanted]
        self.channel = parts[0].channel
        self.flaws: tuple[Flaw, ...] = tuple(flaw for part in parts for flaw in part.flaws)
        self.origins = tuple(_merged(origin for part in parts for origin in part.origins))
        self.quality = _with_bits(masks.join([part.quality for part in parts]))
        self.injections = _with_bits(masks.join([part.injections for part in parts]))
        self._stretches = tuple(_stretches(parts))
        self._borders = [border for stretch in self._stretches for border in self._filtered(stretch)]
        for _, border in self._borders:
            quality.require_fits(border, wanted[0].wanted.dtype, wanted[0].wanted.channel)

    def native_rates(self, span: Segment) -> tuple[float, ...]:
        """Rates of the archive's samples in a span, in Hz, in order of time."""
        within = (item for item in self._stretches if item.span.start < span.stop and span.start < item.span.stop)
        return tuple(dict.fromkeys(item.rate for item in within))

    @property
    def rate_changes(self) -> dict[float, str]:
        """When the archive's rate changes, with a sentence on each time."""
        return {
            second.span.start: f"{self.channel} changes its rate at {second.span.start:.10g}: "
            f"{first.rate:g} to {second.rate:g} Hz."
            for first, second in itertools.pairwise(self._stretches)
            if first.rate != second.rate
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

    def has_data_before(self, gps: float) -> bool:
        """Whether the filter saw real data before a time from which on there is data."""
        return all(item.before is not None for item in self._stretches if item.span.start == gps)

    def has_data_after(self, gps: float) -> bool:
        """Whether the filter saw real data after a time up to which there is data."""
        return all(item.after is not None for item in self._stretches if item.span.stop == gps)

    def _index(self, gps: float) -> int:
        """The number of output samples from the start of the file."""
        return round((gps - self.span.start) * self.sample_rate)

    def _interior(self, first: int, last: int) -> Iterator[FloatArray]:
        """Samples that parts hold ready."""
        for part in self._wanted:
            begin = self._index(part.span.start)
            start, stop = max(first, begin), min(last, self._index(part.span.stop))
            if start < stop:
                yield from strain_part.read_samples(part.path, start - begin, stop - begin)

    def _filtered(self, stretch: _Stretch) -> Iterator[tuple[int, FloatArray]]:
        """The samples near the edges of runs, which parts do not hold, each with the index of the first one."""
        resampler = Resampler(stretch.rate, self.sample_rate)
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


def _stretches(parts: Sequence[StrainPart]) -> Iterator[_Stretch]:
    groups: list[list[Run]] = []
    for run in (run for part in parts for run in part.runs):
        last = groups[-1][-1] if groups else None
        if last is not None and (last.span.stop, last.sample_rate) == (run.span.start, run.sample_rate):
            groups[-1].append(run)
        else:
            groups.append([run])
    first, last_part = parts[0], parts[-1]
    for group in groups:
        yield _Stretch(
            tuple(group),
            before=first.before if group[0].span.start == first.span.start else None,
            after=last_part.after if group[-1].span.stop == last_part.span.stop else None,
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
