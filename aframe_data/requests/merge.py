"""``aframe-data merge``: ledger files that were made in pieces, what they are joined by, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, paths_given
from aframe_data.work.plan import Forecast, Report


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
    """

    path: Path
    num_files: int
    length: int
    num_injections: int | None
    present: bool = False

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {**asdict(self), "path": str(self.path)}


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
    """

    path: Path
    num_files: int
    length: int
    num_injections: int | None
    nbytes: int

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        return {**asdict(self), "path": str(self.path)}


@request
class Merge(Making, Request[MergeReport]):
    """Join ledger files that were made in pieces.

    FILES are of one kind: training waveforms, validation signals, campaigns, or rejected parameters. Their
    rows follow each other in the order given, num_injections is summed, and all other metadata must agree.
    They are only read.
    """

    command, plan = "merge", "aframe_data.waveforms.merging:MergePlan"
    example = "part-1.hdf5 part-2.hdf5 -o training_waveforms.hdf5"

    files: str | Path | Sequence[str | Path] = option(
        help="Ledger files of one kind, in the order of their rows.",
        parse=paths_given,
        repeated=True,
        kw_only=False,
        affects_data=False,
    )
    output_file: str | Path = option(help="File to write.", group=OUTPUT, short="o", affects_data=False)

    def check(self) -> None:
        """Refuse no files."""
        if not self.files:
            raise UsageError("no file was given: say which files to join.")
