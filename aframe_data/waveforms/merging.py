"""Joining ledger files of one kind, for those who make them in pieces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.checks import output_changed, output_exists
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import ledger
from aframe_data.formats import record as records
from aframe_data.formats.ledger_source import NUM_INJECTIONS, LedgerSource, open_source
from aframe_data.reports.merge import MergeForecast, MergeReport
from aframe_data.requests.shared import paths_given
from aframe_data.store.atomic import require_replaceable
from aframe_data.store.identity import difference, encode, provenance
from aframe_data.store.output import RecordedFile
from aframe_data.waveforms.pieces import require_alike, require_distinct, warn_of_differences
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.requests.merge import Merge
    from aframe_data.store.identity import Identity
    from aframe_data.work.plan import Work

_SOURCES = "sources"


@dataclass(frozen=True, eq=False)
class MergePlan(Plan[MergeReport]):
    """Ledger files that are joined.

    Attributes
    ----------
    request
        What was asked for.
    """

    request: Merge

    @property
    def path(self) -> Path:
        """Where to."""
        return Path(self.request.output_file)

    @property
    def outputs(self) -> Sequence[MergedFile]:
        """The one file."""
        return (MergedFile(self.path, self),)

    @property
    def inputs(self) -> Sequence[Path]:
        """The files to join."""
        return paths_given(self.request.files)

    @cached_property
    def sources(self) -> tuple[LedgerSource, ...]:
        """The files, in the order of their rows; what can be checked without reading arrays has been checked."""
        sources = tuple(map(open_source, self.inputs))
        require_distinct(sources)
        for source in sources[1:]:
            require_alike(sources[0], source)
        return sources

    @property
    def layout(self) -> ledger.Layout:
        """The output's shape."""
        first = self.sources[0].layout
        attributes = dict(first.attributes)
        if NUM_INJECTIONS in attributes:
            attributes[NUM_INJECTIONS] = sum(source.num_injections or 0 for source in self.sources)
        return replace(first, length=sum(source.layout.length for source in self.sources), attributes=attributes)

    @property
    def num_injections(self) -> int | None:
        """Of all files together; None where they do not say."""
        return self.layout.attributes.get(NUM_INJECTIONS)

    @property
    def nbytes(self) -> int:
        """Bytes of the output."""
        return self.layout.nbytes + sum(len(encode(source.record or {})) for source in self.sources)

    @cached_property
    def identity(self) -> Identity:
        """What the output is a function of; a file without a hash is read for it."""
        return self._identity([source.measure_hash() for source in self.sources])

    def forecast(self, work: Work) -> MergeForecast:
        """Say what would be joined."""
        del work
        warn_of_differences(self.sources)
        return MergeForecast(self.path, len(self.sources), self.layout.length, self.num_injections, self.nbytes)

    def make(self, work: Work) -> MergeReport:
        """Join the files.

        Raises
        ------
        DataQualityError
            One is damaged, or changed since it was written.
        """
        warn_of_differences(self.sources)
        advance = work.phase("joining rows", self.layout.length)
        with ledger.create(self.path, self.layout) as writer:
            hashes = [source.append_to(writer, advance) for source in self.sources]
            writer.finish(self._record(hashes))
        return self._report(present=False)

    def recall(self, work: Work) -> MergeReport:
        """Check the output that is there."""
        del work
        if not ledger.summarize(self.path).intact:
            raise output_changed(self.path)
        return self._report(present=True)

    def _report(self, *, present: bool) -> MergeReport:
        return MergeReport(self.path, len(self.sources), self.layout.length, self.num_injections, present=present)

    def _identity(self, hashes: Sequence[str]) -> Identity:
        sources = [
            {"length": source.layout.length, NUM_INJECTIONS: source.num_injections, records.CONTENT_HASH: content}
            for source, content in zip(self.sources, hashes, strict=True)
        ]
        return {"command": self.request.command, _SOURCES: sources}

    def _record(self, hashes: Sequence[str]) -> dict[str, Any]:
        identity = self._identity(hashes)
        sources = [
            {"file": str(source.path), **known, "provenance": source.record}
            for source, known in zip(self.sources, identity[_SOURCES], strict=True)
        ]
        files = [str(path) for path in self.inputs]
        return provenance({**self.request.arguments, "files": files}, identity, **{_SOURCES: sources})


@dataclass(frozen=True, eq=False)
class MergedFile:
    """The output of a merge: its record tells of the files' rows, and its attributes are those of the files.

    Attributes
    ----------
    path
        Where it is, or will be.
    plan
        What it is joined from.
    """

    path: Path
    plan: MergePlan

    def require_usable(self) -> None:
        """Refuse a path at which no file can appear."""
        require_replaceable(self.path)

    def identity(self) -> Identity | None:
        """What the file that is there is the output of; None where there is none."""
        return RecordedFile(self.path, ledger.read_record).identity()

    def holds(self, wanted: Identity) -> bool:
        """Whether the file is there.

        Raises
        ------
        OutputExistsError
            It is, and was not joined from files of the same content and metadata.
        """
        found = self.identity()
        if found is None:
            return False
        if not found.get(_SOURCES):
            raise output_exists(self.path, "it was not made by merge")
        first = self.plan.sources[0]
        try:
            there = open_source(self.path)
            require_alike(there, first)
        except (DataQualityError, UsageError) as error:
            raise output_exists(self.path, str(error)) from error
        if difference(found, wanted) or there.num_injections != self.plan.num_injections:
            raise output_exists(self.path, "it was joined from other files")
        return True
