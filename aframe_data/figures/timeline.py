"""An axis of time: seconds, minutes, hours or days from a GPS second, which its label says, with the date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.times import utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aframe_data.types import FloatArray, Segment

#: The least duration (s) that is told in each unit, the unit's name and its seconds.
_UNITS = ((2 * 86400, "days", 86400), (3 * 3600, "hours", 3600), (600, "minutes", 60), (0, "seconds", 1))


def unit_of(duration: float) -> tuple[str, float]:
    """The unit in which a duration (s) is told: its name and its seconds."""
    return next((name, seconds) for least, name, seconds in _UNITS if duration >= least)


def in_words(duration: float) -> str:
    """``3.5 days``."""
    name, seconds = unit_of(duration)
    return f"{duration / seconds:.4g} {name}"


@dataclass(frozen=True)
class TimeAxis:
    """A span of GPS seconds, in the unit that its length asks for."""

    span: Segment

    @property
    def unit(self) -> tuple[str, float]:
        """Its name and its seconds."""
        return unit_of(self.span.duration)

    def of(self, gps: FloatArray | float) -> Any:
        """Where GPS seconds lie on the axis."""
        return (gps - self.span.start) / self.unit[1]

    def bars(self, spans: Iterable[Segment]) -> list[tuple[float, float]]:
        """Where spans begin on the axis, and how wide they are, as ``broken_barh`` takes them."""
        return [(self.of(span.start), span.duration / self.unit[1]) for span in spans]

    def label(self, axes: Any) -> None:
        """Set the limits and write the label below `axes`."""
        date = utc(self.span.start)
        axes.set_xlim(0, self.of(self.span.stop))
        axes.set_xlabel(f"Time [{self.unit[0]}] from GPS {self.span.start:.15g}" + (f" ({date})" if date else ""))
