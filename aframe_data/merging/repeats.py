"""Draws that are in two files, by the parameters of every row: nothing else tells two seeds from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.plugin.kinds import NOT_DRAWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from aframe_data.formats.ledger_arrays import Array
    from aframe_data.formats.ledger_source import LedgerSource

    Marks = npt.NDArray[np.uint64]

#: Rows that are compared; of more, those whose mark ends in zeros, so that memory is bounded and what is in two files
#: is looked at in both.
_MOST_ROWS = 2**21


def require_no_repeats(sources: Sequence[LedgerSource], parameters: Iterable[str]) -> None:
    """Check that no draw is in two files; what one file holds twice is its own business.

    Parameters
    ----------
    parameters
        Fields that all files with any row have.

    Raises
    ------
    UsageError
        A draw is in two files: the first two of them are named.
    """
    names = sorted(set(parameters) - NOT_DRAWN)
    holding = [source for source in sources if source.layout.length]
    if len(holding) < 2 or not names:
        return
    total = sum(source.layout.length for source in holding)
    mask = np.uint64((1 << max(0, (-(-total // _MOST_ROWS) - 1).bit_length())) - 1)
    marks, owners = [], []
    for number, source in enumerate(holding):
        found = _marks_of(source, names, mask)
        marks.append(found)
        owners.append(np.full(len(found), number, dtype=np.uint32))
    _require_different(holding, np.concatenate(marks), np.concatenate(owners))


def _require_different(sources: Sequence[LedgerSource], marks: Marks, owners: npt.NDArray[np.uint32]) -> None:
    order = np.argsort(marks, kind="stable")  # by mark and, of one mark, by file
    marks, owners = marks[order], owners[order]
    twice = np.flatnonzero(marks[1:] == marks[:-1])
    if not len(twice):
        return
    pairs, counts = np.unique(np.stack([owners[twice], owners[twice + 1]]), axis=1, return_counts=True)
    first, second = (sources[number] for number in pairs[:, 0])
    told = "a signal" if counts[0] == 1 else f"{counts[0]} signals"
    raise UsageError(
        f"{first.path} and {second.path} hold the same draws, and {told} would count twice: "
        "make one of them again with another seed, or leave it out."
    )


def _marks_of(source: LedgerSource, names: Sequence[str], mask: np.uint64) -> Marks:
    """What tells the draws of a file apart, (number of different ones,), without the rows that are not compared."""
    blocks = []
    for rows in source.iterate_parameters(names):
        marks = np.zeros(len(rows[names[0]]), dtype=np.uint64)
        for name in names:
            for column in _columns(rows[name]):
                marks = _mixed(marks ^ column)
        blocks.append(np.unique(marks[marks & mask == 0]))
    return blocks[0] if len(blocks) == 1 else np.unique(np.concatenate(blocks))


def _columns(values: Array) -> Iterable[Marks]:
    """The columns of a parameter, (rows,) each, as 64 bits that are equal where the values are."""
    if values.dtype.kind == "c":
        values = np.stack([values.real, values.imag], axis=-1)
    flat = values.reshape(len(values), -1)
    whole = flat.dtype.kind in "biu"
    # Adding 0 makes zeros of both signs one.
    same = flat.astype(np.int64) if whole else flat.astype(np.float64) + 0.0
    return np.ascontiguousarray(same.T).view(np.uint64)


def _mixed(marks: Marks) -> Marks:
    """Spread each mark over all 64 bits: the finalizer of splitmix64. Of 10^6 draws two collide once in 10^7 runs."""
    marks = marks + np.uint64(0x9E3779B97F4A7C15)
    marks = (marks ^ (marks >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    marks = (marks ^ (marks >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return marks ^ (marks >> np.uint64(31))
