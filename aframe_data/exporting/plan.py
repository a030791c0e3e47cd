"""What an export will do: finished files are found and checked, and written in the format of another tool."""

from __future__ import annotations

import hashlib
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from aframe_data.exporting.listing import find_files
from aframe_data.exporting.published import files_in, output_at, publishing_file, publishing_folder, require_intact
from aframe_data.places import local_place
from aframe_data.plugin.exported import ExportSource
from aframe_data.registry.choice import choose
from aframe_data.reports.export import ExportForecast, ExportReport
from aframe_data.store.identity import provenance
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.exporting.sources import SignalsFile, StrainSource
    from aframe_data.plugin.exported import Export as Exporter
    from aframe_data.plugin.records import ExportProvider
    from aframe_data.registry.choice import Choice
    from aframe_data.requests.export import Export
    from aframe_data.store.identity import Identity
    from aframe_data.store.output import RecordedFile
    from aframe_data.work.plan import Work

#: Raised when the same files come out of an export in another way.
RECIPE = 1
#: Sources that a record names one by one: it is an attribute, which has little room.
_MOST_NAMED = 200


def plan(request: Export) -> ExportPlan:
    """Plan an export; no array is read."""
    choice = choose("export", request.to, request.export_options)
    choice.registered.require_installed()
    return ExportPlan(request, choice)


@dataclass(frozen=True, eq=False)
class ExportPlan(Plan[ExportReport]):
    """A plan of an export.

    Attributes
    ----------
    request, choice
        What was asked for, and the export with its options.
    """

    request: Export
    choice: Choice

    @property
    def path(self) -> Path:
        """Where to."""
        return local_place(self.request.output_file)

    @property
    def provider(self) -> ExportProvider:
        """The export's record."""
        return cast("ExportProvider", self.choice.provider)

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """The file or the folder."""
        return (output_at(self.path, folder=self.provider.folder),)

    @cached_property
    def _found(self) -> tuple[tuple[SignalsFile, ...], tuple[StrainSource, ...]]:
        return find_files(local_place(self.request.source), self.provider)

    @property
    def _files(self) -> tuple[SignalsFile | StrainSource, ...]:
        signals, strain = self._found
        return (*signals, *strain)

    @property
    def inputs(self) -> Sequence[Path]:
        """The files that are exported."""
        return [file.path for file in self._files]

    @property
    def nbytes(self) -> int:
        """About as many bytes as the files have; a format that leaves the waveforms out has far fewer."""
        return sum(file.nbytes for file in self._files)

    @cached_property
    def identity(self) -> Identity:
        """What the output is a function of: names and content of the files, and the export."""
        content = hashlib.sha256()
        for file in self._files:
            content.update(f"{file.name}:{file.known_hash()}\n".encode())
        return {
            "command": self.request.command,
            "recipe": RECIPE,
            "export": self.choice.identity,
            "content": content.hexdigest(),
        }

    def forecast(self, work: Work) -> ExportForecast:
        """Say what would be exported."""
        del work
        return ExportForecast(self.path, self.choice.key, *self._extent, nbytes=self.nbytes)

    def make(self, work: Work) -> ExportReport:
        """Check the files, and write those of the other tool.

        Raises
        ------
        DataQualityError
            A file changed since it was written, or holds what is not finite.
        UsageError
            The format has no room for what a file holds.
        """
        signals, strain = self._found
        exporter: Exporter = self.choice.create()
        advance = work.phase("checking files", len(self._files))
        for file in self._files:
            file.require_sound()
            advance(1)
        advance = work.phase(f"exporting to {self.choice.key}", 1)
        publishing = publishing_folder if self.provider.folder else publishing_file
        # A plugin's words are no results.
        with publishing(self.path, self._record()) as temporary, redirect_stdout(sys.stderr), self.choice.at_work():
            exporter.export(ExportSource(signals, strain), temporary)
        advance(1)
        return self._report(present=False)

    def recall(self, work: Work) -> ExportReport:
        """Check the output that is there."""
        del work
        require_intact(self.path)
        return self._report(present=True)

    @property
    def _extent(self) -> tuple[int, int, float]:
        """How many files, signals and seconds of strain are exported."""
        signals, strain = self._found
        return (
            len(self._files),
            sum(file.length for file in signals),
            float(sum(file.segment.duration for file in strain)),
        )

    def _report(self, *, present: bool) -> ExportReport:
        return ExportReport(self.path, self.choice.key, *self._extent, files_in(self.path), present=present)

    def _record(self) -> dict[str, Any]:
        sources = [{"file": str(file.path), "content": file.known_hash()} for file in self._files[:_MOST_NAMED]]
        return provenance(
            {**self.request.arguments, "source": str(self.request.source)},
            self.identity,
            export=self.choice.describe(),
            sources=sources,
            **({"num_sources": len(self._files)} if len(self._files) > _MOST_NAMED else {}),
        )
