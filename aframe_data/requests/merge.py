"""``aframe-data merge``: ledger files that were made in pieces, what they are joined by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, paths_given

if TYPE_CHECKING:
    from aframe_data.reports.merge import MergeReport


@request
class Merge(Making, Request["MergeReport"]):
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
