"""What becomes of a ``fetch``: its files, and what was left out of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Forecast, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.errors import AframeDataError
    from aframe_data.types import Flaw, Segment

#: Bytes of strain a second that a forecast assumes, and says that it does.
ASSUMED_RATE = 10_000_000


@dataclass(frozen=True)
class PlannedFile:
    """A file that would be fetched (``"missing"``), or that is there (``"present"``), with the bytes of its strain."""

    path: Path
    span: Segment
    status: str
    nbytes: int = 0

    def describe(self) -> dict[str, Any]:
        """The file as JSON has it."""
        return {
            "path": str(self.path),
            "start": int(self.span.start),
            "stop": int(self.span.stop),
            "status": self.status,
            "bytes": self.nbytes,
        }


@dataclass(frozen=True)
class FetchedFile(PlannedFile):
    """What became of one file.

    Attributes
    ----------
    status
        ``"fetched"``, ``"present"`` (there already, and sound), ``"failed"``, or ``"empty"`` (nothing of the span is
        long enough for a file, after what should not be used was left out).
    nbytes
        Size on disk.
    error
        Why it failed; None of all others.
    """

    error: AframeDataError | None = None

    def describe(self) -> dict[str, Any]:
        """The file as JSON has it."""
        return {**super().describe(), "error": None if self.error is None else str(self.error)}


@dataclass(frozen=True)
class FetchReport(Report):
    """What became of all files of a fetch.

    Attributes
    ----------
    files
        In the order of the plan.
    dropped
        Segments, or remainders of them, that are too short for a file.
    cut, filled
        For each interferometer, what was left out of files that were fetched, or replaced by zeros in them.
    unfinished
        Folder in which parts lie: of files that failed or, where none did, of other commands that nobody goes on with.
    """

    files: tuple[FetchedFile, ...]
    dropped: tuple[Segment, ...]
    cut: Mapping[str, tuple[Flaw, ...]] = field(default_factory=dict)
    filled: Mapping[str, tuple[Flaw, ...]] = field(default_factory=dict)
    unfinished: Path | None = None

    @property
    def exit_code(self) -> int:
        """That of the gravest failure."""
        return max((file.error.exit_code for file in self.files if file.error), default=0)

    @property
    def failed(self) -> tuple[FetchedFile, ...]:
        """The files that could not be made."""
        return tuple(file for file in self.files if file.status == "failed")

    def raise_for_failures(self) -> None:
        """Raise the error of the first file that failed, if any did."""
        for file in self.files:
            if file.error is not None:
                raise file.error

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "files": [file.describe() for file in self.files],
            "dropped": _spans(self.dropped),
            **{
                what: {ifo: [asdict(flaw) for flaw in flaws] for ifo, flaws in found.items()}
                for what, found in (("cut", self.cut), ("filled", self.filled))
            },
        }


@dataclass(frozen=True)
class FetchForecast(Forecast):
    """What to expect.

    Attributes
    ----------
    files
        In the order of the plan.
    dropped
        Segments, or remainders of them, that are too short for a file.
    sources
        Names of the strain fetchers that would be asked.
    nbytes, temporary_nbytes
        Bytes that would stay, and that are needed besides while the work goes on.
    parts
        Where those lie.
    raw_files
        Whether whole files of an archive are kept while they are needed, and take room besides.
    rate
        Bytes of strain a second: an assumption, since it depends on the archive and the network.
    """

    files: tuple[PlannedFile, ...]
    dropped: tuple[Segment, ...]
    sources: tuple[str, ...]
    nbytes: int
    temporary_nbytes: int
    parts: Path
    raw_files: bool
    rate: float = ASSUMED_RATE

    @property
    def seconds(self) -> float:
        """How long the fetch may take."""
        return self.nbytes / self.rate

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        return {
            "files": [file.describe() for file in self.files],
            "dropped": _spans(self.dropped),
            "sources": list(self.sources),
            "bytes": self.nbytes,
            "temporary_bytes": self.temporary_nbytes,
            "seconds": self.seconds,
        }


def _spans(segments: Sequence[Segment]) -> list[list[float]]:
    return [[segment.start, segment.stop] for segment in segments]
