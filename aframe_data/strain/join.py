"""From the parts of a background file to the file, or the files, that it becomes."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.formats import background
from aframe_data.reports.fetch import FetchedFile, FetchReport
from aframe_data.requests.fetch import SPLIT
from aframe_data.segments import arithmetic
from aframe_data.strain import gaps as policies
from aframe_data.strain import masks
from aframe_data.strain.joined import JoinedChannel
from aframe_data.strain.plan import file_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.formats.background import BackgroundWriter
    from aframe_data.strain.file import WantedFile
    from aframe_data.strain.gaps import Gaps, Verdict
    from aframe_data.types import Flaw, FloatArray, Segment


def join_file(file: WantedFile) -> FetchReport:
    """Write what a file's parts hold, and delete them.

    Raises
    ------
    DataQualityError
        Something should not be used, and the policy is to fail; the parts stay for another one. Or files are there
        into which the span was split otherwise.
    """
    channels = [JoinedChannel(tuple(parts)) for _, parts in groupby(file.parts, key=attrgetter("wanted"))]
    flaws = {channel.ifo: _flaws(file.gaps, channel) for channel in channels}
    changes = {time: said for channel in channels for time, said in channel.rate_changes.items()}
    verdict = policies.judge(file.gaps, file.span, flaws, changes)
    split = file.gaps.policy == SPLIT
    whole = verdict.kept == (file.span,)
    paths = (file.path,) if whole else file_paths(file.path.parent, file.prefix, verdict.kept)
    outdated = [path for path in file.earlier if path not in paths]
    if outdated and not file.overwrite:
        raise file.split_otherwise(outdated[0])
    record = dict(file.record)
    if any(flaws.values()):
        told = [{"ifo": ifo, **asdict(flaw)} for ifo, found in flaws.items() for flaw in found]
        record["cut" if split else "filled"] = told
    if not whole:
        record |= {"segment": _plain(file.span), "files": [_plain(span) for span in verdict.kept]}
    files = []
    for path, span in zip(paths, verdict.kept, strict=True):
        if path.exists() and not file.overwrite:
            file.check(path, span)  # as after a kill between two of them
        else:
            _write(path, span, file.wanted[0].dtype, channels, verdict, record)
        files.append(FetchedFile(path, span, "fetched", path.stat().st_size))
    if not whole and file.overwrite:
        outdated.append(file.path)
    for path in (*outdated, *(part.path for part in file.parts)):
        path.unlink(missing_ok=True)
    return FetchReport(
        tuple(files) or (FetchedFile(file.path, file.span, "empty"),),
        verdict.dropped,
        cut=flaws if split else {},
        filled={} if split else flaws,
    )


def _flaws(gaps: Gaps, channel: JoinedChannel) -> tuple[Flaw, ...]:
    """What should not be used of a channel; where data is missing, it does not matter which bits are off."""
    there = arithmetic.subtract([channel.span], arithmetic.outward(channel.flaws))
    if not there:
        return tuple(sorted(channel.flaws))
    masked = policies.mask_flaws(gaps, channel.ifo, channel.span.start, channel.quality, channel.injections)
    return tuple(sorted([*channel.flaws, *arithmetic.clip(masked, there)]))


def _plain(span: Segment) -> list[int]:
    return [int(span.start), int(span.stop)]


def _write(  # noqa: PLR0917 - what is written, where, of what
    path: Path,
    span: Segment,
    dtype: str,
    channels: Sequence[JoinedChannel],
    verdict: Verdict,
    record: Mapping[str, Any],
) -> None:
    ifos, rate = [channel.ifo for channel in channels], channels[0].sample_rate
    with background.create(path, ifos=ifos, segment=span, sample_rate=rate, dtype=dtype) as writer:
        strain = {}
        for channel in channels:
            filled = verdict.filled.get(channel.ifo, ())
            for samples in _with_zeros(channel, span, filled):
                writer.append(channel.ifo, samples)
            _annotate(writer, channel, span)
            if filled:
                writer.annotate(f"{channel.ifo}/filled", np.array([_plain(gap) for gap in filled], dtype=np.float64))
            strain[channel.ifo] = _history(channel, span, filled)
        for ifo, cuts in groupby(record.get("cut", ()), key=itemgetter("ifo")):
            writer.annotate(f"{ifo}/cut", np.array([[cut["start"], cut["stop"]] for cut in cuts], dtype=np.float64))
        if any(verdict.filled.values()):
            writer.mark_filled({ifo: arithmetic.livetime(spans) for ifo, spans in verdict.filled.items()})
        writer.describe(
            {channel.ifo: channel.channel for channel in channels},
            {**record, "span": _plain(span), "strain": strain},
        )


def _with_zeros(channel: JoinedChannel, span: Segment, filled: Sequence[Segment]) -> Iterator[FloatArray]:
    """The samples of a span, with zeros in some seconds of it."""
    good = arithmetic.subtract([span], filled)
    for stretch in sorted([*good, *filled]):
        if stretch in good:
            yield from channel.samples(stretch)
        else:
            yield np.zeros(round(stretch.duration * channel.sample_rate))


def _annotate(writer: BackgroundWriter, channel: JoinedChannel, span: Segment) -> None:
    for name, mask in (("quality", channel.quality), ("injections", channel.injections)):
        if mask is not None:
            part = masks.within(mask, channel.span.start, span)
            writer.annotate(f"{channel.ifo}/{name}", part.values)
            writer.annotate(f"{channel.ifo}/{name}_bits", list(part.bits))


def _history(channel: JoinedChannel, span: Segment, filled: Sequence[Segment]) -> dict[str, Any]:
    """Where the samples of a span came from."""
    good = arithmetic.subtract([span], filled)
    rates = channel.native_rates(span)
    beyond: dict[str, bool] = {}
    if good and any(rate != channel.sample_rate for rate in rates):  # else there was nothing to filter
        beyond = {
            "before": good[0].start == span.start and channel.has_data_before(span.start),
            "after": good[-1].stop == span.stop and channel.has_data_after(span.stop),
        }
    return {
        "channel": channel.channel,
        "native_sample_rate": rates[0] if len(rates) == 1 else list(rates),
        "pieces": [asdict(origin) for origin in arithmetic.clip(channel.origins, [span])],
        "data_beyond_edges_used": beyond,
    }
