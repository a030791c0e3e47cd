"""The plan of a page: it reads a folder, and writes the page anew each time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from aframe_data.checks import output_exists
from aframe_data.dataset_report.album import Album
from aframe_data.dataset_report.collect import examine_files, problems_of, verified
from aframe_data.dataset_report.croissant import croissant_of
from aframe_data.dataset_report.listing import list_files, parent
from aframe_data.dataset_report.page import GENERATOR, write_page
from aframe_data.dataset_report.pictures import (
    MODULES,
    draw_examples,
    draw_noise,
    draw_psd,
    draw_segments,
    draw_signals,
    prior_of,
)
from aframe_data.dataset_report.remake import read_build, remake_of, stages_of
from aframe_data.dataset_report.segments import read_segments
from aframe_data.dataset_report.signals import read_signals, role_of, total_livetime
from aframe_data.dataset_report.strain import read_strain, spans_of
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.formats.record_parts import records_of
from aframe_data.places import place
from aframe_data.reports.dataset import (
    CAMPAIGN,
    REJECTED,
    TRAINING,
    VALIDATION,
    DatasetReport,
    Remark,
    SegmentsFacts,
    SignalsFacts,
    StrainFacts,
    Totals,
)
from aframe_data.segments import arithmetic
from aframe_data.store.atomic import require_replaceable, write_text
from aframe_data.types import Segment
from aframe_data.work import plan as work_plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.dataset_report.collect import Background
    from aframe_data.dataset_report.examination import Examination
    from aframe_data.dataset_report.listing import Listing
    from aframe_data.requests.report import Report
    from aframe_data.store.identity import Identity
    from aframe_data.work.plan import Work

#: Signals that count.
_COUNTED = (TRAINING, VALIDATION, CAMPAIGN)
#: Characters from the start of a page in which it says what wrote it.
_HEAD = 1000


@dataclass(frozen=True)
class DerivedFile:
    """A file that is made anew each time, since it only shows others; one that somebody else wrote stays.

    Attributes
    ----------
    path
        Where it is, or will be.
    sign
        What stands at the beginning of one of ours.
    """

    path: Path
    sign: str

    def require_usable(self) -> None:
        """Refuse a path at which no file can appear."""
        require_replaceable(self.path)

    def identity(self) -> Identity | None:
        """Nothing is asked of a former one."""
        return None

    def holds(self, wanted: Identity) -> bool:
        """Never; raises an `OutputExistsError` where a file of somebody else is there."""
        del wanted
        if self.path.exists():
            with self.path.open(encoding="utf-8", errors="replace") as file:
                if self.sign not in file.read(_HEAD):
                    raise output_exists(self.path)
        return False


@dataclass(frozen=True)
class ReportPlan(work_plan.Plan[DatasetReport]):
    """A plan of a page about a data set.

    Attributes
    ----------
    request
        What was asked for.
    """

    request: Report

    @property
    def outputs(self) -> Sequence[DerivedFile]:
        """The page, and the metadata where they are asked for."""
        page = DerivedFile(self.request.page, GENERATOR)
        return (page, *(DerivedFile(path, '"@context"') for path in self._croissant))

    @property
    def _croissant(self) -> list[Path]:
        return [] if self.request.croissant is None else [place(self.request.croissant)]

    @property
    def inputs(self) -> Sequence[Path]:
        """All files of the folder."""
        return (*(file.path for file in self._listing.files), *self._listing.pieces)

    @property
    def modules(self) -> Sequence[str]:
        """What its units import."""
        return ("aframe_data.dataset_report.collect", "scipy.signal", *MODULES)

    @cached_property
    def _listing(self) -> Listing:
        return list_files(place(self.request.folder))

    def forecast(self, work: Work) -> work_plan.Told:
        """Say what would be read; errors as `make`."""
        del work
        values = {"folder": str(self.request.folder), "files": len(self._listing.files), "page": str(self.request.page)}
        return work_plan.Told({**values, "quick": self.request.quick})

    def make(self, work: Work) -> DatasetReport:
        """Read the folder, and write the page; what is wrong with the data is in it, and raises nothing.

        Raises
        ------
        UsageError
            There is no such folder.
        AframeDataError
            The page cannot be written.
        """
        request, listing = self.request, self._listing
        found = examine_files(listing, work, quick=request.quick)
        backgrounds = verified(listing, found, work, quick=request.quick)
        album = Album()
        segments, strain, signals = _described(found, backgrounds, album)
        album.draw(work)
        build, wrong = read_build(DatasetLayout(listing.root).record)
        told = _all_told(found, backgrounds, wrong)
        totals = _totals(found, listing, signals, backgrounds)
        croissant = croissant_of([one.file for one in found], totals)
        report = DatasetReport(
            page=request.page,
            croissant_file=next(iter(self._croissant), None),
            quick=request.quick,
            totals=totals,
            remake=remake_of(build, found),
            segments=tuple(segments),
            strain=tuple(strain),
            signals=tuple(signals),
            stages=stages_of(build),
            problems=tuple(one for one in told if one.problem),
            notes=tuple(one for one in told if not one.problem),
            files=tuple(one.file for one in found),
            pieces=len(listing.pieces),
            croissant=croissant,
        )
        write_page(request.page, report, album)
        for path in self._croissant:
            write_text(path, json.dumps(croissant, indent=1, ensure_ascii=False) + "\n")
        return report


def _described(
    found: Sequence[Examination], backgrounds: Sequence[Background], album: Album
) -> tuple[list[SegmentsFacts], list[StrainFacts], list[SignalsFacts]]:
    """The facts of segments, strain and signals, with their pictures."""
    segments, strain, signals = [], [], []
    for one in found:
        if one.file.kind == "segments":
            asked = read_segments(one)
            segments.append(asked)
            covering = [group for group in backgrounds if group.segments == one.name]
            spans = [span for group in covering for span in spans_of(group.files)]
            kinds = {kind for group in covering for kind in group.lines}
            lines = {kind: [span for group in covering for span in group.lines.get(kind, ())] for kind in kinds}
            draw_segments(album, asked, one.path, spans, lines)
        if one.file.kind == "PSD":
            draw_psd(album, one)
    for group in backgrounds:
        if group.files:
            missing = group.lines.get("missing", ())
            told = read_strain(group.name, group.files, group.noises, group.segments, missing)
            strain.append(told)
            if told.span is not None:
                draw_noise(album, told.folder, group.noises, Segment(*told.span))
    ledgers = [(role_of(one), one) for one in found if one.file.kind in ("waveforms", "parameters")]
    priors = {prior_of(one): one for role, one in reversed(ledgers) if role == TRAINING and prior_of(one)}
    pairs = []
    for role, one in ledgers:
        rejected = next((other for its, other in ledgers if its == REJECTED != role and _belongs(other, one)), None)
        facts = read_signals(one, rejected)
        signals.append(facts)
        if role != REJECTED and facts.number:
            pairs.append((facts, one))
            draw_signals(album, facts, one, rejected, priors)
    draw_examples(album, pairs)
    return segments, strain, signals


def _belongs(rejected: Examination, signals: Examination) -> bool:
    """Whether parameters were rejected for signals: they are beside them, and of the same command."""
    made = [[record.get("identity") for record in records_of(one.record)] for one in (rejected, signals)]
    return made[0] == made[1] and role_of(signals) != TRAINING and parent(rejected.name) == parent(signals.name)


def _all_told(found: Sequence[Examination], backgrounds: Sequence[Background], build: str) -> list[Remark]:
    """All findings, each once: what `verify` says of a file need not be said by its examination too."""
    findings = [one for group in backgrounds for one in group.findings]
    named = {one.where for one in findings if one.problem}
    others = [one for one in problems_of(found) if one.where not in named]
    if build:
        others.append(Remark("damaged", "build.json", f"cannot be read: {build}", problem=True))
    return list(dict.fromkeys([*findings, *others]))


def _totals(
    found: Sequence[Examination],
    listing: Listing,
    signals: Sequence[SignalsFacts],
    backgrounds: Sequence[Background],
) -> Totals:
    spans = [span for group in backgrounds for span in spans_of(group.files)]
    number: dict[str, int] = {role: sum(one.number for one in signals if one.role == role) for role in _COUNTED}
    return Totals(
        files=len(found),
        nbytes=sum(one.file.nbytes for one in found) + sum(path.stat().st_size for path in listing.pieces),
        background=arithmetic.livetime(spans),
        training=number[TRAINING],
        validation=number[VALIDATION],
        injections=number[CAMPAIGN],
        livetime=total_livetime(one.livetime for one in signals if one.role == CAMPAIGN),
    )
