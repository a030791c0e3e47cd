"""Verifying a folder of background files: the plan, the work, and the report."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.formats import background, segwizard
from aframe_data.requests.fetch import SHORTEST
from aframe_data.segments import arithmetic
from aframe_data.strain.plan import require_disjoint
from aframe_data.types import Phase, silent
from aframe_data.verification.examination import FileCheck, FileFacts, examine
from aframe_data.verification.findings import Finding
from aframe_data.verification.folder import Listing, find_segments, list_folder
from aframe_data.verification.judgement import Expected, judge
from aframe_data.work import engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.types import Segment

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class VerifyPlan:
    """What will be verified; the arguments have been checked.

    Attributes
    ----------
    folder, prefix, sample_rate, ifos, min_duration, quick
        As given to `verify`; `ifos` sorted.
    listing
        What lies in the folder.
    segments
        What the files should cover, or None.
    segments_file
        Where they came from, if they came from a file.
    """

    folder: Path
    prefix: str
    sample_rate: float | None
    ifos: tuple[str, ...] | None
    min_duration: float | None
    quick: bool
    listing: Listing
    segments: tuple[Segment, ...] | None
    segments_file: Path | None


@dataclass(frozen=True)
class VerifyReport:
    """What was found in a folder.

    Attributes
    ----------
    plan
        What was verified, against what.
    min_duration
        Seconds from which on a span without a file is missing.
    files
        What each file holds, in the order of the names.
    problems, notes
        What is wrong, and what is told besides, in the order of time.
    """

    plan: VerifyPlan
    min_duration: float
    files: tuple[FileFacts, ...]
    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def background(self) -> tuple[FileFacts, ...]:
        """The files that count: all but those of another form that hold no strain."""
        return tuple(file for file in self.files if file.content or file.path.name.startswith(f"{self.plan.prefix}-"))

    @property
    def livetime(self) -> float:
        """Seconds that files cover, each counted once."""
        return arithmetic.livetime(file.content.span for file in self.files if file.content)

    @property
    def ifos(self) -> tuple[str, ...]:
        """The interferometers of all files."""
        return tuple(sorted({ifo for file in self.files if file.content for ifo in file.content.ifos}))

    def describe(self) -> dict[str, Any]:
        """The report as plain values, for a machine."""
        segments = self.plan.segments
        return {
            "folder": str(self.plan.folder),
            "prefix": self.plan.prefix,
            "sound": self.sound,
            "quick": self.plan.quick,
            "segments_file": None if self.plan.segments_file is None else str(self.plan.segments_file),
            "segments": None if segments is None else len(segments),
            "min_duration": self.min_duration,
            "livetime": self.livetime,
            "ifos": list(self.ifos),
            "files": [_describe(file) for file in self.background],
            "problems": [finding.describe() for finding in self.problems],
            "notes": [finding.describe() for finding in self.notes],
        }


def _describe(file: FileFacts) -> dict[str, Any]:
    content = file.content
    return {
        "file": file.path.name,
        "span": content and [content.span.start, content.span.stop],
        "sample_rate": content and content.sample_rate,
        "ifos": content and list(content.ifos),
        "dtype": content and content.dtype,
        "intact": content and content.intact,
    }


def verify(
    folder: str | Path,
    *,
    segments: str | Path | Sequence[Segment] | None = None,
    look_for_segments: bool = True,
    sample_rate: float | None = None,
    ifos: Sequence[str] | None = None,
    min_duration: float | None = None,
    prefix: str = "background",
    quick: bool = False,
    workers: int | None = None,
) -> VerifyReport:
    """Check a folder of background files: each by itself, all among themselves, and against segments.

    Worker processes import the calling script: outside of functions it must be guarded by
    ``if __name__ == "__main__":``.

    Parameters
    ----------
    folder
        Of the files; nothing is written there.
    segments
        A segments file, or segments, that the files should cover.
    look_for_segments
        Without `segments`: take ``segments.txt`` in the folder, or else beside it, if it is there.
    sample_rate
        Of the files, in Hz; by default that of most.
    ifos
        Interferometers of the files; by default those of most.
    min_duration
        Seconds of the shortest file: what is shorter and has none is not missing. By default, that of the
        fetch that made the files, or 10.
    prefix
        Of the files' names.
    quick
        Read names and metadata only, no samples.
    workers
        Files read at a time; by default as many as there are CPUs.

    Returns
    -------
    VerifyReport
        What is wrong is in it, and raises nothing.

    Raises
    ------
    UsageError
        An argument is wrong: no such folder, no files of that prefix, segments that cannot be read.
    """
    plan = plan_verify(
        folder,
        segments=segments,
        look_for_segments=look_for_segments,
        sample_rate=sample_rate,
        ifos=ifos,
        min_duration=min_duration,
        prefix=prefix,
        quick=quick,
    )
    return run_verify(plan, workers=workers)


def plan_verify(
    folder: str | Path,
    *,
    segments: str | Path | Sequence[Segment] | None = None,
    look_for_segments: bool = True,
    sample_rate: float | None = None,
    ifos: Sequence[str] | None = None,
    min_duration: float | None = None,
    prefix: str = "background",
    quick: bool = False,
) -> VerifyPlan:
    """Check the arguments of `verify`, and look what is there; reads no strain."""
    checks.require_prefix(prefix)
    if sample_rate is not None:
        checks.require_positive("sample_rate", sample_rate)
    if min_duration is not None:
        checks.require_at_least("min_duration", min_duration, 0)
    folder = Path(folder)
    listing = list_folder(folder, prefix)
    if segments is None and look_for_segments:
        segments = find_segments(folder)
    wanted = None if segments is None else _read(segments)
    return VerifyPlan(
        folder=folder,
        prefix=prefix,
        sample_rate=sample_rate,
        ifos=None if ifos is None else _require_ifos(ifos),
        min_duration=min_duration,
        quick=quick,
        listing=listing,
        segments=wanted,
        segments_file=Path(segments) if isinstance(segments, (str, Path)) else None,
    )


def _read(segments: str | Path | Sequence[Segment]) -> tuple[Segment, ...]:
    found = segwizard.read_segments(Path(segments)) if isinstance(segments, (str, Path)) else tuple(segments)
    if not found:
        raise UsageError(f"{segments} holds no segments.")
    require_disjoint(found)
    return found


def _require_ifos(ifos: Sequence[str]) -> tuple[str, ...]:
    checks.require_one_channel_each(ifos)
    return tuple(sorted(checks.interferometer(ifo) for ifo in ifos))


def run_verify(plan: VerifyPlan, *, workers: int | None = None, on_phase: Phase = silent) -> VerifyReport:
    """Read the files that `plan_verify` found, and judge them.

    Parameters
    ----------
    workers
        Files read at a time.
    on_phase
        Told of the one phase, counted in files.
    """
    count = engine.available_cpus() if workers is None else workers
    checks.require_count("workers", count)
    units = [FileCheck(path, plan.quick) for path in plan.listing.files]
    with engine.pool(min(count, len(units)), on_advance=on_phase("files", len(units))) as running:
        files = [_facts(outcome) for outcome in running.run(examine, units, window=len(units))]
    expected = Expected(
        prefix=plan.prefix,
        min_duration=_shortest(plan, files),
        sample_rate=plan.sample_rate,
        ifos=plan.ifos,
        segments=plan.segments,
    )
    found = [*judge(files, expected), *_beside(plan.listing)]
    for finding in found:
        _logger.info("%s: %s: %s", finding.kind, finding.where, finding.text)
    return VerifyReport(
        plan,
        expected.min_duration,
        tuple(files),
        problems=tuple(finding for finding in found if finding.is_problem),
        notes=tuple(finding for finding in found if not finding.is_problem),
    )


def _facts(outcome: engine.Outcome[FileCheck, FileFacts]) -> FileFacts:
    """What a unit found; a file that ends its reader is damaged."""
    if outcome.result is not None:
        return outcome.result
    path = outcome.unit.path
    reason = " ".join(f"{type(outcome.error).__name__}: {outcome.error}".split())
    return FileFacts(path, background.parse_file_name(path), damage=reason)


def _shortest(plan: VerifyPlan, files: Sequence[FileFacts]) -> float:
    """The shortest file that counts: as asked, as the files' own fetch had it, or as a fetch has it by default."""
    if plan.min_duration is not None:
        return plan.min_duration
    known = [file.content.min_duration for file in files if file.content and file.content.min_duration is not None]
    return min(known, default=SHORTEST)


def _beside(listing: Listing) -> Iterator[Finding]:
    for path in listing.others:
        yield Finding("other", "of another prefix: not looked at, and Aframe reads it too", path)
    for path in listing.leftovers:
        yield Finding("leftover", "a temporary file: delete it if no command is at work here", path)
