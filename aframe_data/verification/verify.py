"""Verifying a folder of background files: the plan, the work, and the report."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.errors import StoreError, UsageError
from aframe_data.formats import background_names, segwizard
from aframe_data.places import place
from aframe_data.remote import RemotePath
from aframe_data.reports.verify import Verified
from aframe_data.requests.fetch import SHORTEST
from aframe_data.segments import arithmetic
from aframe_data.strain.plan import require_disjoint
from aframe_data.verification.examination import FileFacts, FileUnit, examine
from aframe_data.verification.findings import Finding
from aframe_data.verification.folder import FolderListing, find_segments, list_folder
from aframe_data.verification.judgement import Expected, findings_of
from aframe_data.work.plan import Plan, Told
from aframe_data.work.units import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.requests.verify import Verify
    from aframe_data.segments.arithmetic import Segments
    from aframe_data.work.plan import Work
    from aframe_data.work.units import Outcome

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class VerifyReport(Verified):
    """What was found in a folder.

    Attributes
    ----------
    request
        What was asked for.
    segments
        What the files should cover, or None.
    segments_file
        Where they came from, if they came from a file.
    min_duration
        Seconds from which on a span without a file is missing.
    files
        What each file holds, in the order of the names.
    """

    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    request: Verify
    segments: Segments | None
    segments_file: Path | None
    min_duration: float
    files: tuple[FileFacts, ...]

    @property
    def background(self) -> tuple[FileFacts, ...]:
        """The files that count: all but those of another form that hold no strain."""
        prefix = f"{self.request.prefix}-"
        return tuple(file for file in self.files if file.content or file.path.name.startswith(prefix))

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "folder": str(self.request.folder),
            "prefix": self.request.prefix,
            "sound": self.sound,
            "quick": self.request.quick,
            "segments_file": None if self.segments_file is None else str(self.segments_file),
            "segments": None if self.segments is None else len(self.segments),
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


@dataclass(frozen=True)
class VerifyPlan(Plan[VerifyReport]):
    """A plan to verify a folder; nothing is made.

    Attributes
    ----------
    request
        What was asked for.
    """

    request: Verify

    def forecast(self, work: Work) -> Told:
        """Look what would be examined; errors as `make`."""
        del work
        listing, _, _ = self._look()
        folder = str(self.request.folder)
        return Told({"folder": folder, "files": len(listing.files), "quick": self.request.quick})

    def make(self, work: Work) -> VerifyReport:
        """Read the files, and judge them; what is wrong is in the report, and raises nothing.

        Raises
        ------
        UsageError
            There is no such folder, or no file of that prefix, or the segments cannot be read.
        StoreError
            It is a folder of objects, and the store cannot be reached any more.
        """
        listing, segments, segments_file = self._look()
        units = [FileUnit(path, self.request.quick) for path in listing.files]
        advance = work.phase("checking files", len(units))
        files = [_facts(outcome) for outcome in work.engine.run(examine, units, window=len(units), advance=advance)]
        expected = Expected(self.request, self._shortest(files), segments)
        found = [*findings_of(files, expected), *_beside(listing)]
        for finding in found:
            _logger.info("%s: %s: %s", finding.kind, finding.where, finding.text)
        contents = [file.content for file in files if file.content]
        return VerifyReport(
            request=self.request,
            segments=segments,
            segments_file=segments_file,
            min_duration=expected.min_duration,
            files=tuple(files),
            livetime=arithmetic.livetime(content.span for content in contents),
            ifos=tuple(sorted({ifo for content in contents for ifo in content.ifos})),
            problems=tuple(finding for finding in found if finding.is_problem),
            notes=tuple(finding for finding in found if not finding.is_problem),
        )

    def _look(self) -> tuple[FolderListing, Segments | None, Path | None]:
        """What lies in the folder; what the files should cover, and the file that says so."""
        folder, given = place(self.request.folder), self.request.segments
        listing = list_folder(folder, self.request.prefix)
        if given is None and self.request.look_for_segments:
            given = find_segments(folder)
        if given is None:
            return listing, None, None
        if isinstance(given, (str, Path, RemotePath)):
            file, segments = place(given), segwizard.read_segments(place(given))
        else:
            file, segments = None, tuple(given)
        if not segments:
            raise UsageError(f"{file or 'the list of segments'} holds no segments.")
        require_disjoint(segments)
        return listing, segments, file

    def _shortest(self, files: Sequence[FileFacts]) -> float:
        """The shortest file that counts: as asked, as the files' own fetch had it, or as a fetch has it by default."""
        if self.request.min_duration is not None:
            return self.request.min_duration
        known = [file.content.min_duration for file in files if file.content and file.content.min_duration is not None]
        return min(known, default=SHORTEST)


def _facts(outcome: Outcome[FileUnit, FileFacts]) -> FileFacts:
    """What a unit found; a file that ends its reader is damaged."""
    if outcome.error is None:
        return outcome.value
    if isinstance(outcome.error, StoreError):
        raise outcome.error
    path = outcome.unit.path
    return FileFacts(path, background_names.parse_file_name(path), damage=told(outcome.error))


def _beside(listing: FolderListing) -> Iterator[Finding]:
    for path in listing.others:
        yield Finding("other", "has another prefix and was not examined, but Aframe reads it too", path)
    for path in listing.leftovers:
        yield Finding("leftover", "a temporary file: delete it if no command is at work here", path)
