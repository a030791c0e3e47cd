"""What a fetch is cut into: background files to make, and the blocks of an archive in which their strain is asked for.

A block lies between two borders of the archive's own files and is worked on by one process, so that each of
those files is downloaded and decoded once, whatever number of background files it serves.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from aframe_data import __version__
from aframe_data.checks import interferometer
from aframe_data.strain.plan import block_length, blocks, file_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.plugin.records import StrainFetcherProvider
    from aframe_data.registry.choice import Choice
    from aframe_data.strain.gaps import Gaps
    from aframe_data.types import Segment


#: Path and span of the files that a piece became: one, or several where it was split.
Files = tuple[tuple["Path", "Segment"], ...]


@dataclass(frozen=True)
class Store:
    """Where raw files of an archive lie.

    Attributes
    ----------
    folder
        Where they lie while they are needed.
    cache, cache_size
        Where they are kept for other runs, and how many bytes of them.
    """

    folder: Path
    cache: Path | None = None
    cache_size: int = 0


@dataclass(frozen=True)
class Wanted:
    """One channel, and as what it is wanted.

    Attributes
    ----------
    channel
        As the user wrote it.
    choices
        Strain fetchers in the order in which they are tried.
    sample_rate, dtype
        Of the background files.
    partial
        Whether spans may be missing; if not, one that no source has ends the work.
    """

    channel: str
    choices: tuple[Choice, ...]
    sample_rate: float
    dtype: str
    partial: bool = False

    @property
    def ifo(self) -> str:
        """The interferometer's prefix."""
        return interferometer(self.channel)

    @property
    def alignment(self) -> int:
        """The length, in seconds, of the files of the archive that is asked first."""
        return cast("StrainFetcherProvider", self.choices[0].provider).alignment

    @property
    def digest(self) -> str:
        """Twelve digits that differ wherever the strain may differ."""
        told = [(choice.key, choice.data_description) for choice in self.choices]
        text = json.dumps([__version__, self.channel, self.sample_rate, self.dtype, told], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class PartSpec:
    """One part to make: a stretch of a background file within one block.

    Attributes
    ----------
    path
        Where it goes.
    span
        Whole GPS seconds.
    first, last
        Whether its file begins, or ends, with it.
    """

    path: Path
    span: Segment
    first: bool
    last: bool


@dataclass(frozen=True)
class BlockTask:
    """A unit of work: the parts of one channel in one block."""

    wanted: Wanted
    parts: tuple[PartSpec, ...]
    store: Store

    def __str__(self) -> str:
        return f"{self.wanted.channel} from {self.parts[0].span.start:.10g} to {self.parts[-1].span.stop:.10g}"


@dataclass(frozen=True)
class FileTask:
    """One background file to make.

    Attributes
    ----------
    path, prefix
        Where it goes, and what the names of all files begin with.
    span
        Whole GPS seconds.
    wanted
        Its channels, one for each interferometer, in the order of these.
    gaps
        What becomes of what should not be used.
    record
        The provenance of the command; what is learned on the way is added.
    overwrite
        Make the file even if a sound one is there.
    earlier
        Files that are there of a part of the span, into which an earlier fetch split it.
    """

    path: Path
    prefix: str
    span: Segment
    wanted: tuple[Wanted, ...]
    gaps: Gaps
    record: Mapping[str, Any] = field(repr=False)
    overwrite: bool = False
    earlier: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return self.path.name

    @property
    def sample_rate(self) -> float:
        """Of the file, in Hz."""
        return self.wanted[0].sample_rate

    @property
    def dtype(self) -> str:
        """Of the file."""
        return self.wanted[0].dtype

    @property
    def nbytes(self) -> int:
        """Bytes of strain."""
        return file_bytes(self.span, len(self.wanted), self.sample_rate, self.dtype)

    def parts(self, folder: Path) -> dict[Wanted, tuple[PartSpec, ...]]:
        """The parts of each channel, in order, which lie in `folder`."""
        return {wanted: self._parts(wanted, wanted.digest, folder) for wanted in self.wanted}

    def _parts(self, wanted: Wanted, digest: str, folder: Path) -> tuple[PartSpec, ...]:
        spans = blocks(self.span, wanted.alignment)
        return tuple(
            _part(wanted.ifo, digest, folder, span, first=span is spans[0], last=span is spans[-1]) for span in spans
        )


def _part(ifo: str, digest: str, folder: Path, span: Segment, *, first: bool, last: bool) -> PartSpec:
    # A part at the end of its file also holds what lies beyond: one from the middle of another file does not.
    place = "whole" if first and last else "first" if first else "last" if last else "inner"
    path = folder / f"{ifo}-{int(span.start)}-{int(span.duration)}-{place}-{digest}.hdf5"
    return PartSpec(path, span, first=first, last=last)


def block_tasks(files: Sequence[FileTask], folder: Path, store: Store) -> tuple[BlockTask, ...]:
    """The units of work for some files: in order of time, each block of the archive in one of them a channel."""
    grouped: dict[tuple[int, Wanted], list[PartSpec]] = defaultdict(list)
    for task in files:
        for wanted, parts in task.parts(folder).items():
            length = block_length(wanted.alignment)
            for part in parts:
                grouped[int(part.span.start) // length * length, wanted].append(part)
    ordered = sorted(grouped.items(), key=lambda item: (item[0][0], item[0][1].ifo))
    return tuple(BlockTask(wanted, tuple(parts), store) for (_, wanted), parts in ordered)


@dataclass(frozen=True)
class FetchPlan:
    """What a fetch will do; everything that can be checked before the work has been checked.

    Attributes
    ----------
    tasks
        One for each file, in order.
    dropped
        Segments, or remainders of them, that are too short for a file.
    sources
        Keys of the strain fetchers that are asked.
    present
        Files that are there already, as far as can be told without reading them whole, by the path of their task.
    parts
        Folder of what is not whole yet.
    store
        Where raw files of the archive lie.
    """

    tasks: tuple[FileTask, ...]
    dropped: tuple[Segment, ...]
    sources: tuple[str, ...]
    present: Mapping[Path, Files]
    parts: Path
    store: Store

    @property
    def missing(self) -> tuple[FileTask, ...]:
        """The files that will be made."""
        return tuple(task for task in self.tasks if task.path not in self.present)

    @cached_property
    def units(self) -> int:
        """The number of units of work, at least one."""
        present = sum(len(files) for files in self.present.values())
        return max(1, present + len(block_tasks(self.missing, self.parts, self.store)))

    @property
    def work(self) -> int:
        """Bytes of strain of all files: what progress is counted in."""
        return sum(task.nbytes for task in self.tasks)

    @property
    def nbytes(self) -> int:
        """Bytes that will be written and stay."""
        return sum(task.nbytes for task in self.missing)

    @property
    def temporary_nbytes(self) -> int:
        """Bytes that are needed besides while the work goes on: for the parts of the largest file."""
        return max((task.nbytes for task in self.missing), default=0)
