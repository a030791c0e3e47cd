"""From what was found in files to what is wrong: of each file, among all, and against segments."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.segments import arithmetic
from aframe_data.strain.still import STILL
from aframe_data.types import Segment
from aframe_data.verification.coverage import Gap, compare
from aframe_data.verification.findings import Finding, text_of, text_of_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.strain.stretches import Stretches
    from aframe_data.verification.examination import Content, Edit, FileFacts


@dataclass(frozen=True)
class Expected:
    """What the files should be, as far as somebody said so.

    Attributes
    ----------
    prefix
        Of the files' names.
    min_duration
        Seconds of the shortest file.
    sample_rate
        Hz, or None for that of most files.
    ifos
        Sorted, or None for those of most files.
    segments
        What the files should cover, or None where that is not known.
    """

    prefix: str
    min_duration: float
    sample_rate: float | None = None
    ifos: tuple[str, ...] | None = None
    segments: tuple[Segment, ...] | None = None


def judge(files: Sequence[FileFacts], expected: Expected) -> list[Finding]:
    """All findings, in the order of time."""
    background = sorted((file for file in files if file.content), key=_order)
    found = [finding for file in files for finding in _of_one(file, expected)]
    found += _overlaps(background)
    found += _strangers(background, expected)
    if expected.segments is not None:
        found += _against(expected.segments, files, expected.min_duration)
    return sorted(found, key=_time)


def _content(file: FileFacts) -> Content:
    if file.content is None:
        raise ValueError(f"{file.path} holds no background.")
    return file.content


def _order(file: FileFacts) -> tuple[Segment, bool, str]:
    """By time; of files with the same span, first the one whose name says it: the other one is the copy."""
    span = _content(file).span
    return span, file.named != span, file.path.name


def _time(finding: Finding) -> tuple[float, str]:
    return (finding.span.start if finding.span else 0.0, finding.where)


# --- each file ----------------------------------------------------------------------------------------


def _of_one(file: FileFacts, expected: Expected) -> Iterator[Finding]:
    if file.content is None:
        what = file.damage or f"holds {file.holds}"
        if file.path.name.startswith(f"{expected.prefix}-"):
            yield Finding("damaged" if file.damage else "not background", what, file.path, file.named)
        else:
            # A person may keep other files beside; Aframe reads every .hdf5 file of its folder as background.
            yield Finding("other", f"{what}; Aframe reads it as background", file.path)
    else:
        span = file.content.span
        for kind, text in (*_of_name(file, file.content, expected), *_of_samples(file.content)):
            yield Finding(kind, text, file.path, span)


def _of_name(file: FileFacts, content: Content, expected: Expected) -> Iterator[tuple[str, str]]:
    named, span = file.named, content.span
    if named is None:
        form = f"{expected.prefix}-START-DURATION.hdf5"
        yield "name", f"holds {text_of(span)}, and the name is not {form}, which Aframe reads"
    elif file.path.suffix != ".hdf5":
        yield "name", f"ends in {file.path.suffix}, and Aframe reads .hdf5 only"
    if named is not None and named != span:
        if named.start <= span.start and span.stop <= named.stop:
            missing = named.duration - span.duration
            yield "short", f"covers {text_of(span)}, {missing:g} s less than its name says"
        else:
            yield "name", f"the name says {text_of(named)}, the content is {text_of(span)}"
    elif span.duration < expected.min_duration:
        yield "short", f"covers {span.duration:g} s, less than min_duration = {expected.min_duration:g} s"


def _of_samples(content: Content) -> Iterator[tuple[str, str]]:
    for ifo, bad in content.not_finite.items():
        yield "not finite", f"{ifo}: {_length(bad)} of NaN or infinite samples: {text_of_some(bad.spans, bad.number)}"
    for ifo, bad in content.still.items():
        spans, number = bad.spans, bad.number
        filled = [edit.span for edit in content.filled if edit.ifo in ("", ifo)]
        if filled:
            left = arithmetic.subtract(spans, filled)
            spans = tuple(span for span in left if span.duration >= STILL)
            number += len(spans) - len(bad.spans)
        if number:
            yield "still", f"{ifo}: the same value for {STILL:g} s or longer: {text_of_some(spans, number)}"
    if content.intact is False:
        yield "changed", "the samples changed since they were written"
    if content.foreign:
        yield "foreign", "no provenance: not written by aframe-data"
    for edit in content.filled:
        yield "filled", f"{_told(edit)}: {text_of(edit.span)}"


def _length(bad: Stretches) -> str:
    return f"{bad.seconds:.3g} s"


def _told(edit: Edit) -> str:
    return ", ".join(part for part in (edit.ifo, edit.reason) if part) or "no reason given"


# --- all files ----------------------------------------------------------------------------------------


def _overlaps(files: Sequence[FileFacts]) -> Iterator[Finding]:
    """Each file with the one before it that reaches furthest; files are in the order of time."""
    last: FileFacts | None = None
    for file in files:
        span = _content(file).span
        reached = None if last is None else _content(last).span.stop
        if last is not None and reached is not None and span.start < reached:
            both = Segment(span.start, min(span.stop, reached))
            text = f"{both.duration:g} s are in {last.path.name} too: {text_of(both)}"
            yield Finding("overlapping", text, file.path, span)
        if reached is None or span.stop > reached:
            last = file


def _strangers(files: Sequence[FileFacts], expected: Expected) -> Iterator[Finding]:
    """Files that differ from most, or from what was asked."""
    contents = {file.path: _content(file) for file in files}
    for path, content in contents.items():
        wrong = [ifo for ifo in content.ifos if not re.fullmatch(r"[A-Z]\d", ifo)]
        if wrong:
            text = f"datasets {', '.join(wrong)}: Aframe reads those with names such as H1"
            yield Finding("interferometers", text, path, content.span)
    rates = {path: f"{content.sample_rate:.10g} Hz" for path, content in contents.items()}
    ifos = {path: ", ".join(content.ifos) for path, content in contents.items()}
    types = {path: content.dtype for path, content in contents.items()}
    asked_rate = None if expected.sample_rate is None else f"{expected.sample_rate:.10g} Hz"
    asked_ifos = None if expected.ifos is None else ", ".join(expected.ifos)
    for kind, values, asked in (
        ("rate", rates, asked_rate),
        ("interferometers", ifos, asked_ifos),
        ("type", types, None),
    ):
        for path, text in _unlike(values, asked).items():
            yield Finding(kind, text, path, contents[path].span)


def _unlike(values: Mapping[Path, str], asked: str | None) -> dict[Path, str]:
    """What is to be told of files whose value is not as asked, or else not as most: of equally many, the earliest."""
    if not values:
        return {}
    most = Counter(values.values()).most_common(1)[0][0]
    wanted, told = (most, f"most files have {most}") if asked is None else (asked, f"{asked} was asked for")
    return {path: f"{value}, where {told}" for path, value in values.items() if value != wanted}


# --- against segments ---------------------------------------------------------------------------------


def _against(segments: Iterable[Segment], files: Sequence[FileFacts], min_duration: float) -> Iterator[Finding]:
    background = [file for file in files if file.content]
    edits = [edit for file in background for edit in _content(file).cut]
    coverage = compare(
        segments,
        [*(_content(file).span for file in background), *_told_already(files)],
        cut=[edit.span for edit in edits],
        min_duration=min_duration,
    )
    for gap in coverage.missing:
        yield Finding("missing", f"no file has {_part(gap)}", None, gap.span)
    for span in coverage.cut:
        reasons = dict.fromkeys(_told(edit) for edit in edits if arithmetic.intersect([edit.span], [span]))
        yield Finding("cut", "; ".join(reasons), None, span)
    for gap in coverage.remainders:
        text = f"{_part(gap)}: shorter than min_duration = {min_duration:g} s"
        yield Finding("remainder", text, None, gap.span)
    yield from _surplus(background, coverage.surplus)


def _told_already(files: Sequence[FileFacts]) -> Iterator[Segment]:
    """Spans that no strain covers because a file is damaged or short, which is told of the file itself."""
    for file in files:
        if file.named is None:
            continue
        span = file.content.span if file.content else file.named
        if file.named.start <= span.start and span.stop <= file.named.stop:
            yield file.named


def _part(gap: Gap) -> str:
    """How much of its segment a gap is."""
    if gap.span == gap.segment:
        return f"this segment of {gap.span.duration:g} s"
    return f"these {gap.span.duration:g} s of the segment {text_of(gap.segment)}"


def _surplus(files: Sequence[FileFacts], surplus: Sequence[Segment]) -> Iterator[Finding]:
    if not surplus:
        return
    for file in files:
        span = _content(file).span
        outside = arithmetic.intersect([span], surplus)
        if outside == (span,):
            yield Finding("surplus", "outside of all segments", file.path, span)
        elif outside:
            seconds = arithmetic.livetime(outside)
            text = f"{seconds:g} s are outside of all segments: {text_of_some(outside, len(outside))}"
            yield Finding("surplus", text, file.path, span)
