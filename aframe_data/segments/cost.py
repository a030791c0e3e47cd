"""What each step of a query took from the time that was asked for: of the span, nothing is left unexplained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.segments import arithmetic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aframe_data.segments.arithmetic import Segments
    from aframe_data.types import Segment

#: What a step does: demands a flag, takes out a flag or an event, stays away from edges, or leaves out short pieces.
REQUIRED, EXCLUDED, EVENT, PAD, SHORT = STEPS = ("required", "excluded", "event", "pad", "short")


@dataclass(frozen=True)
class Step:
    """One step of a query.

    Attributes
    ----------
    kind
        One of `STEPS`.
    name
        Of the flag or the event; empty for the other steps.
    left
        What is left after it.
    """

    kind: str
    name: str
    left: Segments


def costs(steps: Iterable[Step], span: Segment) -> list[dict[str, Any]]:
    """Seconds of the span that each step took from what the steps before it had left; as JSON has them."""
    told, before = [], span.duration
    for step in steps:
        after = arithmetic.livetime(arithmetic.intersect(step.left, [span]))
        told.append({"kind": step.kind, "name": step.name, "seconds": before - after})
        before = after
    return told
