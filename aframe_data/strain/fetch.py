"""What a fetch will do: the background files of a span or of segments, each of which stands for itself."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.checks import interferometer
from aframe_data.errors import UsageError
from aframe_data.filestore import Storage
from aframe_data.filestore.temporary import folder_of_process
from aframe_data.formats import segwizard
from aframe_data.places import local_place, place
from aframe_data.registry.candidates import choose_each, each_once
from aframe_data.remote import RemotePath
from aframe_data.reports.fetch import FetchForecast, FetchReport, PlannedFile
from aframe_data.requests.fetch import FAIL, Fetch
from aframe_data.segments import arithmetic
from aframe_data.store.atomic import remove_leftovers, require_replaceable
from aframe_data.store.identity import provenance
from aframe_data.strain import plan as planning
from aframe_data.strain.file import WantedFile, look
from aframe_data.strain.folder import BackgroundFolder
from aframe_data.strain.gaps import Gaps
from aframe_data.strain.plan import block_length, blocks
from aframe_data.strain.run import fetch_files, named
from aframe_data.strain.units import Wanted
from aframe_data.types import Segment
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.registry.choice import Choice
    from aframe_data.store.identity import Identity
    from aframe_data.work.plan import Work


_logger = logging.getLogger(__name__)

#: What says where the segments are, and is not the segments.
_PLACES = (str, Path, RemotePath)


def plan(request: Fetch) -> FetchPlan:
    """Plan a fetch; the sources are chosen, and have accepted their options.

    Raises
    ------
    UsageError
        A source or an option of one is unknown, or none takes a channel; the cache is of no use, or cannot be used.
    """
    sources = choose_each("strain", request.source, request.channels, request.source_options or {})
    every = each_once(sources)
    for choice in every:
        choice.create()  # a provider refuses its options here, before any work
    wanted = tuple(
        Wanted(channel, sources[channel], request.sample_rate, request.dtype, partial=request.gaps != FAIL)
        for channel in sorted(request.channels, key=interferometer)
    )
    return FetchPlan(request, wanted, every, _storage(request, every))


def _have_files(sources: Sequence[Choice]) -> bool:
    """Whether one of the fetchers reads whole files of its archive."""
    return any(getattr(choice.provider, "files", False) for choice in sources)


def _storage(request: Fetch, sources: Sequence[Choice]) -> Storage:
    """Where raw files will lie."""
    working = folder_of_process(planning.parts_folder(place(request.output_directory), request.prefix) / "raw")
    if request.cache is None:
        return Storage(working)
    if not _have_files(sources):
        names = ", ".join(choice.key for choice in sources)
        raise UsageError(f"cache = {str(request.cache)!r} has no effect: {names} gives no files that could be kept.")
    storage = Storage(working, local_place(request.cache).absolute(), int(request.cache_size))
    storage.open()  # refuses what cannot be used, and makes nothing yet
    return storage


@dataclass(frozen=True, eq=False)
class FetchPlan(Plan[FetchReport]):
    """A plan of a fetch.

    Attributes
    ----------
    wanted
        The channels, in the order of their interferometers.
    sources
        The strain fetchers that are asked.
    storage
        Where raw files of the archive lie.
    """

    request: Fetch
    wanted: tuple[Wanted, ...]
    sources: tuple[Choice, ...]
    storage: Storage

    @property
    def modules(self) -> Sequence[str]:
        """What its units import."""
        return ("aframe_data.strain.block", *(choice.module for choice in self.sources))

    @cached_property
    def outputs(self) -> tuple[WantedFile, ...]:
        """A file for each piece of the segments, in their order.

        Raises
        ------
        UsageError
            The segments cannot be read, overlap, or are all too short; or a file cannot have its name.
        """
        kept, _ = self._pieces
        if not kept:
            raise UsageError(
                f"no segment is as long as min_duration = {self.request.min_duration:g} s: nothing to fetch."
            )
        prefix, gaps, sources = self.request.prefix, self._gaps, [choice.describe() for choice in self.sources]
        record = provenance(self.request.arguments, self.identity, sources=sources)
        paths = planning.file_paths(place(self.request.output_directory), prefix, kept)
        require_replaceable(max(paths, key=lambda path: len(path.name)))  # else all names are short enough
        together, overwrite = arithmetic.coalesce(kept), self.request.overwrite
        return tuple(
            look(WantedFile(path, prefix, span, self.wanted, gaps, record, overwrite), self._folder, together)
            for path, span in zip(paths, kept, strict=True)
        )

    @property
    def inputs(self) -> Sequence[Path]:
        """The segments file."""
        return (place(self.request.segments),) if isinstance(self.request.segments, _PLACES) else ()

    @property
    def surplus(self) -> Sequence[Path]:
        """Files that whoever reads the folder takes for background: of other times, or by another name."""
        spans = arithmetic.coalesce(file.span for file in self.outputs)
        own = {path for path, span in self._folder.files if arithmetic.covers(spans, span)}
        return sorted({*place(self.request.output_directory).glob("[!.]*.hdf5")} - own)

    @property
    def parts(self) -> Path:
        """Folder of what is not whole yet."""
        return planning.parts_folder(place(self.request.output_directory), self.request.prefix)

    @property
    def independent(self) -> bool:
        """Each file stands for itself."""
        return True

    @cached_property
    def identity(self) -> Identity:
        """What the files are a function of, each beside its span."""
        return {
            "command": self.request.command,
            "strain": [wanted.identity for wanted in self.wanted],
            "gaps": self.request.gaps,
            "require_bits": list(self.request.require_bits),
            "exclude_hardware_injections": self.request.exclude_hardware_injections,
            "shortest": self._gaps.shortest,
        }

    @property
    def nbytes(self) -> int:
        """Bytes of strain of the files that are not there yet."""
        return sum(file.nbytes(file.span) for file in self.outputs if file.found is None)

    @cached_property
    def temporary_nbytes(self) -> int:
        """Bytes of the parts that lie there at once, less those that are there: of all files in the same blocks."""
        try:
            with os.scandir(self.parts) as entries:
                there = {entry.name: entry.stat().st_size for entry in entries}
        except OSError:  # not there, or another command has just removed it
            there = {}
        # As many blocks are in work as there are processes.
        length = max(block_length(wanted.alignment) for wanted in self.wanted) * max(1, self.request.processes())
        at_once: Counter[int] = Counter()
        for file in self.outputs:
            if file.found is None:
                done = sum(there.get(part.path.name, 0) for part in file.parts) if there else 0
                for block in blocks(file.span, length):
                    made = Segment(file.span.start, block.stop)
                    at_once[int(block.start) // length] += max(0, file.nbytes(made) - done)
        return max(at_once.values(), default=0)

    def forecast(self, work: Work) -> FetchForecast:
        """Say which files would be fetched; how long that takes is assumed."""
        del work
        replaced = sorted({path for file in self.outputs for path in file.replaced})
        if replaced:
            _logger.warning("would be removed, as files of the same time replace them: %s", named(replaced))
        files, (_, dropped) = [], self._pieces
        for file in self.outputs:
            if file.found is None:
                files.append(PlannedFile(file.path, file.span, "missing", file.nbytes(file.span)))
            else:
                files += [PlannedFile(path, span, "present", file.nbytes(span)) for path, span in file.found]
        sources = tuple(choice.key for choice in self.sources)
        raw = _have_files(self.sources)
        return FetchForecast(tuple(files), dropped, sources, self.nbytes, self.temporary_nbytes, self.parts, raw)

    def make(self, work: Work) -> FetchReport:
        """Check the files that are there, and fetch the others."""
        try:
            return self.recall(work)
        finally:
            # A worker that was killed, in this run or an earlier one, may have left half of a file into which a span
            # was split, whose name is not that of an output.
            remove_leftovers(BackgroundFolder(place(self.request.output_directory), self.request.prefix).half_written())

    def recall(self, work: Work) -> FetchReport:
        """Check the files that are there."""
        _, dropped = self._pieces
        return fetch_files(work, self.outputs, self.parts, self.storage, dropped)

    @cached_property
    def _folder(self) -> BackgroundFolder:
        return BackgroundFolder(place(self.request.output_directory), self.request.prefix)

    @cached_property
    def _gaps(self) -> Gaps:
        request = self.request
        shortest = max(1, request.min_duration)  # a name says whole seconds
        return Gaps(request.gaps, tuple(request.require_bits), request.exclude_hardware_injections, shortest)

    @cached_property
    def _pieces(self) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
        """The spans of the files, and what is too short for one."""
        request = self.request
        return planning.pieces(
            _segments(request),
            min_duration=request.min_duration,
            max_duration=request.max_duration,
            split=request.split,
        )


def _segments(request: Fetch) -> Sequence[Segment]:
    """The times that are wanted."""
    if request.span is not None:
        return (request.span,)
    given = request.segments
    found = segwizard.read_segments(place(given)) if isinstance(given, _PLACES) else tuple(given or ())
    if not found:
        raise UsageError(f"{given} holds no segments." if isinstance(given, _PLACES) else "there are no segments.")
    planning.require_disjoint(found)
    return found
