"""A campaign's signals once more, in a file for each segment in each slide: what Aframe's inference reads at a time."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aframe_data.formats import ledger, ledger_pieces
from aframe_data.store.output import RecordedFile
from aframe_data.work.part import identified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.reports.tally import Tally
    from aframe_data.store.identity import Identity
    from aframe_data.timeslides.slots import SlotPlan

#: What Aframe's inference looks for in the folder of a branch, whatever the name of the whole.
BRANCH_FILE = "waveforms.hdf5"


class Branch(NamedTuple):
    """A file of some rows of a campaign."""

    path: Path
    rows: slice


class BranchFile(RecordedFile):
    """The file of a branch: the same in a part as in the whole."""

    def holds(self, wanted: Identity) -> bool:
        """Whether the file is there; raises an `OutputExistsError` where it holds something else."""
        return super().holds({**wanted, **identified(None)})


def find_branches(slots: SlotPlan, own: range, folder: Path) -> Iterator[Branch]:
    """The branches of a campaign, in the order of its rows: ``START-DURATION-SLIDE/waveforms.hdf5``.

    Parameters
    ----------
    own
        Which rows are here: those of whole branches, with the rows counted from the first.
    """
    start = 0
    for one in slots.segments:
        for slide, count in zip(*np.unique(one.slides, return_counts=True), strict=True):
            rows = slice(start - own.start, start - own.start + int(count))
            if start in own:
                yield Branch(folder / f"{one.segment.start:.0f}-{one.segment.duration:.0f}-{slide}" / BRANCH_FILE, rows)
            start += int(count)


def write_branches(
    branches: Sequence[Branch],
    whole: Path,
    layout: ledger.Layout,
    record: Mapping[str, Any],
    tallies: Sequence[Tally],
) -> None:
    """Write the branches of a campaign that is whole.

    Draws count where the last signal of their unit lies, so that num_injections of all branches add up to the whole's.

    Parameters
    ----------
    whole, layout, record
        The file of all signals, and what it holds.
    tallies
        What each unit gave, in the order of the rows.
    """
    ends = np.cumsum([tally.accepted for tally in tallies])
    for path, rows in branches:
        ending = compress(tallies, (ends > rows.start) & (ends <= rows.stop))
        length = rows.stop - rows.start
        drawn = length + sum(tally.rejected for tally in ending)
        shape = replace(layout, length=length, attributes={**layout.attributes, "num_injections": drawn})
        ledger_pieces.extract(whole, rows, path, shape, record)
