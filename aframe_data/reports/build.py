"""What became of a build, and what it would come to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.store.identity import plain
from aframe_data.work.plan import Forecast, Report

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.work.usage import Usage


@dataclass(frozen=True)
class StageReport:
    """What became of one stage.

    Attributes
    ----------
    name, command
        The stage, and the command behind it.
    present
        Whether all of it was there already.
    files, nbytes
        Files that it comes to, and their bytes.
    usage
        What it took to make, in this run or an earlier one; None where nobody knows.
    report
        The command's own.
    """

    name: str
    command: str
    present: bool
    files: int
    nbytes: int
    usage: Usage | None
    report: Report

    def describe(self) -> dict[str, Any]:
        """What became of it as JSON has it."""
        usage = None if self.usage is None else asdict(self.usage)
        return {**vars(self), "usage": usage, "report": self.report.describe()}


@dataclass(frozen=True)
class PageReport:
    """The page about a data set, and how many problems it shows; None where it was there, of the same data."""

    path: Path
    problems: int | None


@dataclass(frozen=True)
class BuildReport(Report):
    """What became of all stages.

    Attributes
    ----------
    folder
        The data set's.
    stages
        In their order; a stage that failed is the last one.
    page
        What shows the data set; None where nothing does, as a stage failed, or nobody wanted it.
    """

    folder: Path
    stages: tuple[StageReport, ...]
    page: PageReport | None = None

    @property
    def exit_code(self) -> int:
        """That of the stage that failed, if one did."""
        return max((stage.report.exit_code for stage in self.stages), default=0)

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "folder": str(self.folder),
            "stages": [stage.describe() for stage in self.stages],
            "page": None if self.page is None else plain(asdict(self.page)),
        }


@dataclass(frozen=True)
class StageForecast:
    """What is to be expected of one stage.

    Attributes
    ----------
    name, command
        The stage, and the command behind it.
    state
        ``present``, ``missing``, ``begun``, ``differs`` or ``waiting``, for what is made before it.
    why
        In a few words, why something is to be done.
    outputs
        What will be made: a path, or the folder of many.
    nbytes, seconds, memory
        Bytes that are still to be written, how long that takes, and bytes of memory; None where that is not known.
    """

    name: str
    command: str
    state: str
    why: str
    outputs: str
    nbytes: int | None
    seconds: float | None
    memory: int | None


@dataclass(frozen=True)
class BuildForecast(Forecast):
    """What to expect of all stages, in their order."""

    folder: Path
    stages: tuple[StageForecast, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of all stages of which that is known."""
        return sum(stage.nbytes or 0 for stage in self.stages)

    @property
    def seconds(self) -> float:
        """How long all stages take of which that is known."""
        return sum(stage.seconds or 0 for stage in self.stages)

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        return {**super().describe(), "nbytes": self.nbytes, "seconds": self.seconds}
