"""The exact median of more numbers than memory holds, frequency by frequency.

Non-negative floating-point numbers are ordered as their bits are, read as integers. So a pass over all rows
that counts, for each column, how many fall in each part of a bracket narrows that bracket by as many parts as
there is memory for, whatever the numbers are; once the numbers in the brackets fit, a last pass keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

    IntArray = NDArray[np.integer[Any]]

_ITEM = 8
#: Fewer parts of a bracket would need many passes.
_FEWEST_PARTS = 16
_AFTER_INFINITY = int(np.array(np.inf).view(np.int64)) + 1


@dataclass(frozen=True, eq=False)
class _Brackets:
    """Between which bits the median of each column lies, ``low <= bits < high``.

    Attributes
    ----------
    low, high
        (columns,) bits, as integers.
    below, inside
        (columns,) how many numbers lie below the bracket, and in it.
    """

    low: IntArray
    high: IntArray
    below: IntArray
    inside: IntArray

    def fit(self, limit: int) -> bool:
        """Whether at most `limit` numbers lie in each bracket, or all that do are equal."""
        return bool(np.all((self.inside <= limit) | (self.high - self.low == 1)))


def expected_passes(count: int, columns: int, budget: int) -> int:
    """How often the rows are read: two narrowings leave one number in a million."""
    return 1 if count <= _limit(columns, budget) else 3


def median(rows: Callable[[], Iterable[FloatArray]], count: int, columns: int, budget: int) -> FloatArray:
    """Return the median of each column.

    Parameters
    ----------
    rows
        Gives all rows again at each call: (columns,) float64, not negative and not NaN.
    count
        Number of rows.
    columns
        Numbers in a row.
    budget
        Bytes that may be taken, or 128 for each column if that is more.

    Returns
    -------
    FloatArray
        (columns,); the mean of the middle two for an even number of rows, as `numpy.median` has it.
    """
    limit = _limit(columns, budget)
    rank = (count - 1) // 2
    brackets = _Brackets(
        low=np.zeros(columns, dtype=np.int64),
        high=np.full(columns, _AFTER_INFINITY, dtype=np.int64),
        below=np.zeros(columns, dtype=np.int64),
        inside=np.full(columns, count, dtype=np.int64),
    )
    while not brackets.fit(limit):
        brackets = _narrowed(brackets, rows(), rank, parts=limit - 2)
    kept, next_above = _collected(brackets, rows(), size=min(limit, int(brackets.inside.max())))
    kept.sort(axis=0)
    last = len(kept) - 1  # more than fit are all equal, so that any of them is the one
    place = rank - brackets.below
    lower: FloatArray = np.take_along_axis(kept, np.minimum(place, last)[np.newaxis], axis=0)[0]
    if count % 2:
        return lower
    following = np.take_along_axis(kept, np.minimum(place + 1, last)[np.newaxis], axis=0)[0]
    upper = np.where(place + 1 < brackets.inside, following, next_above)
    middle: FloatArray = (lower + upper) / 2
    return middle


def _limit(columns: int, budget: int) -> int:
    """Numbers that can be kept, or counted, for each column."""
    return max(_FEWEST_PARTS, budget // (_ITEM * columns))


def _narrowed(brackets: _Brackets, rows: Iterable[FloatArray], rank: int, parts: int) -> _Brackets:
    """Cut each bracket in `parts`, and keep the one that holds the number of that rank."""
    columns = len(brackets.low)
    width = -(-(brackets.high - brackets.low) // parts)
    # One column for what lies below the bracket, and one for what lies above.
    counts = np.zeros((columns, parts + 2), dtype=np.int64)
    flat, start = counts.reshape(-1), np.arange(columns) * (parts + 2) + 1
    for row in rows:
        part = np.clip((row.view(np.int64) - brackets.low) // width, -1, parts)
        flat[start + part] += 1
    np.cumsum(counts, axis=1, out=counts)
    # The first column is never it: fewer than `rank` numbers lie below the bracket.
    found = (counts <= rank).sum(axis=1)
    below, up_to = (np.take_along_axis(counts, place[:, np.newaxis], axis=1)[:, 0] for place in (found - 1, found))
    low = brackets.low + (found - 1) * width
    return _Brackets(low, np.minimum(low + width, brackets.high), below, up_to - below)


def _collected(brackets: _Brackets, rows: Iterable[FloatArray], size: int) -> tuple[FloatArray, FloatArray]:
    """Keep the numbers in the brackets, (size, columns) filled up with infinity, and the least above, (columns,)."""
    columns = len(brackets.low)
    kept = np.full((size, columns), np.inf)
    filled = np.zeros(columns, dtype=np.int64)
    next_above = np.full(columns, np.inf)
    for row in rows:
        bits = row.view(np.int64)
        chosen = np.flatnonzero((bits >= brackets.low) & (bits < brackets.high) & (filled < size))
        kept[filled[chosen], chosen] = row[chosen]
        filled[chosen] += 1
        np.minimum(next_above, np.where(bits >= brackets.high, row, np.inf), out=next_above)
    return kept, next_above
