"""The unit of work of a fetch: one channel in one block of an archive, read in stretches, resampled, left as parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.formats import strain_part
from aframe_data.redaction import redacted
from aframe_data.segments import arithmetic
from aframe_data.store.atomic import make_folder
from aframe_data.strain import masks, quality
from aframe_data.strain.asking import Answer, beyond_edge, gather
from aframe_data.strain.plan import reads
from aframe_data.strain.resample import Resampler, StreamResampler
from aframe_data.types import BitMask, Flaw, Piece, Segment
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.filestore import Storage
    from aframe_data.formats.strain_part import Origin, PartWriter, Run, StrainPart
    from aframe_data.strain.units import BlockUnit, WantedPart
    from aframe_data.types import FloatArray

#: Seconds asked for outside a file for the filter's sake: the least an archive can be asked for, and more than any
#: filter needs.
CONTEXT = 1


def fetch_block(unit: BlockUnit) -> dict[Path, AframeDataError]:
    """Make the parts of a block that are not there; one that fails does not keep the others from being made.

    Returns
    -------
    dict
        Path and error of each part that failed.
    """
    failed: dict[Path, AframeDataError] = {}
    for part in unit.parts:
        try:
            if _is_done(part):
                advance(part.wanted.nbytes(part.span), found=True)
            else:
                _make(part, unit.storage)
        except UsageError:
            # What only a fetcher knows of its archive (its highest rate) is as wrong for all other parts.
            raise
        except AframeDataError as error:
            failed[part.path] = error
    return failed


def _is_done(part: WantedPart) -> bool:
    """Whether the part need not be made: where no gap is allowed, a part with one is asked for again."""
    try:
        return strain_part.is_intact(part.path) and (part.wanted.partial or not strain_part.read(part.path).flaws)
    except AframeDataError:  # another command that makes the same file has just joined it
        return False


def _make(part: WantedPart, storage: Storage) -> None:
    wanted = part.wanted
    make_folder(part.folder)
    with strain_part.create(
        part.path, size=round(part.span.duration * wanted.sample_rate), dtype=wanted.dtype
    ) as writer:
        making = _PartInMaking(part, storage, writer)
        for span in reads(part.span):
            making.add(span)
            advance(wanted.nbytes(span))
        writer.finish(making.finished())


@dataclass
class _PartInMaking:
    """What is known of a part so far."""

    part: WantedPart
    storage: Storage
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
        answers, missing = gather(self.part.wanted, self.storage, span)
        self.flaws += missing
        at = span.start
        for answer in answers:
            self._skip(at, answer.span.start)
            self._take(answer)
            at = answer.span.stop
        self._skip(at, span.stop)

    def finished(self) -> StrainPart:
        """All that is kept beside the resampled samples."""
        return strain_part.StrainPart(
            span=self.part.span,
            channel=self.channel or self.part.wanted.channel,
            runs=tuple(run.finished() for run in self.runs),
            flaws=tuple(sorted(self.flaws)),
            origins=tuple(self.origins),
            quality=masks.join(self.quality),
            injections=masks.join(self.injections),
            before=self.before,
            after=self.after,
        )

    def _take(self, answer: Answer) -> None:
        span, series = answer.span, answer.series
        samples = quality.within(series, span)
        self.channel = self.channel or series.channel
        self.flaws += quality.still_samples(samples, span.start, series.sample_rate)
        run = self.runs[-1] if self.runs else None
        if run is None or run.span.stop != span.start or run.rate != series.sample_rate:
            run = _RunInMaking(self.part, self.writer, span, series.sample_rate)
            self.runs.append(run)
        run.add(span, samples)
        # Only where the answer is still at hand is it known whose edge this is.
        if self.part.first and span.start == self.part.span.start and not run.resampler.identity:
            self.before = beyond_edge(self.part.wanted, self.storage, Segment(span.start - CONTEXT, span.start), answer)
        if self.part.last and span.stop == self.part.span.stop and not run.resampler.identity:
            self.after = beyond_edge(self.part.wanted, self.storage, Segment(span.stop, span.stop + CONTEXT), answer)
        for piece in arithmetic.clip(series.pieces or (Piece(span.start, span.stop, ""),), [span]):
            self.origins.append(
                strain_part.Origin(answer.choice.key, piece.start, piece.stop, redacted(str(piece.origin)))
            )
        for found, mask in ((self.quality, series.quality), (self.injections, series.injections)):
            found.append(None if mask is None else masks.within(mask, series.start, span))

    def _skip(self, start: float, stop: float) -> None:
        """Nothing is there: no bit of any mask is on."""
        if start < stop:
            self.quality.append(masks.nothing(int(stop - start)))
            self.injections.append(masks.nothing(int(stop - start)))


class _RunInMaking:
    """A stretch without a gap, filtered as far as its own samples go."""

    def __init__(self, part: WantedPart, writer: PartWriter, span: Segment, rate: float) -> None:
        self.span, self.rate = span, rate
        self.resampler = Resampler(rate, part.wanted.sample_rate)
        self._wanted, self._writer = part.wanted, writer
        self._stream = StreamResampler(self.resampler)
        self._stream.begin_inside()
        # Samples of a run that has something between its first and its last step.
        self._shortest = 2 * self.resampler.step
        self._head: FloatArray = np.empty(0)
        self._tail: FloatArray = np.empty(0)
        # The first step needs samples of before, which another part has.
        skipped = self.resampler.step * self.resampler.ratio
        self._next = round((span.start - part.span.start) * part.wanted.sample_rate + skipped)

    def add(self, span: Segment, samples: FloatArray) -> None:
        """Filter the next samples and write what comes out."""
        self.span = Segment(self.span.start, span.stop)
        resampled = self._stream.feed(samples)
        quality.require_fits(resampled, self._wanted.dtype, self._wanted.channel)
        self._writer.write(self._next, resampled)
        self._next += len(resampled)
        self._head = np.concatenate([self._head, samples[: max(0, self._shortest - len(self._head))]])
        edge = self.resampler.edge
        tail = np.concatenate([self._tail, samples[max(0, len(samples) - edge) :]])
        self._tail = tail[max(0, len(tail) - edge) :].copy()

    def finished(self) -> Run:
        """The run as the part keeps it."""
        if round(self.span.duration * self.rate) >= self._shortest:
            return strain_part.Run(self.span, self.rate, self._head[: self.resampler.edge], self._tail)
        return strain_part.Run(self.span, self.rate, self._head, None)
