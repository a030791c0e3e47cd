"""Where samples are bad, found while they are read block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.strain.quality import all_finite
from aframe_data.strain.runs import Runs
from aframe_data.strain.still import StillRuns
from aframe_data.types import Segment

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

#: Stretches that are kept; of more, only their number and length are.
_KEPT = 1000


@dataclass(frozen=True)
class Stretches:
    """Where something is wrong with the samples of one interferometer.

    Attributes
    ----------
    spans
        The stretches in order, a thousand at most.
    number
        How many there are.
    seconds
        Their length together.
    """

    spans: tuple[Segment, ...] = ()
    number: int = 0
    seconds: float = 0.0


class SampleCheck:
    """Finds samples that are not finite, and those that stand still, in the strain of one interferometer.

    Parameters
    ----------
    sample_rate
        Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._not_finite, self._still = Runs(), StillRuns(sample_rate)
        self._found = _Tally(), _Tally()

    def add(self, samples: NDArray[Any]) -> None:
        """Take the next samples."""
        not_finite, still = self._found
        if all_finite(samples):
            not_finite.add(self._not_finite.skip(len(samples)))
        else:
            not_finite.add(self._not_finite.add(~np.isfinite(samples)))
        still.add(self._still.add(samples))

    def end(self, start: float) -> tuple[Stretches, Stretches]:
        """What is not finite and what stands still, in GPS seconds, for samples that begin at `start`."""
        not_finite, still = self._found
        not_finite.add(self._not_finite.end())
        still.add(self._still.end())
        return not_finite.stretches(start, self._rate), still.stretches(start, self._rate)


class _Tally:
    """How many runs there are, of how many samples, and the first of them."""

    def __init__(self) -> None:
        self._kept: list[list[int]] = []
        self._number = 0
        self._samples = 0

    def add(self, runs: NDArray[np.intp]) -> None:
        self._number += len(runs)
        self._samples += int(np.diff(runs).sum())
        self._kept += runs[: _KEPT - len(self._kept)].tolist()

    def stretches(self, start: float, rate: float) -> Stretches:
        spans = tuple(Segment(start + first / rate, start + last / rate) for first, last in self._kept)
        return Stretches(spans, self._number, self._samples / rate)
