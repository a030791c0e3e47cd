"""What was exported, or would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.work.plan import Forecast, Report

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class ExportForecast(Forecast):
    """What to expect.

    Attributes
    ----------
    path, export
        Where to, and the name of the export.
    files, signals, livetime
        Of what is exported: files, signals in them, and seconds of strain.
    nbytes
        Bytes of what is exported; the output has about as many at most.
    """

    path: Path
    export: str
    files: int
    signals: int
    livetime: float
    nbytes: int


@dataclass(frozen=True)
class ExportReport(Report):
    """What was done.

    Attributes
    ----------
    path, export
        The file or the folder, and the name of the export.
    files, signals, livetime
        Of what was exported: files, signals in them, and seconds of strain.
    written
        The files in the folder; empty for one file.
    present
        True if the same request was met before, and nothing was exported.
    """

    path: Path
    export: str
    files: int
    signals: int
    livetime: float
    written: tuple[str, ...]
    present: bool = False
