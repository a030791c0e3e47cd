"""What a fetch is cut into: background files to make, and the blocks of an archive in which their strain is asked for.

A block lies between two borders of the archive's own files and is worked on by one process, so that each of
those files is downloaded and decoded once, whatever number of background files it serves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from aframe_data.checks import interferometer
from aframe_data.store.identity import encode
from aframe_data.strain.plan import block_length, blocks, file_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.plugin.records import StrainFetcherProvider
    from aframe_data.registry.choice import Choice
    from aframe_data.store.identity import Identity
    from aframe_data.strain.gaps import Gaps
    from aframe_data.types import Segment


#: Of the way from an archive's samples to a file's: raise it when it gives other samples than it did.
RECIPE = 1

#: Path and span of the files that a piece became: one, or several where it was split.
Files: TypeAlias = "tuple[tuple[Path, Segment], ...]"


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

    @cached_property
    def ifo(self) -> str:
        """The interferometer's prefix."""
        return interferometer(self.channel)

    @cached_property
    def alignment(self) -> int:
        """The length, in seconds, of the files of the archive that is asked first."""
        return cast("StrainFetcherProvider", self.choices[0].provider).alignment

    @cached_property
    def sources(self) -> tuple[Identity, ...]:
        """What of each source the data depends on."""
        return tuple(choice.identity for choice in self.choices)

    @cached_property
    def described(self) -> tuple[dict[str, Any], ...]:
        """The same as files of version 0.1 have it."""
        told = [(choice, choice.describe()) for choice in self.choices]
        return tuple(
            {**each, "options": {name: each["options"][name] for name in sorted(choice.data_options)}}
            for choice, each in told
        )

    @property
    def identity(self) -> Identity:
        """What the strain is a function of, beside its span."""
        return {
            "channel": self.channel,
            "sample_rate": self.sample_rate,
            "dtype": self.dtype,
            "sources": list(self.sources),
            "recipe": RECIPE,
        }

    @cached_property
    def digest(self) -> str:
        """Twelve digits that differ wherever the strain may differ."""
        return hashlib.sha256(encode(self.identity).encode()).hexdigest()[:12]


class PartSpec(NamedTuple):
    """One part to make: a stretch of a background file within one block.

    Attributes
    ----------
    folder
        Where it goes.
    ifo, digest
        Of the channel.
    span
        Whole GPS seconds.
    first, last
        Whether its file begins, or ends, with it.
    """

    folder: Path
    ifo: str
    digest: str
    span: Segment
    first: bool
    last: bool

    @property
    def name(self) -> str:
        """Of its file; the same for whoever wants the same strain."""
        # A part at the end of its file also holds what lies beyond: one from the middle of another file does not.
        place = ("whole" if self.last else "first") if self.first else "last" if self.last else "inner"
        return f"{self.ifo}-{int(self.span.start)}-{int(self.span.duration)}-{place}-{self.digest}.hdf5"

    @property
    def path(self) -> Path:
        """Of its file."""
        return self.folder / self.name


#: The parts of a background file: of each channel, in order of time.
Parts: TypeAlias = "tuple[tuple[Wanted, tuple[PartSpec, ...]], ...]"


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
        return self.nbytes_of(self.span)

    def nbytes_of(self, span: Segment) -> int:
        """Bytes of strain of a part of its span."""
        return file_bytes(span, len(self.wanted), self.sample_rate, self.dtype)

    def parts(self, folder: Path) -> Parts:
        """The parts of each channel, which lie in `folder`."""
        return tuple((wanted, self._parts(wanted, folder)) for wanted in self.wanted)

    def _parts(self, wanted: Wanted, folder: Path) -> tuple[PartSpec, ...]:
        ifo, digest, spans = wanted.ifo, wanted.digest, blocks(self.span, wanted.alignment)
        last = len(spans) - 1
        return tuple(
            PartSpec(folder, ifo, digest, span, number == 0, number == last) for number, span in enumerate(spans)
        )


@dataclass(frozen=True)
class Batch:
    """Background files to fetch, with those of them that are there.

    Attributes
    ----------
    files
        In order, each with what is there of it already, as far as can be told without reading that whole; or None.
    dropped
        Segments, or remainders of them, that are too short for a file.
    parts
        Folder of what is not whole yet.
    store
        Where raw files of the archive lie.
    replaced
        Files that are removed when others of all their time are whole, each with the paths of those.
    """

    files: tuple[tuple[FileTask, Files | None], ...]
    dropped: tuple[Segment, ...]
    parts: Path
    store: Store
    replaced: Mapping[Path, Sequence[Path]] = field(default_factory=dict)

    @cached_property
    def missing(self) -> tuple[FileTask, ...]:
        """The files that will be made."""
        return tuple(task for task, there in self.files if there is None)

    @property
    def nbytes(self) -> int:
        """Bytes of strain of all files: what progress is counted in."""
        return sum(task.nbytes for task, _ in self.files)


def block_tasks(files: Iterable[Parts], store: Store) -> Iterator[BlockTask]:
    """The units of work for the parts of files, one for each channel and block of the archive, as blocks are complete.

    Parameters
    ----------
    files
        In order of time; taken only as units are.
    """
    blocks: dict[tuple[int, str], tuple[Wanted, list[PartSpec]]] = {}
    for parts in files:
        begins = parts[0][1][0].span.start
        complete = [key for key, (wanted, _) in blocks.items() if key[0] + block_length(wanted.alignment) <= begins]
        yield from _in_order({key: blocks.pop(key) for key in complete}, store)
        for wanted, specs in parts:
            length = block_length(wanted.alignment)
            for spec in specs:
                _, together = blocks.setdefault((int(spec.span.start) // length * length, wanted.ifo), (wanted, []))
                together.append(spec)
    yield from _in_order(blocks, store)


def _in_order(blocks: Mapping[tuple[int, str], tuple[Wanted, list[PartSpec]]], store: Store) -> Iterator[BlockTask]:
    for _, (wanted, specs) in sorted(blocks.items(), key=itemgetter(0)):
        yield BlockTask(wanted, tuple(specs), store)
