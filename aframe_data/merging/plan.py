"""Joining ledger files of one kind, for those who make them in pieces."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aframe_data.checks import output_exists, require_unchanged
from aframe_data.errors import AframeDataError, DataQualityError, UsageError
from aframe_data.formats import ledger
from aframe_data.formats.kinds import KIND_NAMES, kind_of
from aframe_data.formats.ledger_source import NUM_INJECTIONS, LedgerSource, open_source
from aframe_data.merging.joined import REMOVED, SOURCES, Joined, absolute, entry, injections_of, read_joined
from aframe_data.merging.listing import files_of, lines_of
from aframe_data.merging.parts import in_order, whole_draws, whole_of, whole_record
from aframe_data.merging.pieces import (
    joined_layout,
    require_distinct,
    require_one_set,
    require_same_attributes,
    tell_what_is_left_out,
)
from aframe_data.merging.repeats import require_no_repeats
from aframe_data.places import is_local, place
from aframe_data.reports.merge import MergeForecast, MergeReport
from aframe_data.requests.shared import paths_given
from aframe_data.store.atomic import flush
from aframe_data.store.identity import difference, encode, provenance
from aframe_data.store.output import RecordedFile
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.requests.merge import Merge
    from aframe_data.store.identity import Identity
    from aframe_data.work.plan import Work


@dataclass(frozen=True, eq=False)
class MergePlan(Plan[MergeReport]):
    """Ledger files that are joined."""

    request: Merge

    @property
    def path(self) -> Path:
        """Where to."""
        return place(self.request.output_file)

    @property
    def outputs(self) -> Sequence[MergedFile]:
        """The one file."""
        return (MergedFile(self.path, ledger.read_record, self),)

    @cached_property
    def there(self) -> Joined:
        """What is known of the files of which the output that is there was joined; nothing if there is none."""
        return read_joined(self.path)

    @cached_property
    def gone(self) -> dict[Path, dict[str, Any]]:
        """The inputs that need not be there, since the output holds them: what it says of them, by absolute paths."""
        return {} if self.request.overwrite else self.there.gone

    @cached_property
    def inputs(self) -> Sequence[Path]:
        """The files to join, in the order of their rows."""
        listed = lines_of(place(self.request.files_from)) if self.request.files_from else ()
        given = (*paths_given(self.request.files), *listed)
        # A folder that lost a file is another folder, unless the files of this output are removed.
        removing = self.request.remove_inputs or self.there.removing
        return files_of(given, self.path, tuple(self.gone) if removing else ())

    @cached_property
    def sources(self) -> tuple[LedgerSource, ...]:
        """The files that are there, in the order of their rows; of arrays, none was read."""
        sources = tuple(_opened(path) for path in self.inputs if absolute(path) not in self.gone)
        require_distinct(sources)
        # What a removal left is compared with the output.
        left = self.request.remove_inputs and not self.request.overwrite and self.there.whole is not None
        return in_order(sources, some=left or bool(self.gone))

    @cached_property
    def whole(self) -> Identity | None:
        """The identity of the run that the files are the parts of; None where they are none."""
        return whole_of(self.sources[0]) if self.sources else self.there.whole

    @cached_property
    def layout(self) -> ledger.Layout:
        """The output's shape; the files belong together, and no draw is in two of them."""
        self._require_no_loss()
        require_one_set(self.sources)
        layout = joined_layout(self.sources)
        if self.whole is None:  # the parts of a run are different by its seed
            require_no_repeats(self.sources, layout.parameters)
        return layout

    @property
    def nbytes(self) -> int:
        """Bytes of the output."""
        return self.layout.nbytes + sum(len(encode(source.record or {})) for source in self.sources)

    @cached_property
    def identity(self) -> Identity:
        """What the output is a function of; a file without a hash is read for it."""
        if self.whole is not None:
            return self.whole
        found = {source.path: source for source in self.sources}
        return self._identity(
            [_entry(found[path]) if path in found else self.gone[absolute(path)] for path in self.inputs]
        )

    @property
    def outstanding(self) -> bool:
        """Whether files are to be removed of which the output that is there was joined."""
        return self.request.remove_inputs and bool(self.sources)

    def forecast(self, work: Work) -> MergeForecast:
        """Say what would be joined, or what is left to be removed."""
        del work
        removed = len(self.sources) if self.request.remove_inputs else 0
        if self.path.exists() and not self.request.overwrite:
            return MergeForecast(*self._extent(present=True), nbytes=0, num_removed=removed, present=True)
        tell_what_is_left_out(self.sources)
        return MergeForecast(*self._extent(present=False), nbytes=self.nbytes, num_removed=removed)

    def make(self, work: Work) -> MergeReport:
        """Join the files.

        Raises
        ------
        DataQualityError
            One is damaged, or changed since it was written.
        """
        tell_what_is_left_out(self.sources)
        advance = work.phase("joining rows", self.layout.length)
        columns = [{} for _ in self.sources] if self.whole is None else whole_draws(self.sources)
        with ledger.create(self.path, self.layout) as writer:
            entries = [
                _entry(source, source.append_to(writer, advance, columns=more))
                for source, more in zip(self.sources, columns, strict=True)
            ]
            writer.finish(self._record(entries))
        return self._report(present=False)

    def recall(self, work: Work) -> MergeReport:
        """Check the output that is there."""
        del work
        return self._report(present=True)

    def _extent(self, *, present: bool) -> tuple[Path, int, int, int | None]:
        """Where to, and of how many files, rows and injections; the last is None where the files do not say."""
        if present:
            there = open_source(self.path)
            return self.path, len(self.inputs), there.layout.length, there.num_injections
        return self.path, len(self.sources), self.layout.length, self.layout.attributes.get(NUM_INJECTIONS)

    def _report(self, *, present: bool) -> MergeReport:
        if present or self.request.remove_inputs:
            require_unchanged(self.path, intact=ledger.summarize(self.path).intact)
        removed = self._remove_inputs(present=present) if self.request.remove_inputs else 0
        return MergeReport(*self._extent(present=present), present=present, num_removed=removed)

    def _remove_inputs(self, *, present: bool) -> int:
        """Remove the files that were joined, if what is on the disk holds them: only files, and links themselves."""
        for source in self.sources if present else ():
            if source.written_hash not in (None, source.measure_hash()):
                raise DataQualityError(
                    f"{source.path} changed since it was joined into {self.path}: no input was removed."
                )
        if is_local(self.path):
            flush(self.path.parent)
        for source in self.sources:
            if source.is_replaced():
                raise DataQualityError(
                    f"{source.path} changed after it was read: no input was removed. {self.path} is complete."
                )
        for source in self.sources:
            try:
                source.path.unlink(missing_ok=True)
            except OSError as error:
                raise AframeDataError(
                    f"cannot remove {source.path}: {os.strerror(error.errno or 0)}. {self.path} is complete; "
                    "the same command removes what is left."
                ) from error
        return len(self.sources)

    def _require_no_loss(self) -> None:
        """Refuse to replace an output that holds the last of some files which were removed together."""
        there = self.there
        lost = sorted(there.gone)
        if not lost or not (there.removing or self.request.remove_inputs):
            return
        left = [path for path in self.inputs if absolute(path) in there.sources]
        if left:
            raise UsageError(
                f"{self.path} holds the signals of {left[0]} and of {len(lost)} that were removed, such as {lost[0]}: "
                "they would be lost. Finish the removal without --overwrite, or delete the file first."
            )

    def _identity(self, entries: Sequence[dict[str, Any]]) -> Identity:
        return {"command": self.request.command, SOURCES: list(entries)}

    def _record(self, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
        sources: list[dict[str, Any]] = [
            {"file": str(source.path), **known} for source, known in zip(self.sources, entries, strict=True)
        ]
        if self.whole is not None:  # as one machine writes it; only what is removed must be known
            return {**whole_record(self.sources), **({SOURCES: sources} if self.request.remove_inputs else {})}
        for told, source in zip(sources, self.sources, strict=True):
            told["provenance"] = source.record
        asked: dict[str, Any] = {"files": [str(path) for path in paths_given(self.request.files)]}
        if self.request.files_from:
            asked["files_from"] = str(self.request.files_from)
        if self.request.remove_inputs:
            asked[REMOVED] = True
        return provenance({**self.request.arguments, **asked}, self._identity(entries), **{SOURCES: sources})


def _opened(path: Path) -> LedgerSource:
    """One of the files to join; refused by what it is, where that is something else."""
    try:
        return open_source(path)
    except DataQualityError as error:
        try:
            kind = kind_of(path)
        except DataQualityError:  # of no kind any more
            raise error from None
        if kind in ("ledger", "other"):  # damaged, or not finished
            raise
        raise UsageError(
            f"{str(path)!r} is {KIND_NAMES[kind]}; merge joins ledger files: waveforms, signals or rejected parameters."
        ) from error


def _entry(source: LedgerSource, content: str | None = None) -> dict[str, Any]:
    return entry(source.layout.length, source.num_injections, content or source.known_hash())


@dataclass(frozen=True, eq=False)
class MergedFile(RecordedFile):
    """The output of a merge: its record tells of the files' rows, and its attributes are those of the files.

    Attributes
    ----------
    plan
        What it is joined from.
    """

    plan: MergePlan

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
        whole = self.plan.whole is not None
        told = difference(found, wanted) if whole else "" if found.get(SOURCES) else "it was not made by merge"
        if told:
            raise output_exists(self.path, told)
        try:
            there = open_source(self.path)
            if whole:
                require_one_set((there, *self.plan.sources))
                return True
            for source in self.plan.sources:
                require_same_attributes(there, source)
        except (DataQualityError, UsageError) as error:
            raise output_exists(self.path, str(error)) from error
        if difference(found, wanted) or there.num_injections != injections_of(wanted[SOURCES]):
            raise output_exists(self.path, "it was joined from other files")
        return True
