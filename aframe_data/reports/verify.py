"""What a folder of background files is told to be, and what all reports have in common that tell what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Report

if TYPE_CHECKING:
    from collections.abc import Sequence


class Examined(Report):
    """What was found wrong with something."""

    problems: Sequence[Any]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def exit_code(self) -> int:
        """1 where something is wrong."""
        return 0 if self.sound else 1


@dataclass(frozen=True, kw_only=True)
class Verified(Examined):
    """What was found in a folder; `aframe_data.verification.verify.VerifyReport` says more.

    Attributes
    ----------
    problems, notes
        What is wrong, and what is told besides, in the order of time.
    livetime
        Seconds that files cover, each counted once.
    ifos
        The interferometers of all files.
    """

    problems: tuple[Any, ...]
    notes: tuple[Any, ...]
    livetime: float
    ifos: tuple[str, ...]
