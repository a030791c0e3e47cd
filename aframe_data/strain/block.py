"""The unit of work of a fetch: one channel in one block of an archive, read in stretches, resampled, left as parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.formats import strain_part
from aframe_data.store.atomic import make_folder
from aframe_data.strain import masks, quality
from aframe_data.strain.asking import Answer, beyond_edge, gather
from aframe_data.strain.plan import reads
from aframe_data.strain.resample import Resampler, StreamResampler
from aframe_data.types import BitMask, Flaw, Piece, Segment
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from aframe_data.formats.strain_part import Origin, Part, PartWriter, Run
    from aframe_data.strain.tasks import BlockTask, PartSpec, Store, Wanted
    from aframe_data.types import FloatArray

#: Seconds asked for outside a file for the filter's sake: the least an archive can be asked for, and more than any
#: filter needs.
CONTEXT = 1


@dataclass(frozen=True)
class BlockReport:
    """What became of the parts of a block: the error of those that failed."""

    failed: dict[PartSpec, AframeDataError]


def fetch_block(task: BlockTask) -> BlockReport:
    """Make the parts of a block that are not there; one that fails does not keep the others from being made."""
    failed: dict[PartSpec, AframeDataError] = {}
    for spec in task.parts:
        try:
            if _is_done(task.wanted, spec):
                advance(_nbytes(task.wanted, spec.span))
            else:
                _make(task.wanted, spec, task.store)
        except UsageError:
            # What only a fetcher knows of its archive (its highest rate) is as wrong for all other parts.
            raise
        except AframeDataError as error:
            failed[spec] = error
    return BlockReport(failed)


def _is_done(wanted: Wanted, spec: PartSpec) -> bool:
    """Whether the part need not be made: where no gap is allowed, a part with one is asked for again."""
    try:
        return strain_part.is_intact(spec.path) and (wanted.partial or not strain_part.read(spec.path).flaws)
    except AframeDataError:  # another command that makes the same file has just joined it
        return False


def _nbytes(wanted: Wanted, span: Segment) -> float:
    return span.duration * wanted.sample_rate * np.dtype(wanted.dtype).itemsize


def _make(wanted: Wanted, spec: PartSpec, store: Store) -> None:
    size = round(spec.span.duration * wanted.sample_rate)
    make_folder(spec.folder)
    with strain_part.create(spec.path, size=size, dtype=wanted.dtype) as writer:
        making = _PartInMaking(wanted, spec, store, writer)
        for span in reads(spec.span):
            making.add(span)
            advance(_nbytes(wanted, span))
        writer.finish(making.finished())


@dataclass
class _PartInMaking:
    """What is known of a part so far."""

    wanted: Wanted
    spec: PartSpec
    store: Store
    writer: PartWriter
    channel: str = ""
    runs: list[_RunInMaking] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    quality: list[BitMask | None] = field(default_factory=list)
    injections: list[BitMask | None] = field(default_factory=list)
    before: FloatArray | None = None
    after: FloatArray | None = None

    def add(self, span: Segment) -> None:
        """Ask for the next stretch and take what comes."""
        answers, missing = gather(self.wanted, self.store, span)
        self.flaws += missing
        at = span.start
        for answer in answers:
            self._skip(at, answer.span.start)
            self._take(answer)
            at = answer.span.stop
        self._skip(at, span.stop)

    def finished(self) -> Part:
        """All that is kept beside the resampled samples."""
        return strain_part.Part(
            span=self.spec.span,
            channel=self.channel or self.wanted.channel,
            runs=tuple(run.finished() for run in self.runs),
            flaws=tuple(sorted(self.flaws)),
            origins=tuple(self.origins),
            quality=masks.join_known(self.quality),
            injections=masks.join_known(self.injections),
            before=self.before,
            after=self.after,
        )

    def _take(self, answer: Answer) -> None:
        span, series = answer.span, answer.series
        samples = answer.samples
        self.channel = self.channel or series.channel
        self.flaws += quality.still_samples(samples, span.start, series.sample_rate)
        run = self.runs[-1] if self.runs else None
        if run is None or run.span.stop != span.start or run.rate != series.sample_rate:
            run = _RunInMaking(
                self.wanted, self.spec.span.start, self.writer, Segment(span.start, span.stop), series.sample_rate
            )
            self.runs.append(run)
        run.add(span, samples)
        resampler = run.resampler
        # Only where the answer is still at hand is it known whose edge this is.
        if self.spec.first and span.start == self.spec.span.start and not resampler.identity:
            self.before = beyond_edge(self.wanted, self.store, Segment(span.start - CONTEXT, span.start), answer)
        if self.spec.last and span.stop == self.spec.span.stop and not resampler.identity:
            self.after = beyond_edge(self.wanted, self.store, Segment(span.stop, span.stop + CONTEXT), answer)
        for piece in series.pieces or (Piece(span.start, span.stop, ""),):
            start, stop = max(piece.start, span.start), min(piece.stop, span.stop)
            if start < stop:
                self.origins.append(strain_part.Origin(answer.choice.key, start, stop, piece.origin))
        for found, mask in ((self.quality, series.quality), (self.injections, series.injections)):
            found.append(None if mask is None else masks.within(mask, series.start, span))

    def _skip(self, start: float, stop: float) -> None:
        """Nothing is there: no bit of any mask is on."""
        if start < stop:
            self.quality.append(masks.nothing(int(stop - start)))
            self.injections.append(masks.nothing(int(stop - start)))


class _RunInMaking:
    """A stretch without a gap, filtered as far as its own samples go."""

    def __init__(self, wanted: Wanted, origin: float, writer: PartWriter, span: Segment, rate: float) -> None:
        self.span, self.rate = Segment(span.start, span.stop), rate
        self.resampler = Resampler(rate, wanted.sample_rate)
        self._wanted, self._origin, self._writer = wanted, origin, writer
        self._stream = StreamResampler(self.resampler)
        self._stream.begin_inside()
        self._edge = self.resampler.edge
        # Samples of a run that has something between its first and its last step.
        self._shortest = 0 if self.resampler.identity else 2 * self.resampler.step
        self._head: FloatArray = np.empty(0)
        self._tail: FloatArray = np.empty(0)
        # The first step needs samples of before, which another part has.
        skipped = 0 if self.resampler.identity else self.resampler.step * self.resampler.ratio
        self._next = round((span.start - origin) * wanted.sample_rate + skipped)

    def add(self, span: Segment, samples: FloatArray) -> None:
        """Filter the next samples and write what comes out."""
        self.span = Segment(self.span.start, span.stop)
        resampled = self._stream.feed(samples)
        quality.require_fits(resampled, self._wanted.dtype, self._wanted.channel)
        self._writer.write(self._next, resampled)
        self._next += len(resampled)
        self._head = np.concatenate([self._head, samples[: max(0, self._shortest - len(self._head))]])
        self._tail = np.concatenate([self._tail, samples[max(0, len(samples) - self._edge) :]])
        self._tail = self._tail[max(0, len(self._tail) - self._edge) :].copy()

    def finished(self) -> Run:
        """The run as the part keeps it."""
        if round(self.span.duration * self.rate) >= self._shortest:
            return strain_part.Run(self.span, self.rate, self._head[: self._edge], self._tail)
        return strain_part.Run(self.span, self.rate, self._head, None)
