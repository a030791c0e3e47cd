"""What lies in a folder: its background files, what else is there, and the segments that belong to it."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError, did_you_mean
from aframe_data.formats import background_names
from aframe_data.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The name that a segments file has where nobody names one.
SEGMENTS = "segments.txt"


@dataclass(frozen=True)
class FolderListing:
    """The files of a folder.

    Attributes
    ----------
    files
        To be examined: those of the prefix, and those whose names have another form than background files'.
    others
        Background files of other prefixes.
    leftovers
        Temporary files.
    """

    files: tuple[Path, ...]
    others: tuple[Path, ...]
    leftovers: tuple[Path, ...]


def require_folder(folder: Path) -> None:
    """Raise a `UsageError` where no folder is."""
    if not folder.exists():
        raise UsageError(f"there is no folder {str(folder)!r}.")
    if not folder.is_dir():
        raise UsageError(f"{str(folder)!r} is not a folder: use `aframe-data inspect` for a single file.")


def list_folder(folder: Path, prefix: str) -> FolderListing:
    """Look what is in a folder.

    Raises
    ------
    UsageError
        It is not a folder, or none of its files has that prefix.
    """
    require_folder(folder)
    entries = sorted(folder.iterdir())
    hdf5 = [path for path in entries if _may_be_background(path, prefix)]
    files = tuple(path for path in hdf5 if background_names.parse_prefix(path) in (prefix, None))
    others = tuple(path for path in hdf5 if background_names.parse_prefix(path) not in (prefix, None))
    if not any(path.name.startswith(f"{prefix}-") for path in files):
        raise UsageError(f"{str(folder)!r} has no file {prefix}-START-DURATION.hdf5.{_hint(folder, prefix, others)}")
    leftovers = tuple(path for path in entries if path.name.startswith(".") and path.suffix == ".part")
    return FolderListing(files, others, leftovers)


def _may_be_background(path: Path, prefix: str) -> bool:
    """Whether Aframe reads the file as background, or would if it ended in .hdf5."""
    return not path.name.startswith(".") and (path.suffix == ".hdf5" or background_names.parse_prefix(path) == prefix)


def _hint(folder: Path, prefix: str, others: Sequence[Path]) -> str:
    prefixes = Counter(background_names.parse_prefix(path) or "" for path in others)
    if prefixes:
        there = ", ".join(f"{name!r} ({number})" for name, number in prefixes.most_common())
        return f"{did_you_mean(prefix, prefixes)} Prefixes there: {there}."
    below = sorted({path.parent for path in folder.glob(f"*/{prefix}-*.hdf5")})
    return f" Did you mean {str(below[0])!r}?" if below else ""


def find_segments(folder: Path) -> Path | None:
    """The file ``segments.txt`` in a folder or beside it, or None."""
    # Not folder.parent: of "." that is "." again.
    above = folder.parent if isinstance(folder, RemotePath) else Path(os.path.normpath(folder / os.pardir))
    return next((path for path in (folder / SEGMENTS, above / SEGMENTS) if path.is_file()), None)
