"""The background files of a fetch: what each will be, and whether it is there already."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from aframe_data.errors import DataQualityError, OutputExistsError
from aframe_data.formats import background
from aframe_data.places import is_local
from aframe_data.reports.fetch import FetchedFile
from aframe_data.requests.fetch import SPLIT
from aframe_data.segments.arithmetic import covers
from aframe_data.store.atomic import require_replaceable
from aframe_data.strain.plan import file_paths, parts_folder
from aframe_data.strain.present import as_told, require_same
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.store.identity import Identity
    from aframe_data.strain.folder import BackgroundFolder
    from aframe_data.strain.gaps import Gaps
    from aframe_data.strain.units import Wanted, WantedPart

#: Path and span of the files that a span became: one, or several where it was split.
Files: TypeAlias = "tuple[tuple[Path, Segment], ...]"


@dataclass(frozen=True, eq=False)
class WantedFile:
    """A background file as an output: it is there where all files are into which its span may have been split.

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
    occupied
        Whether something of its name is there.
    earlier
        Files that are there of a part of the span, into which an earlier fetch split it.
    replaced, others
        Other background files that are there, of which each holds a part of its time: those that --overwrite removes
        since all their time is in files that are wanted now, and the rest.
    """

    path: Path
    prefix: str
    span: Segment
    wanted: tuple[Wanted, ...]
    gaps: Gaps
    record: Mapping[str, Any] = field(repr=False)
    overwrite: bool = False
    occupied: bool = False
    earlier: tuple[Path, ...] = ()
    replaced: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return self.path.name

    def nbytes(self, span: Segment) -> int:
        """Bytes of strain of a part of its span."""
        return sum(wanted.nbytes(span) for wanted in self.wanted)

    @property
    def parts(self) -> tuple[WantedPart, ...]:
        """The parts of all channels, one channel after the other, each in order of time."""
        folder = parts_folder(self.path.parent, self.prefix)
        return tuple(part for wanted in self.wanted for part in wanted.parts(self.span, folder))

    def require_usable(self) -> None:
        """Refuse a path at which no file can appear, or beside files of the same time, which training would see twice.

        Raises
        ------
        UsageError
            No file can appear there.
        OutputExistsError
            Naming a file of the same time.
        """
        if self.occupied:
            require_replaceable(self.path)
        for path in (*self.others, *(() if self.overwrite else self.replaced)):
            way = "Remove the existing file" if path in self.others else "Replace the existing file with --overwrite"
            raise OutputExistsError(
                f"{path} already exists and covers part of the same time as {self.path.name} would, which training "
                f"would then see twice. {way}, or choose another folder or prefix."
            )

    def identity(self) -> Identity | None:
        """Nothing: each file has a span of its own, and may have come from any of several sources."""
        return None

    def holds(self, wanted: Identity) -> bool:
        """Whether the file is there, or those into which it was split, by what they say of themselves.

        Raises
        ------
        OutputExistsError
            What is there is another one than would be made.
        """
        del wanted
        return self.found is not None

    @cached_property
    def found(self) -> Files | None:
        """As `find`, once; errors as `holds`."""
        try:
            return self.find()
        except DataQualityError as error:
            raise OutputExistsError(str(error)) from error

    def find(self) -> Files | None:
        """Path and span of the files that are there; None where some are missing, or all are to be made again.

        Only metadata are read.

        Raises
        ------
        DataQualityError
            A file is there, and it is another one than would be made.
        """
        if self.overwrite or not (self.occupied or self.earlier):
            return None
        files = self._split() if self.earlier else ((self.path, self.span),) if self.path.exists() else None
        for path, span in files or ():
            require_same(self.wanted, self.gaps, path, span, as_told(path))
        return files

    def _split(self) -> Files | None:
        """The files into which the span was split, by what they say of each other; None where some are missing."""
        first = background.read_record(self.earlier[0]) or {}
        spans = [Segment(start, stop) for start, stop in first.get("files", ())]
        paths = file_paths(self.path.parent, self.prefix, spans)
        if self.gaps.policy != SPLIT or self.path.exists() or not set(self.earlier) <= set(paths):
            raise self.split_otherwise(self.earlier[0])
        return tuple(zip(paths, spans, strict=True)) if set(paths) == set(self.earlier) else None

    def split_otherwise(self, path: Path) -> DataQualityError:
        """The error for a file that is there, of a part of the span, and that will not be one of its files."""
        return DataQualityError(
            f"{path} already exists, with a part of {self.span} that --gaps split made, and this command would make "
            "other files of it. --overwrite replaces it."
        )

    def check(self, path: Path, span: Segment) -> FetchedFile:
        """Read a file through that is there, of the span or of a part of it; of an object in a store what it says.

        Raises
        ------
        DataQualityError
            It is another one than would be made, or damaged.
        """
        require_same(self.wanted, self.gaps, path, span, background.summarize(path, check=is_local(path)))
        return FetchedFile(path, span, "present", path.stat().st_size)


def look(file: WantedFile, folder: BackgroundFolder, wanted: Sequence[Segment] = ()) -> WantedFile:
    """Look for a file, and for others of the same time, by the names of the files that are there.

    Of those, the ones that lie within the `wanted` spans (sorted, disjoint, and not touching) may be replaced.

    Where one is of a part of its span, it says of itself whether the span was split into it. One that cannot be read
    is taken for such a file: it lies where they would.
    """
    there = [(path, span) for path, span in folder.overlapping(file.span) if path != file.path]
    earlier = tuple(
        path
        for path, span in there
        if file.span.start <= span.start
        and span.stop <= file.span.stop
        and _split_from(path) in {None, (file.span.start, file.span.stop)}
    )
    rest = [(path, span) for path, span in there if path not in earlier]
    replaced = tuple(path for path, span in rest if covers(wanted, span))
    others = tuple(path for path, _ in rest if path not in replaced)
    return replace(file, occupied=folder.holds(file.path), earlier=earlier, replaced=replaced, others=others)


def _split_from(path: Path) -> tuple[float, ...] | None:
    """The span that was split, of which a file has a part; empty for another file, None if it cannot be read."""
    try:
        return tuple((background.read_record(path) or {}).get("segment", ()))
    except DataQualityError:
        return None
