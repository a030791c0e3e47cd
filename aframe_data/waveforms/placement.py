"""For authors of waveform generators: putting a model's samples on the grid, from `aframe_data.plugin`."""

from __future__ import annotations

from aframe_data.plugin.placement import (
    TAPER_DURATION,
    fade_in,
    fade_length,
    place,
    zero_index,
)

__all__ = [
    "TAPER_DURATION",
    "fade_in",
    "fade_length",
    "place",
    "zero_index",
]
