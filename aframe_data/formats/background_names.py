"""Names of background files, which say their content to Aframe's loaders: ``{prefix}-{start}-{duration}.hdf5``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"(?P<prefix>.+)-(?P<start>\d{10})-(?P<duration>(?=\d*[1-9])\d{1,8})\.(hdf5|h5)")


def file_name(prefix: str, segment: Segment) -> str:
    """The name that says the file's content: start (10 digits) and duration in whole seconds."""
    return f"{prefix}-{int(segment.start):010d}-{int(segment.duration)}.hdf5"


def parse_file_name(path: Path) -> Segment | None:
    """The span that a file's own name says, or None for a name of another form."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    start = int(match["start"])
    return Segment(start, start + int(match["duration"]))


def parse_prefix(path: Path) -> str | None:
    """The prefix of a file's own name, or None for a name of another form."""
    match = _NAME.fullmatch(path.name)
    return None if match is None else match["prefix"]


def files_of(folder: Path) -> list[Path]:
    """The background files of a folder: every .hdf5 file is read as one, here and by Aframe.

    Raises
    ------
    UsageError
        There is none.
    """
    files = sorted(folder.glob("[!.]*.hdf5"))
    if not files:
        raise UsageError(f"there is no background in {str(folder)!r}: it has no .hdf5 file.")
    return files
