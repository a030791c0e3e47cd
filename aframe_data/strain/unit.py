"""The unit of work of a fetch: one background file, from the archive to the disk, block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aframe_data import engine
from aframe_data.checks import interferometer
from aframe_data.errors import DataQualityError, PluginError, SourceError, TransientError
from aframe_data.io import background
from aframe_data.io.atomic import make_folder
from aframe_data.retries import in_order, persistently
from aframe_data.strain import masks, quality
from aframe_data.strain.plan import blocks
from aframe_data.strain.present import require_same
from aframe_data.strain.resample import Resampler, StreamResampler
from aframe_data.types import BitMask, FloatArray, Piece, Segment, StrainRequest, StrainSeries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.io.background import BackgroundWriter
    from aframe_data.protocols import StrainFetcher
    from aframe_data.providers import StrainFetcherProvider
    from aframe_data.selection import Choice

#: Seconds asked for outside a piece for the filter's sake: the least an archive can be asked for, and more
#: than any filter needs.
CONTEXT = 1


@dataclass(frozen=True)
class FileTask:
    """One background file to make.

    Attributes
    ----------
    path
        Where it goes.
    span
        Whole GPS seconds.
    channels
        One for each interferometer.
    sample_rate, dtype
        Of the file.
    sources
        Strain fetchers in the order in which they are tried.
    record
        The provenance of the command; the unit adds what it learns.
    overwrite
        Make the file even if a sound one is there.
    """

    path: Path
    span: Segment
    channels: tuple[str, ...]
    sample_rate: float
    dtype: str
    sources: tuple[Choice, ...]
    record: Mapping[str, Any] = field(repr=False)
    overwrite: bool = False

    def __str__(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class FileReport:
    """What became of one file: ``"fetched"`` or ``"present"``."""

    path: Path
    status: str
    nbytes: int


def fetch_file(task: FileTask) -> FileReport:
    """Make one background file, or find that it is there already and sound."""
    work = task.span.duration * len(task.channels)
    if task.path.exists() and not task.overwrite:
        require_same(task, background.summarize(task.path))
        engine.advance(work)
        return FileReport(task.path, "present", task.path.stat().st_size)
    ifos = [interferometer(channel) for channel in task.channels]
    make_folder(task.path.parent)
    with background.create(
        task.path, ifos=ifos, segment=task.span, sample_rate=task.sample_rate, dtype=task.dtype
    ) as writer:
        logs = [_write_channel(task, channel, writer) for channel in sorted(task.channels)]
        record = {**task.record, "strain": {log.ifo: log.record() for log in logs}}
        writer.describe([background.Channel(log.ifo, log.channel, "strain") for log in logs], record)
    return FileReport(task.path, "fetched", task.path.stat().st_size)


# --- one channel --------------------------------------------------------------------------------------


@dataclass
class _ChannelLog:
    """What is learned on the way, for the provenance."""

    ifo: str
    channel: str
    native_rate: float = 0.0
    pieces: list[dict[str, Any]] = field(default_factory=list)
    context: dict[str, bool] = field(default_factory=dict)

    def add(self, source: str, series: StrainSeries, span: Segment) -> None:
        self.channel, self.native_rate = series.channel, series.sample_rate
        for piece in series.pieces or (Piece(span.start, span.stop, ""),):
            start, stop = max(piece.start, span.start), min(piece.stop, span.stop)
            if start < stop:  # else it holds only what lies beyond the edge
                self.pieces.append({"source": source, "start": start, "stop": stop, "origin": piece.origin})

    def record(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "native_sample_rate": self.native_rate,
            "pieces": self.pieces,
            "data_beyond_edges_used": self.context,
        }


def _write_channel(task: FileTask, channel: str, writer: BackgroundWriter) -> _ChannelLog:
    """Fetch, check, resample and write one channel of a file."""
    log = _ChannelLog(interferometer(channel), channel)
    spans = blocks(task.span, _alignment(task.sources))
    found: list[tuple[BitMask | None, BitMask | None]] = []
    stream: StreamResampler | None = None
    rate = 0.0
    for number, span in enumerate(spans):
        last = number == len(spans) - 1
        source, series = _fetch_block(task, channel, span, before=number == 0, after=last)
        quality.require_sound(series, span)
        log.add(source.key, series, span)
        samples = quality.within(series, span)
        if stream is None:
            rate = series.sample_rate
            resampler = Resampler(rate, task.sample_rate)
            stream = StreamResampler(resampler)
            if not resampler.identity:
                edge = Segment(task.span.start - CONTEXT, task.span.start)
                before = _context(task, channel, edge, source, series)
                log.context["before"] = before is not None
                stream.begin(before, samples)
        elif series.sample_rate != rate:
            raise DataQualityError(
                f"{channel} changes its rate at {span.start:.10g}: {rate:g} to {series.sample_rate:g} Hz."
            )
        resampled = stream.feed(samples)
        quality.require_fits(resampled, task.dtype, channel)
        writer.append(log.ifo, resampled)
        if last and task.sample_rate != rate:
            edge = Segment(task.span.stop, task.span.stop + CONTEXT)
            after = _context(task, channel, edge, source, series)
            log.context["after"] = after is not None
            writer.append(log.ifo, stream.end(after))
        found.append((_mask(series, series.quality, span), _mask(series, series.injections, span)))
        engine.advance(span.duration)
        # The next block must not be fetched while this one is held: that would double the peak of memory.
        del series, samples, resampled
    for name, parts in zip(("quality", "injections"), zip(*found, strict=True), strict=True):
        _write_mask(f"{log.ifo}/{name}", parts, writer)
    return log


def _alignment(sources: tuple[Choice, ...]) -> int:
    return cast("StrainFetcherProvider", sources[0].provider).alignment


def _fetch_block(
    task: FileTask, channel: str, span: Segment, *, before: bool, after: bool
) -> tuple[Choice, StrainSeries]:
    """Fetch one block; the outermost ones a little wider, where that needs no other file of the archive."""
    alignment = _alignment(task.sources)
    wide = Segment(
        span.start - CONTEXT if before and span.start % alignment >= CONTEXT else span.start,
        span.stop + CONTEXT if after and span.stop % alignment else span.stop,
    )
    key, series = in_order(
        {choice.key: partial(_ask_wide, task, choice, channel, wide, span) for choice in task.sources}
    )
    return next(choice for choice in task.sources if choice.key == key), series


def _ask_wide(task: FileTask, choice: Choice, channel: str, wide: Segment, span: Segment) -> StrainSeries:
    """Ask one source for the wider span, and if it has not all of that, for the span itself."""
    try:
        return _ask(task, choice, channel, wide)
    except TransientError:
        raise
    except SourceError:
        if wide == span:
            raise
        # What is outside may not exist; what is inside must, before another source is asked.
        return _ask(task, choice, channel, span)


def _context(task: FileTask, channel: str, edge: Segment, source: Choice, series: StrainSeries) -> FloatArray | None:
    """The samples just outside the piece, from the source of the block there; None if not there or not finite.

    A source that cannot answer now fails the file: with another edge it would not be the same file.
    """
    if not (series.start <= edge.start and edge.stop <= series.stop):
        rate = series.sample_rate
        try:
            series = persistently(partial(_ask, task, source, channel, edge))
        except TransientError:
            raise
        except (SourceError, DataQualityError):
            return None
        if series.sample_rate != rate:
            return None
    samples = quality.within(series, edge)
    return samples if np.isfinite(samples).all() else None


def _ask(task: FileTask, choice: Choice, channel: str, span: Segment) -> StrainSeries:
    """Ask one source for one span of one channel, and check the shape of the answer."""
    request = StrainRequest((channel,), int(span.start), int(span.stop), task.sample_rate)
    answer = _fetcher(choice).fetch(request)
    series = answer.get(channel) if isinstance(answer, Mapping) else None
    if not isinstance(series, StrainSeries):
        raise PluginError(f"strain fetcher {choice.key!r} returned no StrainSeries of {channel!r}.")
    quality.require_as_asked(series, request)
    return series


@cache
def _fetcher(choice: Choice) -> StrainFetcher:
    """One fetcher for the life of a worker, so that it can keep its connection."""
    fetcher: StrainFetcher = choice.create()
    return fetcher


def _mask(series: StrainSeries, mask: BitMask | None, span: Segment) -> BitMask | None:
    return None if mask is None else masks.within(mask, series.start, span)


def _write_mask(name: str, parts: Sequence[BitMask | None], writer: BackgroundWriter) -> None:
    """Keep one of the archive's masks, if every block has it."""
    known = [part for part in parts if part is not None]
    if len(known) == len(parts):
        joined = masks.join(known)
        writer.annotate(name, joined.values)
        writer.annotate(f"{name}_bits", list(joined.bits))
