"""From a folder to what is told of it: files examined, folders of background verified, noise measured."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import join
from typing import TYPE_CHECKING

from aframe_data.dataset_report.examination import Examination, ExaminationUnit, examine
from aframe_data.dataset_report.listing import parent, without_path
from aframe_data.dataset_report.noise import Noise, SpectraUnit, measure, most_steps
from aframe_data.errors import AframeDataError
from aframe_data.psd.background import read_outline
from aframe_data.reports.dataset import DataFile, Remark
from aframe_data.requests.verify import Verify
from aframe_data.verification.folder import SEGMENTS
from aframe_data.verification.verify import VerifyPlan
from aframe_data.work.units import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aframe_data.dataset_report.listing import Found, Listing
    from aframe_data.psd.background import StrainFile
    from aframe_data.types import Segment
    from aframe_data.verification.findings import Finding
    from aframe_data.verification.verify import VerifyReport
    from aframe_data.work.plan import Work

_PREFIX = "background"


@dataclass(frozen=True)
class Background:
    """A folder of background files of one prefix.

    Attributes
    ----------
    name
        The folder's, with the prefix where it is another than usual.
    files
        What is in it.
    findings
        Of `verify`.
    segments
        Name of the segments file that the files were compared with, or None.
    noises
        Of each interferometer.
    lines
        Spans that are missing, and that were cut or filled.
    """

    name: str
    files: tuple[Examination, ...]
    findings: tuple[Remark, ...]
    segments: str | None
    noises: Mapping[str, Noise | None]
    lines: Mapping[str, tuple[Segment, ...]]


def examine_files(listing: Listing, work: Work, *, quick: bool) -> list[Examination]:
    """Read all files, each by itself; a file that ends its reader is damaged."""
    units = [ExaminationUnit(file, quick) for file in listing.files]
    advance = work.phase("examining files", len(units))
    found = []
    for outcome in work.engine.run(examine, units, window=len(units), advance=advance):
        if outcome.error is None:
            found.append(outcome.value)
        else:
            file = outcome.unit.file
            damaged = DataFile(file.name, "damaged", file.path.stat().st_size, None, None)
            found.append(Examination(damaged, file.path, problems=(told(outcome.error),)))
    return found


def problems_of(found: Sequence[Examination]) -> Iterator[Remark]:
    """What is wrong with files by themselves."""
    for one in found:
        for problem in one.problems:
            yield Remark(one.file.kind, one.name, problem, problem=one.file.kind != "other")


def verified(listing: Listing, found: Sequence[Examination], work: Work, *, quick: bool) -> list[Background]:
    """Each folder of background, verified and measured."""
    known = {one.name: one for one in found if one.file.kind == "background"}
    groups = listing.backgrounds()
    backgrounds = []
    findings: tuple[Remark, ...]
    lines: dict[str, tuple[Segment, ...]]
    for (folder, prefix), files in groups.items():
        there = tuple(known[file.name] for file in files if file.name in known)
        name = folder if prefix == _PREFIX else join(folder, prefix or "other names")
        if not prefix and any(other == folder and one for other, one in groups):
            findings, segments, lines = (), None, {}  # told with those that have a prefix
        else:
            findings, segments, lines = _verify(listing, folder, prefix or _PREFIX, work, quick=quick)
        noises, unmeasured = _measure(there, name, work)
        backgrounds.append(Background(name, there, (*findings, *unmeasured), segments, noises, lines))
    return backgrounds


def _verify(
    listing: Listing, folder: str, prefix: str, work: Work, *, quick: bool
) -> tuple[tuple[Remark, ...], str | None, dict[str, tuple[Segment, ...]]]:
    segments = _segments_of(listing, folder)
    path = listing.root / folder
    wrong: list[Remark] = []
    report: VerifyReport | None = None
    for given in (segments, None) if segments else (None,):
        request = Verify(
            folder=path,
            segments=None if given is None else given.path,
            look_for_segments=given is not None,
            prefix=prefix,
            quick=quick,
        )
        try:
            report = VerifyPlan(request).make(work)
            break
        except AframeDataError as error:
            wrong.append(
                Remark("not verified", folder or ".", listing.relative(without_path(error, path)), problem=True)
            )
    if report is None:
        return tuple(wrong), None, {}
    findings = (*report.problems, *report.notes)
    lines = {kind: tuple(one.span for one in findings if one.kind == kind and one.span) for kind in ("missing", "cut")}
    lines["filled"] = tuple(edit.span for file in report.files if file.content for edit in file.content.filled)
    compared = None if segments is None or report.segments is None else segments.name
    return (*wrong, *(_told(finding, folder, listing) for finding in findings)), compared, lines


def _told(finding: Finding, folder: str, listing: Listing) -> Remark:
    where = finding.where if finding.path is None else join(folder, finding.where)
    return Remark(finding.kind, where, listing.relative(finding.text), finding.is_problem)


def _segments_of(listing: Listing, folder: str) -> Found | None:
    """The segments file of a folder: in it, or beside it; never outside the data set."""
    there = {file.name: file for file in listing.of("text")}
    names = (join(place, SEGMENTS) for place in (folder, parent(folder)))
    return next((there[name] for name in names if name in there), None)


def _measure(found: Sequence[Examination], name: str, work: Work) -> tuple[dict[str, Noise | None], list[Remark]]:
    """The noise of each interferometer of some files, and of which it could not be measured."""
    files = tuple(_outlines(found))
    ifos = sorted({ifo for file in files for ifo in file.ifos})
    units = [SpectraUnit(ifo, files) for ifo in ifos]
    advance = work.phase("looking at noise", len(units) * most_steps(files))
    noises: dict[str, Noise | None] = dict.fromkeys(ifos)
    unmeasured = []
    for outcome in work.engine.run(measure, units, advance=advance):
        if outcome.error is None:
            noises[outcome.unit.ifo] = outcome.result
        else:
            text = f"the noise of {outcome.unit.ifo} could not be measured: {told(outcome.error)}"
            unmeasured.append(Remark("noise", name, text, problem=True))
    return noises, unmeasured


def _outlines(found: Sequence[Examination]) -> Iterator[StrainFile]:
    for one in found:
        try:
            yield read_outline(one.path)
        except AframeDataError:  # which `verify` tells
            continue
