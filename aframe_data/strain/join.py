"""From the parts of a background file to the file, or the files, that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.formats import background
from aframe_data.requests.fetch import SPLIT
from aframe_data.segments import arithmetic
from aframe_data.strain import gaps as policies
from aframe_data.strain import masks
from aframe_data.strain.joined import JoinedChannel
from aframe_data.strain.plan import file_paths
from aframe_data.strain.present import require_same
from aframe_data.types import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.formats.background import BackgroundWriter
    from aframe_data.strain.gaps import Verdict
    from aframe_data.strain.tasks import FileTask, Parts
    from aframe_data.types import FloatArray, Segment


@dataclass(frozen=True)
class Joined:
    """What became of the span of one file.

    Attributes
    ----------
    files
        Path and span of each file that was written.
    dropped
        Good stretches that are too short for a file.
    cut, filled
        What should not be used, for each interferometer: left out, or replaced by zeros.
    """

    files: tuple[tuple[Path, Segment], ...]
    dropped: tuple[Segment, ...]
    cut: Mapping[str, tuple[Flaw, ...]]
    filled: Mapping[str, tuple[Flaw, ...]]


def join_file(task: FileTask, parts: Parts) -> Joined:
    """Write what a file's parts hold, and delete them.

    Raises
    ------
    DataQualityError
        Something should not be used, and the policy is to fail; the parts stay for another one. Or files are there
        into which the span was split otherwise.
    """
    channels = [JoinedChannel(wanted, specs) for wanted, specs in parts]
    flaws = {channel.ifo: _flaws(task, channel) for channel in channels}
    changes = {time: said for channel in channels for time, said in channel.rate_changes.items()}
    verdict = policies.judge(task.gaps, task.span, flaws, changes)
    split = task.gaps.policy == SPLIT
    whole = verdict.kept == (task.span,)
    paths = (task.path,) if whole else file_paths(task.path.parent, task.prefix, verdict.kept)
    outdated = [path for path in task.earlier if path not in paths]
    if outdated and not task.overwrite:
        raise DataQualityError(
            f"{outdated[0]} is there, with a part of {task.span} that --gaps split made, and now other parts of it "
            "would be made. --overwrite replaces it."
        )
    record = {**task.record, **_told("cut" if split else "filled", flaws)}
    if not whole:
        record |= {"segment": _plain(task.span), "files": [_plain(span) for span in verdict.kept]}
    for path, span in zip(paths, verdict.kept, strict=True):
        if path.exists() and not task.overwrite:
            require_same(task, path, span, background.summarize(path))  # as after a kill between two of them
        else:
            _write(task, channels, path, span, verdict, record)
    if not whole and task.overwrite:
        outdated.append(task.path)
    for path in outdated:
        path.unlink(missing_ok=True)
    for _, specs in parts:
        for spec in specs:
            spec.path.unlink(missing_ok=True)
    nothing: dict[str, tuple[Flaw, ...]] = {}
    return Joined(
        tuple(zip(paths, verdict.kept, strict=True)),
        verdict.dropped,
        flaws if split else nothing,
        nothing if split else flaws,
    )


def _flaws(task: FileTask, channel: JoinedChannel) -> tuple[Flaw, ...]:
    """What should not be used of a channel; where data is missing, it does not matter which bits are off."""
    there = arithmetic.subtract([channel.span], policies.outward(channel.flaws))
    if not there:
        return tuple(sorted(channel.flaws))
    masked = policies.mask_flaws(task.gaps, channel.ifo, channel.span.start, channel.quality, channel.injections)
    visible = [
        Flaw(part.start, part.stop, flaw.reason) for flaw in masked for part in arithmetic.intersect([flaw.span], there)
    ]
    return tuple(sorted([*channel.flaws, *visible]))


def _told(what: str, flaws: Mapping[str, Sequence[Flaw]]) -> dict[str, Any]:
    told = [
        {"ifo": ifo, "start": flaw.start, "stop": flaw.stop, "reason": flaw.reason}
        for ifo, found in flaws.items()
        for flaw in found
    ]
    return {what: told} if told else {}


def _plain(span: Segment) -> list[int]:
    return [int(span.start), int(span.stop)]


def _write(  # noqa: PLR0917 - what is written, where, of what
    task: FileTask,
    channels: Sequence[JoinedChannel],
    path: Path,
    span: Segment,
    verdict: Verdict,
    record: Mapping[str, Any],
) -> None:
    ifos = [channel.ifo for channel in channels]
    with background.create(path, ifos=ifos, segment=span, sample_rate=task.sample_rate, dtype=task.dtype) as writer:
        for channel in channels:
            filled = verdict.filled.get(channel.ifo, ())
            for samples in _with_zeros(channel, span, filled, task.sample_rate):
                writer.append(channel.ifo, samples)
            _annotate(writer, channel, span)
            if filled:
                writer.annotate(f"{channel.ifo}/filled", np.array([_plain(gap) for gap in filled], dtype=np.float64))
        for ifo, spans in _cut_around(record).items():
            writer.annotate(f"{ifo}/cut", np.array(spans, dtype=np.float64))
        if any(verdict.filled.values()):
            writer.mark_filled({ifo: arithmetic.livetime(spans) for ifo, spans in verdict.filled.items()})
        strain = {channel.ifo: _history(channel, span, verdict.filled.get(channel.ifo, ())) for channel in channels}
        writer.describe(
            [background.Channel(channel.ifo, channel.channel, "strain") for channel in channels],
            {**record, "span": _plain(span), "strain": strain},
        )


def _with_zeros(
    channel: JoinedChannel, span: Segment, filled: Sequence[Segment], sample_rate: float
) -> Iterator[FloatArray]:
    """The samples of a span, with zeros in some seconds of it."""
    good = arithmetic.subtract([span], filled)
    for stretch in sorted([*good, *arithmetic.coalesce(filled)]):
        if stretch in good:
            yield from channel.samples(stretch)
        else:
            yield np.zeros(round(stretch.duration * sample_rate))


def _annotate(writer: BackgroundWriter, channel: JoinedChannel, span: Segment) -> None:
    for name, mask in (("quality", channel.quality), ("injections", channel.injections)):
        if mask is not None:
            part = masks.within(mask, channel.span.start, span)
            writer.annotate(f"{channel.ifo}/{name}", part.values)
            writer.annotate(f"{channel.ifo}/{name}_bits", list(part.bits))


def _cut_around(record: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    """What was cut, as arrays: start and stop of each span, for each interferometer."""
    spans: dict[str, list[list[float]]] = {}
    for cut in record.get("cut", ()):
        spans.setdefault(cut["ifo"], []).append([cut["start"], cut["stop"]])
    return spans


def _history(channel: JoinedChannel, span: Segment, filled: Sequence[Segment]) -> dict[str, Any]:
    """Where the samples of a span came from."""
    good = arithmetic.subtract([span], filled)
    pieces = [
        {"source": origin.source, "start": start, "stop": stop, "origin": origin.origin}
        for origin in channel.origins
        if (start := max(origin.start, span.start)) < (stop := min(origin.stop, span.stop))
    ]
    rates = channel.native_rates(span)
    beyond: dict[str, bool] = {}
    if good and any(rate != channel.sample_rate for rate in rates):  # else there was nothing to filter
        beyond = {
            "before": good[0].start == span.start and channel.uses_data_beyond(good[0])["before"],
            "after": good[-1].stop == span.stop and channel.uses_data_beyond(good[-1])["after"],
        }
    return {
        "channel": channel.channel,
        "native_sample_rate": rates[0] if len(rates) == 1 else list(rates),
        "pieces": pieces,
        "data_beyond_edges_used": beyond,
    }
