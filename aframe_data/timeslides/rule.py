"""The rule of an injection campaign: where injections lie in a segment, and how the detectors are shifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.requests.campaign import AFRAME, WINDOWS

if TYPE_CHECKING:
    from aframe_data.types import FloatArray

#: Seconds: above the rounding of the sums here, below that of a GPS time in float64 (2.4e-7 s). A segment that
#: ends on the last window's edge holds this window, though 0.1 is no binary number.
_ROUNDING = 1e-8


@dataclass(frozen=True)
class SlideRule:
    """Where injections lie in a segment, and how the detectors are shifted. All times are in seconds.

    Attributes
    ----------
    ifos, shifts
        Detectors, and in the same order the shift of each in slide 1: with a shift s a detector is read at t + s.
    spacing
        From the end of a window to the start of the next one, before jitter.
    buffer
        From the edges of what can be analysed to the nearest window, jitter included.
    jitter
        Each injection is moved by a uniform draw between minus and plus this.
    psd_length
        Taken from the start of each segment, where the analysis estimates its first PSD.
    duration, right_pad
        Of a window, and from the injection's reference time, at the geocentre, to the window's end.
    grid
        Whose times these are, for the identity of campaigns; None where windows are fitted in, as here.
    whole_slides
        Whether the last slide is made whole, with more injections than are asked for.
    """

    whole_slides: ClassVar[bool] = False

    ifos: tuple[str, ...]
    shifts: tuple[float, ...]
    spacing: float
    buffer: float
    jitter: float
    psd_length: float
    duration: float
    right_pad: float
    grid: str | None = None

    @property
    def step(self) -> float:
        """From window to window."""
        return self.duration + self.spacing

    @property
    def occupied(self) -> float:
        """What one window needs of the analysable span, its jitter and both buffers included."""
        return self.duration + 2 * (self.buffer + self.jitter)

    @property
    def needs(self) -> str:
        """In words, what one window needs of a segment in slide 0."""
        return (
            f"{self.psd_length + self.occupied:.10g} s of a segment (psd_length {self.psd_length:g}, duration "
            f"{self.duration:g}, and twice buffer {self.buffer:g} and jitter {self.jitter:g})"
        )

    @property
    def largest_shift(self) -> float:
        """The largest shift of slide 1; slide k takes k times that from the end of each segment."""
        return max(self.shifts)

    @property
    def first(self) -> float:
        """From a segment's start to the first reference time, before jitter."""
        return self.psd_length + self.buffer + self.jitter + self.duration - self.right_pad

    def windows(self, spans: FloatArray) -> FloatArray:
        """How many windows fit into analysable spans of so many seconds; whole numbers, below 1 for none."""
        held: FloatArray = np.floor((spans - self.occupied + _ROUNDING) / self.step) + 1
        return held

    def check(self, sample_rate: float) -> None:
        """Refuse shifts that are none; what is wrong in each number by itself was refused with the request.

        Raises
        ------
        UsageError
            A shift is negative, a detector has none, or they are all equal, in samples at a rate (Hz).
        """
        given = ", ".join(f"{shift:g}" for shift in self.shifts)
        if len(self.shifts) != len(self.ifos):
            raise UsageError(
                f"shifts = {given or 'none'} must be {len(self.ifos)} numbers, one for each of {', '.join(self.ifos)}."
            )
        if not all(shift >= 0 for shift in self.shifts):
            raise UsageError(f"shifts = {given}: only numbers of at least 0 are allowed, in seconds.")
        if len(self.ifos) > 1 and len(set(self.shifts)) == 1:
            raise UsageError(
                f"shifts = {given} are all equal, so the detectors would not be shifted against each other: that is "
                "zero-lag, the real data. Give different shifts, such as 0,1."
            )
        if len(self.ifos) > 1 and len({int(shift * sample_rate) for shift in self.shifts}) == 1:
            raise UsageError(
                f"shifts = {given} differ by less than a sample at {sample_rate:g} Hz: that is zero-lag, the real "
                "data. Give shifts that differ by more, such as 0,1."
            )

    def warnings(self, sample_rate: float) -> tuple[str, ...]:
        """What is allowed and probably not meant, a sentence each."""
        found = []
        if any(not (shift * sample_rate).is_integer() for shift in self.shifts):
            given = ", ".join(f"{shift:g}" for shift in self.shifts)
            found.append(
                f"shifts = {given} are not whole numbers of samples at {sample_rate:g} Hz, and readers can shift by "
                "whole samples only."
            )
        if len(self.ifos) > 2 and len(set(self.shifts)) < len(self.shifts):
            found.append(
                "shifts: two interferometers have the same shift, so they are never shifted against each other and "
                "real signals in both stay in the background."
            )
        reader = "Aframe's inference may take an injection for one of another segment, or find two in one window."
        if self.right_pad > self.duration / 2:
            found.append(f"right_pad = {self.right_pad:g} is above half of the window of {self.duration:g} s: {reader}")
        if self.jitter >= self.spacing / 2:
            found.append(f"jitter = {self.jitter:g} is not below half of spacing = {self.spacing:g}: {reader}")
        return tuple(found)


@dataclass(frozen=True)
class AframeRule(SlideRule):
    """Where Aframe's own pipeline injects: from `margin` after the start, below `margin` before the end, in any case.

    Its inference looks for each segment in each slide that the last one has, so slides are made whole.
    """

    whole_slides: ClassVar[bool] = True
    grid: str | None = AFRAME

    @property
    def margin(self) -> float:
        """From either end of the analysable span to the nearest reference time, before jitter."""
        return self.buffer + self.duration // 2

    @property
    def first(self) -> float:
        """From a segment's start to the first reference time, before jitter."""
        return self.psd_length + self.margin

    @property
    def needs(self) -> str:
        """In words, what one reference time needs of a segment in slide 0."""
        return (
            f"more than {self.psd_length + 2 * self.margin:.10g} s of a segment (psd_length {self.psd_length:g}, and "
            f"twice buffer {self.buffer:g} and half of duration {self.duration:g})"
        )

    def windows(self, spans: FloatArray) -> FloatArray:
        """How many reference times there are: the end is not one of them."""
        held: FloatArray = np.ceil((spans - 2 * self.margin) / self.step)
        return held


#: By the name of their grid.
RULES = {WINDOWS: SlideRule, AFRAME: AframeRule}
