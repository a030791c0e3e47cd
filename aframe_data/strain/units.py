"""The units of work of a fetch: the parts of background files in one block of an archive.

A block lies between two borders of the archive's own files and is worked on by one process, so that each of
those files is downloaded and decoded once, whatever number of background files it serves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from aframe_data.checks import interferometer
from aframe_data.store.identity import encode
from aframe_data.strain.plan import block_length, blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from aframe_data.filestore import Storage
    from aframe_data.plugin.records import StrainFetcherProvider
    from aframe_data.registry.choice import Choice
    from aframe_data.store.identity import Identity
    from aframe_data.types import Segment


#: Of the way from an archive's samples to a file's: raise it when it gives other samples than it did.
RECIPE = 1


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

    def nbytes(self, span: Segment) -> int:
        """Bytes of strain of a span."""
        return round(span.duration * self.sample_rate) * np.dtype(self.dtype).itemsize

    def parts(self, span: Segment, folder: Path) -> tuple[WantedPart, ...]:
        """The parts of a file of some span, in order of time; they lie in `folder`."""
        pieces = blocks(span, self.alignment)
        last = len(pieces) - 1
        return tuple(
            WantedPart(self, piece, folder, first=number == 0, last=number == last)
            for number, piece in enumerate(pieces)
        )


class WantedPart(NamedTuple):
    """One part to make: a stretch of a background file within one block.

    Attributes
    ----------
    wanted
        The channel.
    span
        Whole GPS seconds.
    folder
        Where it goes.
    first, last
        Whether its file begins, or ends, with it.
    """

    wanted: Wanted
    span: Segment
    folder: Path
    first: bool
    last: bool

    @property
    def path(self) -> Path:
        """Where it goes; the name is the same for whoever wants the same strain."""
        # A part at the end of its file also holds what lies beyond: one from the middle of another file does not.
        place = ("whole" if self.last else "first") if self.first else "last" if self.last else "inner"
        start, duration = int(self.span.start), int(self.span.duration)
        return self.folder / f"{self.wanted.ifo}-{start}-{duration}-{place}-{self.wanted.digest}.hdf5"


@dataclass(frozen=True)
class BlockUnit:
    """A unit of work: the parts of one channel in one block, in order of time."""

    parts: tuple[WantedPart, ...]
    storage: Storage

    def __str__(self) -> str:
        first, last = self.parts[0], self.parts[-1]
        return f"{first.wanted.channel} from {first.span.start:.10g} to {last.span.stop:.10g}"


def block_units(files: Iterable[Sequence[WantedPart]], storage: Storage) -> Iterator[BlockUnit]:
    """The units of work for the parts of files, one for each channel and block of the archive, as blocks are complete.

    Parameters
    ----------
    files
        In order of time; taken only as units are.
    """
    # By start, interferometer and stop.
    parts_of: dict[tuple[int, str, int], list[WantedPart]] = {}
    for parts in files:
        begins = parts[0].span.start
        for block in sorted(block for block in parts_of if block[2] <= begins):
            yield BlockUnit(tuple(parts_of.pop(block)), storage)
        for part in parts:
            length = block_length(part.wanted.alignment)
            start = int(part.span.start) // length * length
            parts_of.setdefault((start, part.wanted.ifo, start + length), []).append(part)
    for block in sorted(parts_of):
        yield BlockUnit(tuple(parts_of[block]), storage)
