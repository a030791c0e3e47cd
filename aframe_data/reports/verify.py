"""What a folder of background files is told to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from aframe_data.work.plan import Report

if TYPE_CHECKING:
    from collections.abc import Sequence


class Verified(Report, Protocol):
    """What was found in a folder: `aframe_data.verification.verify.VerifyReport`."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        ...

    @property
    def problems(self) -> Sequence[Any]:
        """What is wrong, in the order of time."""
        ...

    @property
    def notes(self) -> Sequence[Any]:
        """What is told besides."""
        ...

    @property
    def livetime(self) -> float:
        """Seconds that files cover, each counted once."""
        ...

    @property
    def ifos(self) -> tuple[str, ...]:
        """The interferometers of all files."""
        ...
