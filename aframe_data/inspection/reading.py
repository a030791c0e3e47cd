"""What a file is, read by the module beside that knows its kind."""

from __future__ import annotations

from pathlib import Path

from aframe_data.formats.kinds import kind_of
from aframe_data.inspection import ledger, psd, segments, strain
from aframe_data.inspection.result import Inspection

__all__ = ["Inspection", "inspect"]


def inspect(path: str | Path) -> Inspection:
    """Read a file of any of the project's formats.

    Raises
    ------
    UsageError
        It is not there, or is of no format known here.
    DataQualityError
        It is of a known format and cannot be read.
    """
    path = Path(path)
    readers = {"text": segments.read, "psd": psd.read, "ledger": ledger.read}
    return readers.get(kind_of(path), strain.read)(path)
