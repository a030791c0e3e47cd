"""What a fetch is cut into: background files to make, and the blocks of an archive in which their strain is asked for.

A block lies between two borders of the archive's own files and is worked on by one process, so that each of
those files is downloaded and decoded once, whatever number of background files it serves.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aframe_data import __version__
from aframe_data.checks import interferometer
from aframe_data.strain.gaps import FAIL
from aframe_data.strain.plan import block_length, blocks, file_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.providers import StrainFetcherProvider
    from aframe_data.selection import Choice
    from aframe_data.strain.gaps import Gaps
    from aframe_data.types import Segment


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
    channels
        One for each interferometer.
    sample_rate, dtype
        Of the file.
    sources
        Strain fetchers in the order in which they are tried.
    gaps
        What becomes of what should not be used.
    record
        The provenance of the command; what is learned on the way is added.
    overwrite
        Make the file even if a sound one is there.
    """

    path: Path
    prefix: str
    span: Segment
    channels: tuple[str, ...]
    sample_rate: float
    dtype: str
    sources: tuple[Choice, ...]
    gaps: Gaps
    record: Mapping[str, Any] = field(repr=False)
    overwrite: bool = False

    def __str__(self) -> str:
        return self.path.name

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The channels, in the order of their interferometers."""
        partial = self.gaps.policy != FAIL
        found = [Wanted(channel, self.sources, self.sample_rate, self.dtype, partial) for channel in self.channels]
        return tuple(sorted(found, key=lambda wanted: wanted.ifo))

    @property
    def nbytes(self) -> int:
        """Bytes of strain."""
        return file_bytes(self.span, len(self.channels), self.sample_rate, self.dtype)

    def parts(self, folder: Path) -> dict[Wanted, tuple[PartSpec, ...]]:
        """The parts of each channel, in order, which lie in `folder`."""
        spans = blocks(self.span, alignment_of(self.sources))
        return {
            wanted: tuple(
                PartSpec(
                    folder / f"{wanted.ifo}-{int(span.start)}-{int(span.duration)}-{digest}.hdf5",
                    span,
                    first=span is spans[0],
                    last=span is spans[-1],
                )
                for span in spans
            )
            for wanted, digest in ((wanted, wanted.digest) for wanted in self.wanted)
        }


def alignment_of(sources: Sequence[Choice]) -> int:
    """The length, in seconds, of the files of the archive that is asked first."""
    return cast("StrainFetcherProvider", sources[0].provider).alignment


def block_tasks(files: Sequence[FileTask], folder: Path, store: Store) -> tuple[BlockTask, ...]:
    """The units of work for some files: in order of time, each block of the archive in one of them a channel."""
    grouped: dict[tuple[int, str], list[tuple[Wanted, PartSpec]]] = defaultdict(list)
    for task in files:
        length = block_length(alignment_of(task.sources))
        for wanted, parts in task.parts(folder).items():
            for part in parts:
                grouped[int(part.span.start) // length, wanted.ifo].append((wanted, part))
    return tuple(
        BlockTask(found[0][0], tuple(part for _, part in found), store) for _, found in sorted(grouped.items())
    )
