"""Facts that files of several kinds have: plain data, as JSON has it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from aframe_data.psd.spectra import quietest
from aframe_data.times import utc

if TYPE_CHECKING:
    from aframe_data.types import FloatArray, Segment


def number(value: float) -> float | None:
    """A finite number, or None: JSON has no NaN."""
    value = float(value)
    return value if math.isfinite(value) else None


def span_facts(span: Segment) -> dict[str, Any]:
    """The span of a file, and when that was."""
    return {"span": {"start": float(span.start), "stop": float(span.stop)}, "start_utc": utc(span.start) or None}


def asd_fact(frequencies: FloatArray, density: FloatArray) -> dict[str, Any]:
    """Where a detector hears best, by its power spectral density; nothing where it has no sound one."""
    best = quietest(frequencies, density)
    return {"smallest_asd": {"asd": best[1], "frequency": best[0]}} if best else {}
