"""Where samples are bad, found while they are read block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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


class Runs:
    """Runs of true elements in a mask that comes in blocks; one that crosses their borders counts once.

    Parameters
    ----------
    least
        Elements of the shortest run that counts.
    """

    def __init__(self, least: int = 1) -> None:
        self.least = least
        self.kept: list[tuple[int, int]] = []
        self.number = 0
        self.total = 0
        self._position = 0
        self._open: int | None = None

    def add(self, mask: NDArray[np.bool_]) -> None:
        """Take the next elements."""
        edges = self._position + np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).view(np.int8)))
        firsts, lasts = edges[::2], edges[1::2]
        if self._open is not None:
            if len(firsts) and firsts[0] == self._position:
                firsts[0] = self._open
            else:
                firsts, lasts = np.append(self._open, firsts), np.append(self._position, lasts)
            self._open = None
        self._position += len(mask)
        if len(lasts) and lasts[-1] == self._position:
            self._open = int(firsts[-1])
            firsts, lasts = firsts[:-1], lasts[:-1]
        self._count(firsts, lasts)

    def end(self) -> None:
        """Count a run that reaches to the end of the last block."""
        if self._open is not None:
            self._count(np.array([self._open]), np.array([self._position]))
            self._open = None

    def _count(self, firsts: NDArray[np.intp], lasts: NDArray[np.intp]) -> None:
        long = lasts - firsts >= self.least
        firsts, lasts = firsts[long], lasts[long]
        self.number += len(firsts)
        self.total += int(np.sum(lasts - firsts))
        room = _KEPT - len(self.kept)
        self.kept += zip(firsts[:room].tolist(), lasts[:room].tolist(), strict=True)


class SampleCheck:
    """Finds samples that are not finite, and those that stand still, in the strain of one interferometer.

    Parameters
    ----------
    least
        Equal samples in a row from which on the strain stands still.
    """

    def __init__(self, least: int) -> None:
        self._not_finite = Runs()
        # A run of n equal neighbours is n + 1 equal samples.
        self._still = Runs(max(1, least - 1))
        self._last: NDArray[Any] | None = None

    def add(self, samples: NDArray[Any]) -> None:
        """Take the next samples."""
        self._not_finite.add(~np.isfinite(samples))
        if self._last is not None:
            samples = np.concatenate([self._last, samples])
        # Infinite samples are equal too, and told already.
        self._still.add((samples[1:] == samples[:-1]) & np.isfinite(samples[1:]))
        self._last = samples[-1:]

    def end(self, start: float, sample_rate: float) -> tuple[Stretches, Stretches]:
        """What is not finite and what stands still, in GPS seconds, for samples that begin at `start`."""
        self._not_finite.end()
        self._still.end()
        return _stretches(self._not_finite, 0, start, sample_rate), _stretches(self._still, 1, start, sample_rate)


def _stretches(runs: Runs, more: int, start: float, sample_rate: float) -> Stretches:
    """Runs as spans of time; each has `more` samples than its mask had elements."""
    spans = tuple(
        Segment(start + first / sample_rate, start + (last + more) / sample_rate) for first, last in runs.kept
    )
    return Stretches(spans, runs.number, (runs.total + more * runs.number) / sample_rate)
