"""Where strain stands still: what that means, and how it is found.

Samples stand still where one finite value goes on for a second or longer, whichever sample it begins with: neither
noise nor its rounding does that. It is one run, however the samples are cut into blocks. Where samples are cut out of
more, a run at either of their ends may go on outside. There half a second is enough: of any second that lies across
a cut, one side has half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.strain.runs import Runs

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

#: Seconds of equal samples from which on they stand still.
STILL = 1.0


def still_runs(samples: NDArray[Any], sample_rate: float, *, open_ends: bool = False) -> NDArray[np.intp]:
    """Where samples stand still, (n, 2): index of the first sample of each run, and of the first one behind it.

    Parameters
    ----------
    sample_rate
        Hz.
    open_ends
        Whether the samples are cut out of more, so that half a second is enough at their ends.
    """
    found = StillRuns(sample_rate, open_ends=open_ends)
    if found.none_inside(samples):
        return np.empty((0, 2), dtype=np.intp)
    return np.concatenate([found.add(samples), found.end()])


class StillRuns:
    """The same for samples that come in blocks; each run is told when it is over."""

    def __init__(self, sample_rate: float, *, open_ends: bool = False) -> None:
        self._least = round(STILL * sample_rate)
        self._at_ends = (self._least + 1) // 2 if open_ends else self._least
        # The shortest run that counts holds two neighbours of a grid with this step.
        self._step = max(1, self._at_ends // 2)
        self._pairs = Runs()
        self._last: NDArray[Any] = np.empty(0)

    def none_inside(self, samples: NDArray[Any]) -> bool:
        """Whether no run in these samples alone is long enough, for sure: true of most strain, and soon told."""
        coarse = samples[:: self._step]
        return not np.any(coarse[1:] == coarse[:-1])

    def add(self, samples: NDArray[Any]) -> NDArray[np.intp]:
        """Take the next samples and give the runs, (n, 2), that they end."""
        reach = 2 * self._step
        if len(samples) >= 2 * reach and self.none_inside(samples):
            # A run at either end may still go on outside.
            head = self._pairs.add(_equal(np.append(self._last, samples[:reach])))
            middle = self._pairs.skip(len(samples) + 1 - 2 * reach)
            pairs = np.concatenate([head, middle, self._pairs.add(_equal(samples[-reach:]))])
        else:
            pairs = self._pairs.add(_equal(np.append(self._last, samples)))
        self._last = np.append(self._last, samples[-1:])[-1:]
        return self._long(pairs, self._least)

    def end(self) -> NDArray[np.intp]:
        """The run that reaches to the end of the last block, if it is long enough."""
        return self._long(self._pairs.end(), self._at_ends)

    def _long(self, pairs: NDArray[np.intp], least: int) -> NDArray[np.intp]:
        """Runs of equal neighbours as runs of samples, of which each has one more; those that are long enough."""
        runs = pairs + np.array([0, 1])
        found: NDArray[np.intp] = runs[np.diff(runs)[:, 0] >= np.where(runs[:, 0] == 0, self._at_ends, least)]
        return found


def _equal(samples: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each sample but the first is what the one before it is, and finite."""
    equal: NDArray[np.bool_] = (samples[1:] == samples[:-1]) & np.isfinite(samples[1:])
    return equal
