"""What a fetch will do: the background files of a span or of segments, each of which stands for itself."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.checks import interferometer
from aframe_data.errors import UsageError
from aframe_data.filestore import open_store
from aframe_data.filestore.temporary import folder_of_process
from aframe_data.formats import segwizard
from aframe_data.registry.candidates import choose_each
from aframe_data.reports.fetch import FetchForecast, FetchReport, PlannedFile
from aframe_data.requests.fetch import FAIL, Fetch
from aframe_data.segments import arithmetic
from aframe_data.store.atomic import remove_leftovers, require_replaceable
from aframe_data.store.identity import provenance
from aframe_data.strain import plan as planning
from aframe_data.strain.folder import BackgroundFolder
from aframe_data.strain.gaps import Gaps
from aframe_data.strain.present import look
from aframe_data.strain.run import fetch_files, named
from aframe_data.strain.tasks import Batch, FileTask, Store, Wanted
from aframe_data.types import Segment
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.registry.choice import Choice
    from aframe_data.store.identity import Identity
    from aframe_data.strain.present import BackgroundOutput
    from aframe_data.work.plan import Work


_logger = logging.getLogger(__name__)


def plan(request: Fetch) -> FetchPlan:
    """Plan a fetch; the sources are chosen, and have accepted their options.

    Raises
    ------
    UsageError
        A source or an option of one is unknown, or none takes a channel; the cache is of no use, or cannot be used.
    """
    sources = choose_each("strain", request.source, request.channels, request.source_options or {})
    every = tuple({choice.key: choice for choices in sources.values() for choice in choices}.values())
    for choice in every:
        choice.create()  # a provider refuses its options here, before any work
    wanted = tuple(
        Wanted(channel, sources[channel], request.sample_rate, request.dtype, partial=request.gaps != FAIL)
        for channel in sorted(request.channels, key=interferometer)
    )
    return FetchPlan(request, wanted, every, _store(request, every))


def _store(request: Fetch, sources: Sequence[Choice]) -> Store:
    """Where raw files will lie."""
    working = folder_of_process(_parts(request) / "raw")
    if request.cache is None:
        return Store(working)
    if not any(getattr(choice.provider, "files", False) for choice in sources):
        names = ", ".join(choice.key for choice in sources)
        raise UsageError(f"cache = {str(request.cache)!r} has no use: {names} gives no files that could be kept.")
    store = Store(working, Path(request.cache).absolute(), int(request.cache_size))
    open_store(store.cache, store.cache_size, working)  # refuses what cannot be used, and makes nothing yet
    return store


def _parts(request: Fetch) -> Path:
    """The folder of what is not whole yet."""
    return Path(request.output_directory) / f"{request.prefix}.parts"


@dataclass(frozen=True, eq=False)
class FetchPlan(Plan[FetchReport]):
    """A plan of a fetch.

    Attributes
    ----------
    request
        What was asked for.
    wanted
        Its channels, in the order of their interferometers.
    sources
        The strain fetchers that are asked.
    store
        Where raw files of the archive lie.
    """

    request: Fetch
    wanted: tuple[Wanted, ...]
    sources: tuple[Choice, ...]
    store: Store

    @cached_property
    def outputs(self) -> Sequence[BackgroundOutput]:
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
        prefix, gaps, record = self.request.prefix, self._gaps, self._record()
        paths = planning.file_paths(Path(self.request.output_directory), prefix, kept)
        require_replaceable(max(paths, key=lambda path: len(path.name)))  # else all names are short enough
        together, overwrite = arithmetic.coalesce(kept), self.request.overwrite
        return tuple(
            look(FileTask(path, prefix, span, self.wanted, gaps, record, overwrite), self._folder, together)
            for path, span in zip(paths, kept, strict=True)
        )

    @property
    def inputs(self) -> Sequence[Path]:
        """The segments file."""
        return (self.request.segments,) if isinstance(self.request.segments, Path) else ()

    @property
    def parts(self) -> Path:
        """Folder of what is not whole yet."""
        return _parts(self.request)

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
        return sum(task.nbytes for task in self._batch.missing)

    @property
    def temporary_nbytes(self) -> int:
        """Bytes of the parts of the largest file."""
        longest = max(self._batch.missing, key=lambda task: task.span.duration, default=None)
        return 0 if longest is None else longest.nbytes

    def forecast(self, work: Work) -> FetchForecast:
        """Say which files would be fetched; how long that takes is assumed."""
        del work
        if self._batch.replaced:
            _logger.warning(
                "would be removed, as files of the same time replace them: %s", named([*self._batch.replaced])
            )
        files = []
        for task, there in self._batch.files:
            if there is None:
                files.append(PlannedFile(task.path, task.span, "missing", task.nbytes))
            else:
                files += [PlannedFile(path, span, "present", task.nbytes_of(span)) for path, span in there]
        return FetchForecast(
            tuple(files),
            self._batch.dropped,
            tuple(choice.key for choice in self.sources),
            self.nbytes,
            self.temporary_nbytes,
            self.parts,
        )

    def make(self, work: Work) -> FetchReport:
        """Check the files that are there, and fetch the others."""
        # A killed run may have left some of files into which a span was split, whose names are not those of outputs.
        self._remove_half_written()
        try:
            return fetch_files(work, self._batch)
        finally:  # nor may a worker that was killed while it joined a file
            self._remove_half_written()

    def recall(self, work: Work) -> FetchReport:
        """Check the files that are there."""
        return fetch_files(work, self._batch)

    def _remove_half_written(self) -> None:
        folder = BackgroundFolder(Path(self.request.output_directory), self.request.prefix)
        remove_leftovers(folder.half_written())

    @cached_property
    def _batch(self) -> Batch:
        files = tuple((output.task, None if self.request.overwrite else output.found) for output in self.outputs)
        _, dropped = self._pieces
        replaced: dict[Path, list[Path]] = defaultdict(list)
        for output in self.outputs:
            for path in output.replaced:
                replaced[path].append(output.path)
        return Batch(files, dropped, self.parts, self.store, replaced)

    @cached_property
    def _folder(self) -> BackgroundFolder:
        return BackgroundFolder(Path(self.request.output_directory), self.request.prefix)

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

    def _record(self) -> dict[str, object]:
        sources = [choice.describe() for choice in self.sources]
        return provenance(self.request.arguments, self.identity, sources=sources)


def _segments(request: Fetch) -> Sequence[Segment]:
    """The times that are wanted."""
    if request.segments is None:
        assert request.start is not None  # noqa: S101 - `Fetch.check` has seen to it
        assert request.end is not None  # noqa: S101
        return (Segment(request.start, request.end),)
    given = request.segments
    found = segwizard.read_segments(Path(given)) if isinstance(given, (str, Path)) else tuple(given)
    if not found:
        raise UsageError(f"{given} holds no segments.")
    planning.require_disjoint(found)
    return found
