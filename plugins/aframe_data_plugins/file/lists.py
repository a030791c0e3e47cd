"""A list of segments as a file holds it, and the checks that every format shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.segments.arithmetic import coalesce
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class FlagSegments:
    """The segments of one flag.

    Attributes
    ----------
    flag
        The flag's name, or None where the file does not say.
    active
        Where the flag is on: sorted, disjoint.
    known
        Where the file knows, or None where its format cannot tell.
    origins
        The files they came from.
    """

    flag: str | None
    active: tuple[Segment, ...]
    known: tuple[Segment, ...] | None
    origins: tuple[str, ...]

    def joined(self, other: FlagSegments) -> FlagSegments:
        """Join these segments and those of `other`, under this flag."""
        known = None
        if self.known is not None and other.known is not None:
            known = coalesce([*self.known, *other.known])
        return FlagSegments(
            flag=self.flag,
            active=coalesce([*self.active, *other.active]),
            known=known,
            origins=tuple(dict.fromkeys([*self.origins, *other.origins])),
        )


def flag_segments(
    flag: str | None, active: Iterable[Segment], known: Iterable[Segment] | None, origin: str
) -> FlagSegments:
    """Make the segments of one flag of what a file has, in any order."""
    return FlagSegments(
        flag=flag,
        active=coalesce(active),
        known=None if known is None else coalesce(known),
        origins=(origin,),
    )


def checked_segment(start: float, stop: float, where: str) -> Segment:
    """Make one segment.

    Parameters
    ----------
    start, stop
        GPS seconds.
    where
        File and line, for the error.

    Raises
    ------
    UsageError
        The times are not finite, or the segment does not start before it stops.
    """
    if not (math.isfinite(start) and math.isfinite(stop)):
        raise UsageError(f"{where}: the times {start:.10g} and {stop:.10g} must be finite GPS seconds.")
    if start >= stop:
        raise UsageError(f"{where}: the segment must start before it stops, not {start:.10g} to {stop:.10g}.")
    return Segment(start, stop)
