"""The unit of work of a fetch: one background file, from the archive to the disk, block by block."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aframe_data import engine
from aframe_data.checks import interferometer
from aframe_data.errors import DataQualityError, PluginError, SourceError
from aframe_data.io import background
from aframe_data.retries import in_order
from aframe_data.strain import quality
from aframe_data.strain.plan import blocks
from aframe_data.strain.resample import Resampler, StreamResampler
from aframe_data.types import FloatArray, Segment, StrainRequest, StrainSeries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from aframe_data.io.background import BackgroundWriter
    from aframe_data.providers import StrainFetcher, StrainFetcherProvider
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
    with background.create(
        task.path, ifos=ifos, segment=task.span, sample_rate=task.sample_rate, dtype=task.dtype
    ) as writer:
        logs = [_write_channel(task, channel, writer) for channel in sorted(task.channels)]
        record = {**task.record, "strain": {log.ifo: log.record() for log in logs}}
        writer.describe([background.Channel(log.ifo, log.channel, "strain") for log in logs], record)
    return FileReport(task.path, "fetched", task.path.stat().st_size)


def require_same(task: FileTask, found: background.BackgroundSummary) -> None:
    """Check that a file that is there is the one that the task would make.

    Raises
    ------
    DataQualityError
        Naming what differs.
    """
    wanted = tuple(sorted(interferometer(channel) for channel in task.channels))
    differences = [
        f"{what} {have}, not {want}"
        for what, have, want in (
            ("interferometers", ", ".join(found.ifos), ", ".join(wanted)),
            ("span", str(found.segment), str(task.span)),
            ("sample rate", f"{found.sample_rate:g}", f"{task.sample_rate:g}"),
            ("type", found.dtype, task.dtype),
        )
        if have != want
    ]
    if any(found.not_finite.values()):
        differences.append("samples that are not finite")
    if found.intact is False:
        differences.append("samples that changed since they were written")
    if differences:
        raise DataQualityError(f"{task.path} is there, with {'; '.join(differences)}. --overwrite replaces it.")


# --- one channel --------------------------------------------------------------------------------------


@dataclass
class _ChannelLog:
    """What is learned on the way, for the provenance."""

    ifo: str
    channel: str
    native_rate: float = 0.0
    pieces: list[dict[str, Any]] = field(default_factory=list)
    context: dict[str, bool] = field(default_factory=dict)

    def add(self, source: str, series: StrainSeries) -> None:
        self.channel, self.native_rate = series.channel, series.sample_rate
        self.pieces += [
            {"source": source, "start": piece.start, "stop": piece.stop, "origin": piece.origin}
            for piece in series.pieces
        ]

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
    masks: list[StrainSeries] = []
    stream: StreamResampler | None = None
    rate = 0.0
    for number, span in enumerate(spans):
        last = number == len(spans) - 1
        series = _fetch_block(task, channel, span, log, before=number == 0, after=last)
        samples = quality.within(series, span)
        if stream is None:
            rate = series.sample_rate
            resampler = Resampler(rate, task.sample_rate)
            stream = StreamResampler(resampler)
            if not resampler.identity:
                edge = Segment(task.span.start - CONTEXT, task.span.start)
                before = _context(task, channel, edge, series)
                log.context["before"] = before is not None
                stream.begin(before, samples)
        elif series.sample_rate != rate:
            raise DataQualityError(
                f"{channel} changes its rate at {span.start:.10g}: {rate:g} to {series.sample_rate:g} Hz."
            )
        writer.append(log.ifo, stream.feed(samples))
        if last and task.sample_rate != rate:
            after = _context(task, channel, Segment(task.span.stop, task.span.stop + CONTEXT), series)
            log.context["after"] = after is not None
            writer.append(log.ifo, stream.end(after))
        masks.append(series)
        engine.advance(span.duration)
    _write_masks(log.ifo, masks, spans, writer)
    return log


def _alignment(sources: tuple[Choice, ...]) -> int:
    return cast("StrainFetcherProvider", sources[0].provider).alignment


def _fetch_block(
    task: FileTask, channel: str, span: Segment, log: _ChannelLog, *, before: bool, after: bool
) -> StrainSeries:
    """Fetch one block; the outermost ones a little wider, where that needs no other file of the archive."""
    alignment = _alignment(task.sources)
    wide = Segment(
        span.start - CONTEXT if before and span.start % alignment >= CONTEXT else span.start,
        span.stop + CONTEXT if after and span.stop % alignment else span.stop,
    )
    try:
        source, series = _ask(task, channel, wide)
    except SourceError:
        if wide == span:
            raise
        # What is outside may not exist; what is inside must.
        source, series = _ask(task, channel, span)
    quality.require_sound(series, span)
    log.add(source, series)
    return series


def _context(task: FileTask, channel: str, edge: Segment, series: StrainSeries) -> FloatArray | None:
    """The samples just outside the piece: from the block at hand, else asked for; None if not there or not finite."""
    if series.start <= edge.start and edge.stop <= series.stop:
        samples = quality.within(series, edge)
    else:
        try:
            samples = quality.within(_ask(task, channel, edge)[1], edge)
        except (SourceError, DataQualityError):
            return None
    return samples if np.isfinite(samples).all() else None


def _ask(task: FileTask, channel: str, span: Segment) -> tuple[str, StrainSeries]:
    """Ask the sources in order for one span of one channel, and check the shape of the answer."""
    request = StrainRequest((channel,), int(span.start), int(span.stop), task.sample_rate)
    asks: dict[str, Callable[[], Mapping[str, StrainSeries]]] = {
        choice.key: partial(_fetcher(choice).fetch, request) for choice in task.sources
    }
    source, answer = in_order(asks)
    series = answer.get(channel)
    if series is None:
        raise PluginError(f"strain fetcher {source!r} did not return {channel!r}, which it was asked for.")
    quality.require_as_asked(series, request)
    return source, series


@cache
def _fetcher(choice: Choice) -> StrainFetcher:
    """One fetcher for the life of a worker, so that it can keep its connection."""
    fetcher: StrainFetcher = choice.create()
    return fetcher


def _write_masks(ifo: str, answers: list[StrainSeries], spans: tuple[Segment, ...], writer: BackgroundWriter) -> None:
    """Keep the archive's masks at 1 Hz, where every block has them."""
    for name in ("quality", "injections"):
        found = [getattr(series, name) for series in answers]
        if all(mask is not None for mask in found):
            values = [
                mask.values[int(span.start - series.start) : int(span.stop - series.start)]
                for mask, series, span in zip(found, answers, spans, strict=True)
            ]
            writer.annotate(f"{ifo}/{name}", np.concatenate(values))
            writer.annotate(f"{ifo}/{name}_bits", list(found[0].bits))
