"""What was joined, or would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.work.plan import Forecast, Report

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class MergeReport(Report):
    """What was joined.

    Attributes
    ----------
    path
        The file.
    num_files, length
        How many files were joined, and their rows.
    num_injections
        Of all files together; None where they do not say.
    present
        True if the file was there already and is sound.
    num_removed
        How many of the files were removed after that.
    """

    path: Path
    num_files: int
    length: int
    num_injections: int | None
    present: bool = False
    num_removed: int = 0


@dataclass(frozen=True)
class MergeForecast(Forecast):
    """What to expect.

    Attributes
    ----------
    path
        The file that would be made.
    num_files, length
        How many files would be joined, and their rows.
    num_injections
        Of all files together; None where they do not say.
    nbytes
        Bytes of the file.
    num_removed
        How many of the files would be removed after that.
    present
        True if the file is there already, and files are left to be removed.
    """

    path: Path
    num_files: int
    length: int
    num_injections: int | None
    nbytes: int
    num_removed: int = 0
    present: bool = False
