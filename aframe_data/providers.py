"""For authors of plugins: the records of providers, from `aframe_data.plugin`."""

from __future__ import annotations

from aframe_data.plugin.records import (
    Frame,
    PriorProvider,
    Provider,
    SegmentSourceProvider,
    StrainFetcherProvider,
    WaveformGeneratorProvider,
)

__all__ = [
    "Frame",
    "PriorProvider",
    "Provider",
    "SegmentSourceProvider",
    "StrainFetcherProvider",
    "WaveformGeneratorProvider",
]
