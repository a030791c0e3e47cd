"""``aframe-data merge``: ledger files that were made in pieces, what they are joined by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making

if TYPE_CHECKING:
    from aframe_data.reports.merge import MergeReport


@request
class Merge(Making, Request["MergeReport"]):
    """Join files that were made in pieces.

    FILES must be of one kind: training waveforms, validation signals, injections or rejected parameters. A
    folder stands for all such files in it. A quoted pattern such as `'branches/**/waveforms.hdf5'` stands for
    the files that match; two stars match folders at any depth. Files from folders and patterns are sorted by
    name, with 2.hdf5 before 10.hdf5; otherwise rows follow the order given.

    The files must be pieces of one set, with the same prior, generator, grid, frequencies and thresholds. Seeds
    and times may differ, but no draw may occur in two files. num_injections is summed.

    Files made with --part must be all parts of one run, in any order: the output is the file of the whole run.
    """

    command, plan = "merge", "aframe_data.merging.plan:MergePlan"
    example = "'branches/**/waveforms.hdf5' -o waveforms.hdf5"

    files: str | Path | Sequence[str | Path] = option(
        default=(),
        help="Files to join, folders of them, or quoted patterns. All must be of one kind.",
        remote=True,
        repeated=True,
        kw_only=False,
        affects_data=False,
    )
    files_from: str | Path | None = option(
        default=None,
        help="Text file that lists more files to join, one per line. Use - for standard input.",
        remote=True,
        stream=True,
        affects_data=False,
    )
    remove_inputs: bool = option(
        default=False,
        help="Delete the input files once the output is complete and verified, or keep them. If interrupted, the same "
        "command finishes the job.",
        switch_off="keep_inputs",
        affects_data=False,
    )
    output_file: str | Path = output(help="File to write.")

    def check(self) -> None:
        """Refuse no files."""
        if not self.files and self.files_from is None:
            raise UsageError("no file was given: say which files to join.")
