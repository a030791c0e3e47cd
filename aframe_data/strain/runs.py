"""Runs of true elements in a mask, whole or in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def true_runs(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The runs of true elements, (n, 2): index of the first element of each, and of the first one behind it."""
    return Runs().add(np.append(mask, False))


class Runs:
    """The same for a mask that comes in blocks; a run that crosses their borders is one, told when it is over."""

    def __init__(self) -> None:
        self._position = 0
        # The first element of a run that goes on, if there is one.
        self._open = np.empty(0, dtype=np.intp)

    def add(self, mask: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Take the next elements and give the runs, (n, 2), that they end."""
        edges = self._position + np.flatnonzero(np.diff(mask, prepend=len(self._open) > 0))
        edges = np.append(self._open, edges)
        over = len(edges) // 2 * 2
        self._open = edges[over:]
        self._position += len(mask)
        return edges[:over].reshape(-1, 2)

    def skip(self, number: int) -> NDArray[np.intp]:
        """Take so many elements that are all false."""
        runs = self.add(np.zeros(min(number, 1), dtype=bool))
        self._position += max(number - 1, 0)
        return runs

    def end(self) -> NDArray[np.intp]:
        """The run that reaches to the end of the last block, if there is one."""
        return self.skip(1)
