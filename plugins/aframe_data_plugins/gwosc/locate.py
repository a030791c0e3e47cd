"""Which files of the archive hold a span: plain arithmetic of intervals on the archive's own lists.

Every second comes from one file, whatever span it is asked within: the files of the run that the second
belongs to; else those of a neighbouring run; else those released with a single event (newest version first).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from igwn_segments import segment, segmentlist

from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aframe_data_plugins.gwosc.client import Archive, EventVersion, Run, StrainFile

_EVENT_REACH = 4096  # seconds: the longest file released with an event holds the event's time
_NEIGHBOURHOOD = 86_400  # seconds on either side in which a failed search looks for what there is


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of file is looked for: detector, rate in Hz (4096 or 16384), ``hdf5`` or ``gwf``."""

    detector: str
    sample_rate: int
    file_format: str

    def __str__(self) -> str:
        return f"{self.detector} strain ({self.sample_rate // 1024} kHz, {self.file_format})"


@dataclass(frozen=True, slots=True)
class Part:
    """A span that is taken from one file."""

    span: Segment
    file: StrainFile


@dataclass(frozen=True, slots=True)
class Choice:
    """The parts that a span is made of, in order, and what no file holds."""

    parts: tuple[Part, ...]
    missing: tuple[Segment, ...]


def choose(archive: Archive, wanted: Wanted, span: Segment) -> Choice:
    """Choose the files for a span. Asks for the events' files only where the runs leave something open."""
    runs = archive.runs(wanted.detector)
    choice = assemble(span, _run_candidates(archive, wanted, span, runs))
    if not choice.missing:
        return choice
    candidates = [(part.span, part.file) for part in choice.parts]
    candidates += [(file.span, file) for file in _event_candidates(archive, wanted, span)]
    return assemble(span, candidates)


def assemble(span: Segment, candidates: Iterable[tuple[Segment, StrainFile]]) -> Choice:
    """Cover a span, giving each second to the first candidate that has it.

    Parameters
    ----------
    span
        What is to be covered.
    candidates
        A file and the part of it that may be used, in the order of preference.
    """
    open_parts = segmentlist([segment(span.start, span.stop)])
    taken: list[Part] = []
    for usable, file in candidates:
        gained = open_parts & segmentlist([segment(usable.start, usable.stop)])
        taken += [Part(Segment(a, b), file) for a, b in gained]
        open_parts -= gained
    taken.sort(key=lambda part: part.span)
    return Choice(tuple(_joined(taken)), from_segmentlist(open_parts))


def nearby(archive: Archive, wanted: Wanted, span: Segment) -> tuple[Segment, ...]:
    """Return what the archive has within a day of a span: sorted, disjoint, touching files joined."""
    around = Segment(max(0, span.start - _NEIGHBOURHOOD), span.stop + _NEIGHBOURHOOD)
    files = [file for _, file in _run_candidates(archive, wanted, around, archive.runs(wanted.detector))]
    files += _event_candidates(archive, wanted, span)
    return from_segmentlist(segmentlist(segment(f.span.start, f.span.stop) for f in files).coalesce())


def nearest_runs(runs: Sequence[Run], span: Segment) -> tuple[Run, ...]:
    """Return the last run that starts before the span, and the first after it; those that meet it, too."""
    before = [run for run in runs if run.span.start < span.stop]
    after = [run for run in runs if run.span.start >= span.stop]
    meeting = [run for run in before if run.span.stop > span.start]
    return tuple(meeting or (before[-1:] + after[:1]))


def from_segmentlist(segments: segmentlist) -> tuple[Segment, ...]:
    """Return this project's segments for those of igwn_segments."""
    return tuple(Segment(a, b) for a, b in segments)


def _run_candidates(
    archive: Archive, wanted: Wanted, span: Segment, runs: Sequence[Run]
) -> list[tuple[Segment, StrainFile]]:
    """Return the runs' files: first what lies inside its own run, then whole files.

    Where one run follows another at once, both have a file around the border, each with NaN in the other
    run's seconds.
    """
    inside: list[tuple[Segment, StrainFile]] = []
    whole: list[tuple[Segment, StrainFile]] = []
    for run in runs:
        # A run's first and last file may reach beyond it, by less than their length.
        if run.span.start - _EVENT_REACH >= span.stop or run.span.stop + _EVENT_REACH <= span.start:
            continue
        for file in archive.run_files(
            run.name, wanted.detector, span, sample_rate=wanted.sample_rate, file_format=wanted.file_format
        ):
            whole.append((file.span, file))
            start, stop = max(file.span.start, run.span.start), min(file.span.stop, run.span.stop)
            if start < stop:
                inside.append((Segment(start, stop), file))
    return inside + whole


def _event_candidates(archive: Archive, wanted: Wanted, span: Segment) -> list[StrainFile]:
    """Return the files released with events, the preferred ones first."""
    events = [
        event
        for event in archive.event_versions(int(span.start) - _EVENT_REACH, int(span.stop) + _EVENT_REACH)
        if wanted.detector in event.detectors
    ]
    candidates: list[StrainFile] = []
    for event in sorted(events, key=_rank):
        files = archive.event_files(
            event.short_name,
            wanted.detector,
            span,
            sample_rate=wanted.sample_rate,
            file_format=wanted.file_format,
        )
        candidates += sorted(files, key=lambda file: _waste(file, span))
    return candidates


def _rank(event: EventVersion) -> tuple[int, int, float]:
    """Put confident detections first, then newer versions; marginal and preliminary releases last."""
    catalog = event.catalog.lower()
    if "confident" in catalog:
        trust = 0
    elif "marginal" in catalog or "preliminary" in catalog:
        trust = 2
    else:
        trust = 1
    return trust, -event.version, event.gps


def _waste(file: StrainFile, span: Segment) -> tuple[bool, float]:
    """Put the shortest file that holds all of the span first, then the others from the longest down."""
    holds_all = file.span.start <= span.start and span.stop <= file.span.stop
    return not holds_all, file.span.duration if holds_all else -file.span.duration


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Join neighbouring parts of one file, so that it is downloaded once."""
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].file == part.file and joined[-1].span.stop == part.span.start:
            joined[-1] = Part(Segment(joined[-1].span.start, part.span.stop), part.file)
        else:
            joined.append(part)
    return joined
