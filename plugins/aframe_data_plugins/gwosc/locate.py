"""Which files of the archive hold a span: plain arithmetic of intervals on the archive's own lists.

Every second comes from one file, whatever span it is asked within: the files of the run that the second
belongs to; else those of a neighbouring run; else those released with a single event (newest version first, then
the longest file).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

from igwn_segments import segment, segmentlist

from aframe_data.types import Segment
from aframe_data_plugins.gwosc.client import LONGEST_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aframe_data_plugins.gwosc.client import Archive, EventVersion, ListedFile, ObservingRun

_GRID = 4096  # seconds: the files of runs start at its multiples
_REMEMBERED = 64  # answers: a few blocks of each detector
_NEIGHBOURHOOD = 86_400  # seconds on either side in which a failed search looks for what there is


#: The part of a file that may be used, and the file.
Candidate: TypeAlias = "tuple[Segment, ListedFile]"


@dataclass(frozen=True, slots=True)
class FileKind:
    """What kind of file is looked for: detector, rate in Hz (4096 or 16384), ``hdf5`` or ``gwf``."""

    detector: str
    sample_rate: int
    file_format: str

    def __str__(self) -> str:
        return f"{self.detector} strain ({self.sample_rate // 1024} kHz, {self.file_format})"


@dataclass(frozen=True, slots=True)
class FilePart:
    """A span that is taken from one file."""

    span: Segment
    file: ListedFile


@dataclass(frozen=True, slots=True)
class ChosenFiles:
    """The parts that a span is made of, in order, and what no file holds."""

    parts: tuple[FilePart, ...]
    missing: tuple[Segment, ...]


class Locator:
    """Chooses files. The archive is asked once for each kind of file and block of its grid, whatever is cut from it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        # What ends in an error is not remembered.
        self._events = lru_cache(_REMEMBERED)(archive.event_versions)
        self._run_candidates = lru_cache(_REMEMBERED)(self._ask_run_candidates)
        self._event_candidates = lru_cache(_REMEMBERED)(self._ask_event_candidates)

    def choose(self, wanted: FileKind, span: Segment) -> ChosenFiles:
        """Choose the files for a span. Asks for the events' files only where the runs leave something open."""
        choices = [self._choose_in_block(wanted, part) for part in _blocks(span)]
        parts = [part for choice in choices for part in choice.parts]
        missing = segmentlist(segment(gap.start, gap.stop) for choice in choices for gap in choice.missing)
        return ChosenFiles(tuple(_joined(parts)), from_segmentlist(missing.coalesce()))

    def nearby(self, wanted: FileKind, span: Segment) -> tuple[Segment, ...]:
        """Return what the archive has within a day of a span: sorted, disjoint, touching files joined."""
        around = Segment(max(0, span.start - _NEIGHBOURHOOD), span.stop + _NEIGHBOURHOOD)
        files = [file for _, file in self._ask_run_candidates(wanted, around)]
        files += [file for _, file in self._ask_event_candidates(wanted, span)]
        return from_segmentlist(segmentlist(segment(f.span.start, f.span.stop) for f in files).coalesce())

    def _choose_in_block(self, wanted: FileKind, span: Segment) -> ChosenFiles:
        start = span.start // _GRID * _GRID
        block = Segment(start, start + _GRID)
        of_runs = self._run_candidates(wanted, block)
        choice = assemble(span, of_runs)
        return assemble(span, [*of_runs, *self._event_candidates(wanted, block)]) if choice.missing else choice

    def _ask_run_candidates(self, wanted: FileKind, span: Segment) -> list[Candidate]:
        """Return the runs' files: first what lies inside its own run, then whole files.

        Where one run follows another at once, both have a file around the border, each with NaN in the other
        run's seconds.
        """
        inside: list[Candidate] = []
        whole: list[Candidate] = []
        for run in self._archive.runs(wanted.detector):
            # A run's first and last file may reach beyond it, by less than their length.
            if run.span.start - LONGEST_FILE >= span.stop or run.span.stop + LONGEST_FILE <= span.start:
                continue
            for file in self._archive.run_files(
                run.name, wanted.detector, span, sample_rate=wanted.sample_rate, file_format=wanted.file_format
            ):
                whole.append((file.span, file))
                start, stop = max(file.span.start, run.span.start), min(file.span.stop, run.span.stop)
                if start < stop:
                    inside.append((Segment(start, stop), file))
        return inside + whole

    def _ask_event_candidates(self, wanted: FileKind, span: Segment) -> list[Candidate]:
        """Return the files released with events, the preferred ones first."""
        events = [
            event
            for event in self._events(int(span.start) - LONGEST_FILE, int(span.stop) + LONGEST_FILE)
            if wanted.detector in event.detectors
        ]
        candidates: list[Candidate] = []
        for event in sorted(events, key=_rank):
            files = self._archive.event_files(
                event.short_name,
                wanted.detector,
                span,
                sample_rate=wanted.sample_rate,
                file_format=wanted.file_format,
            )
            # The longest first, whatever is asked for: a second's file must not depend on what is asked with it.
            candidates += [(file.span, file) for file in sorted(files, key=lambda file: -file.span.duration)]
        return candidates


def assemble(span: Segment, candidates: Iterable[Candidate]) -> ChosenFiles:
    """Cover a span, giving each second to the first candidate that has it.

    Parameters
    ----------
    span
        What is to be covered.
    candidates
        In the order of preference.
    """
    open_parts = segmentlist([segment(span.start, span.stop)])
    taken: list[FilePart] = []
    for usable, file in candidates:
        gained = open_parts & segmentlist([segment(usable.start, usable.stop)])
        taken += [FilePart(Segment(a, b), file) for a, b in gained]
        open_parts -= gained
    taken.sort(key=lambda part: part.span)
    return ChosenFiles(tuple(_joined(taken)), from_segmentlist(open_parts))


def nearest_runs(runs: Sequence[ObservingRun], span: Segment) -> tuple[ObservingRun, ...]:
    """Return the last run that starts before the span, and the first after it; those that meet it, too."""
    before = [run for run in runs if run.span.start < span.stop]
    after = [run for run in runs if run.span.start >= span.stop]
    meeting = [run for run in before if run.span.stop > span.start]
    return tuple(meeting or (before[-1:] + after[:1]))


def from_segmentlist(segments: segmentlist) -> tuple[Segment, ...]:
    """Return this project's segments for those of igwn_segments."""
    return tuple(Segment(a, b) for a, b in segments)


def _blocks(span: Segment) -> list[Segment]:
    """Cut a span at the grid on which the archive's own files lie."""
    edges = [span.start, *range(int(span.start // _GRID + 1) * _GRID, ceil(span.stop), _GRID), span.stop]
    return [Segment(start, stop) for start, stop in pairwise(edges)]


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


def _joined(parts: Sequence[FilePart]) -> list[FilePart]:
    """Join neighbouring parts of one file, so that it is downloaded once."""
    joined: list[FilePart] = []
    for part in parts:
        if joined and joined[-1].file == part.file and joined[-1].span.stop == part.span.start:
            joined[-1] = FilePart(Segment(joined[-1].span.start, part.span.stop), part.file)
        else:
            joined.append(part)
    return joined
