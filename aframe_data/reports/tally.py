"""What a unit of rejection gave, and what all of them give together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Tally:
    """What a unit gave.

    Attributes
    ----------
    accepted, rejected
        Numbers of draws; the one that filled the last place is the last.
    made
        Draws made in full, the failed ones left out.
    failures
        Parameters of each draw that gave no waveform, and why; neither accepted nor rejected. And a line for each
        attempt whose worker died.
    audited, largest_ratio
        Draws made in full only as an audit, and the largest ratio of their SNR to the estimate.
    missed
        What the audit found among them that should have been accepted; empty unless estimates cannot be trusted.
    """

    accepted: int = 0
    rejected: int = 0
    made: int = 0
    failures: tuple[str, ...] = ()
    audited: int = 0
    largest_ratio: float = 0.0
    missed: tuple[str, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        sums = {name: value + getattr(other, name) for name, value in vars(self).items()}
        return Tally(**{**sums, "largest_ratio": max(self.largest_ratio, other.largest_ratio)})

    @property
    def drawn(self) -> int:
        """Signals drawn, the failed ones left out: what the files call `num_injections`."""
        return self.accepted + self.rejected

    def kept(self) -> dict[str, Any]:
        """What a file keeps of all units together, which missed nothing."""
        return {name: value for name, value in vars(self).items() if name != "missed"}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Tally:
        """What a file keeps of one."""
        return cls(**{**kept, "failures": tuple(kept["failures"]), "missed": tuple(kept.get("missed", ()))})
