"""From what was found in files to what is wrong: of each file, among all, and against segments."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.checks import interferometer
from aframe_data.segments import arithmetic
from aframe_data.strain.still import STILL
from aframe_data.types import Segment
from aframe_data.verification.coverage import Gap, compare
from aframe_data.verification.findings import Finding, text_of, text_of_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aframe_data.formats.edits import Edit
    from aframe_data.requests.verify import Verify
    from aframe_data.verification.examination import Content, FileFacts

    #: A file, and what it holds.
    Background = tuple[FileFacts, Content]


@dataclass(frozen=True)
class Expected:
    """What the files should be, as far as somebody said so.

    Attributes
    ----------
    request
        With the prefix of their names; rate and interferometers are those of most files where it does not say them.
    min_duration
        Seconds of the shortest file.
    segments
        What the files should cover, or None where that is not known.
    """

    request: Verify
    min_duration: float
    segments: tuple[Segment, ...] | None


def findings_of(files: Sequence[FileFacts], expected: Expected) -> list[Finding]:
    """All findings, in the order of time."""
    background = [(file, file.content) for file in files if file.content]
    in_order = sorted(background, key=_order)
    found = [finding for file in files for finding in _of_one(file, expected)]
    found += [*_overlaps(in_order), *_strangers(in_order, expected)]
    if expected.segments is not None:
        told_already = list(_told_already(files))
        found += _against(expected.segments, background, told_already, expected.min_duration)
    return sorted(found, key=lambda finding: (finding.span.start if finding.span else 0.0, finding.where))


def _order(file: Background) -> tuple[Segment, bool, str]:
    """By time; of files with the same span, first the one whose name says it: the other one is the copy."""
    facts, content = file
    return content.span, facts.named != content.span, facts.path.name


# --- each file ----------------------------------------------------------------------------------------


def _of_one(file: FileFacts, expected: Expected) -> Iterator[Finding]:
    if file.content is None:
        what = file.damage or f"holds {file.holds}"
        if file.path.name.startswith(f"{expected.request.prefix}-"):
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
        form = f"{expected.request.prefix}-START-DURATION.hdf5"
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
        where = text_of_some(bad.spans, bad.number)
        yield "not finite", f"{ifo}: {bad.seconds:.3g} s of NaN or infinite samples: {where}"
    for ifo, bad in content.still.items():
        spans, number = bad.spans, bad.number
        filled = [edit.span for edit in content.filled if edit.ifo in ("", ifo)]
        if filled:
            left = arithmetic.subtract(spans, filled)
            spans = tuple(span for span in left if span.duration >= STILL)
            number += len(spans) - len(bad.spans)
        if number:
            yield "still", f"{ifo}: the same value for {STILL:g} s or longer: {text_of_some(spans, number)}"
    for ifos in content.identical:
        yield "identical", f"{' and '.join(ifos)} have the same samples"
    if content.intact is False:
        yield "changed", "the samples changed since they were written"
    if content.foreign:
        yield "foreign", "no provenance: not written by aframe-data"
    for edit in content.filled:
        yield "filled", f"{_told(edit)}: {text_of(edit.span)}"


def _told(edit: Edit) -> str:
    return ", ".join(part for part in (edit.ifo, edit.reason) if part) or "no reason given"


# --- all files ----------------------------------------------------------------------------------------


def _overlaps(files: Sequence[Background]) -> Iterator[Finding]:
    """Each file with the one before it that reaches furthest; files are in the order of time."""
    furthest, reached = "", -math.inf
    for file, content in files:
        span = content.span
        if span.start < reached:
            both = Segment(span.start, min(span.stop, reached))
            text = f"{both.duration:g} s are in {furthest} too: {text_of(both)}"
            yield Finding("overlapping", text, file.path, span)
        if span.stop > reached:
            furthest, reached = file.path.name, span.stop


def _strangers(files: Sequence[Background], expected: Expected) -> Iterator[Finding]:
    """Files that differ from what was asked, or else from most: of equally many, from the earliest."""
    if not files:
        return
    for file, content in files:
        wrong = [ifo for ifo in content.ifos if not re.fullmatch(r"[A-Z]\d", ifo)]
        if wrong:
            text = f"datasets {', '.join(wrong)}: Aframe reads those with names such as H1"
            yield Finding("interferometers", text, file.path, content.span)
    rate, ifos = expected.request.sample_rate, expected.request.ifos
    asked_rate = None if rate is None else f"{rate:.10g} Hz"
    asked_ifos = None if ifos is None else ", ".join(sorted(map(interferometer, ifos)))
    for kind, asked, values in (
        ("rate", asked_rate, [f"{content.sample_rate:.10g} Hz" for _, content in files]),
        ("interferometers", asked_ifos, [", ".join(content.ifos) for _, content in files]),
        ("type", None, [content.dtype for _, content in files]),
    ):
        most = Counter(values).most_common(1)[0][0]
        wanted, told = (most, f"most files have {most}") if asked is None else (asked, f"{asked} was asked for")
        for (file, content), value in zip(files, values, strict=True):
            if value != wanted:
                yield Finding(kind, f"{value}, where {told}", file.path, content.span)


# --- against segments ---------------------------------------------------------------------------------


def _against(
    segments: Iterable[Segment], files: Sequence[Background], told_already: Sequence[Segment], min_duration: float
) -> Iterator[Finding]:
    edits = [edit for _, content in files for edit in content.cut]
    coverage = compare(
        segments,
        [*(content.span for _, content in files), *told_already],
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
    for file, content in files:
        outside = arithmetic.intersect([content.span], coverage.surplus)
        if outside == (content.span,):
            yield Finding("surplus", "outside of all segments", file.path, content.span)
        elif outside:
            seconds = arithmetic.livetime(outside)
            text = f"{seconds:g} s are outside of all segments: {text_of_some(outside, len(outside))}"
            yield Finding("surplus", text, file.path, content.span)


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
