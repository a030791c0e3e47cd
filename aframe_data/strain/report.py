"""What became of a fetch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aframe_data.errors import DataQualityError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.errors import AframeDataError
    from aframe_data.types import Flaw, Segment


@dataclass(frozen=True)
class FetchedFile:
    """What became of one file.

    Attributes
    ----------
    path, span
        The file.
    status
        ``"fetched"``, ``"present"`` (there already, and sound), ``"failed"``, or ``"empty"`` (nothing of the span is
        long enough for a file, after what should not be used was left out).
    nbytes
        Size on disk.
    error
        Why it failed.
    """

    path: Path
    span: Segment
    status: str
    nbytes: int = 0
    error: AframeDataError | None = None


@dataclass(frozen=True)
class FetchReport:
    """What became of all files of a fetch.

    Attributes
    ----------
    files
        In the order of the plan.
    dropped
        Segments, or remainders of them, that are too short for a file.
    cut, filled
        For each interferometer, what was left out of files that were fetched, or replaced by zeros in them.
    """

    files: tuple[FetchedFile, ...]
    dropped: tuple[Segment, ...]
    cut: Mapping[str, tuple[Flaw, ...]] = field(default_factory=dict)
    filled: Mapping[str, tuple[Flaw, ...]] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[FetchedFile, ...]:
        """The files that could not be made."""
        return tuple(file for file in self.files if file.status == "failed")

    def raise_for_failures(self) -> None:
        """Raise the error of the first file that failed, if any did."""
        if self.failed:
            error = self.failed[0].error
            raise (error if error is not None else DataQualityError(f"{self.failed[0].path} could not be fetched."))
