"""The folder of the background files, looked at once: what is there, and at which times."""

from __future__ import annotations

import itertools
import os
import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.formats import background_names
from aframe_data.remote import RemotePath
from aframe_data.store.objects import workplace

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import Segment


class BackgroundFolder:
    """What a folder held when this was made, of the files whose names begin with just one prefix.

    Parameters
    ----------
    folder
        It need not be there.
    prefix
        Of the names.

    Raises
    ------
    UsageError
        The folder cannot be read.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._names = frozenset(name for name in _listed(folder) if name.lstrip(".").startswith(f"{prefix}-"))
        named = ((background_names.parse_file_name(folder / name), name) for name in self._names)
        self._files = sorted(
            (span, name)
            for span, name in named
            if span is not None and name == background_names.file_name(prefix, span)
        )
        self._starts = [span.start for span, _ in self._files]
        # Up to each file, where the one stops that stops last: files that are there may overlap each other.
        self._stops = list(itertools.accumulate((span.stop for span, _ in self._files), max))

    def holds(self, path: Path) -> bool:
        """Whether something of this name is there."""
        return path.name in self._names

    @property
    def files(self) -> list[tuple[Path, Segment]]:
        """The background files by their names, each with its span, in order."""
        return [(self._folder / name, span) for span, name in self._files]

    def overlapping(self, span: Segment) -> list[tuple[Path, Segment]]:
        """The background files that hold a part of a span by their names, in order."""
        first, last = bisect_right(self._stops, span.start), bisect_left(self._starts, span.stop)
        return [(self._folder / name, held) for held, name in self._files[first:last] if held.stop > span.start]

    def half_written(self) -> list[Path]:
        """The paths of background files to which temporary ones belong that are there."""
        temporary = (re.match(r"\.(.+-\d{10}-\d+\.hdf5)\.", name) for name in self._names)
        return [self._folder / found[1] for found in temporary if found]


def _listed(folder: Path) -> list[str]:
    if isinstance(folder, RemotePath):
        try:
            return [*(path.name for path in folder.iterdir()), *_listed(workplace(folder))]
        except FileNotFoundError:
            return _listed(workplace(folder))
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UsageError(f"cannot read the folder {str(folder)!r}: {error.strerror}.") from error
