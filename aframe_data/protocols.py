"""For authors of plugins: what the classes behind providers do, from `aframe_data.plugin`."""

from __future__ import annotations

from aframe_data.plugin.protocols import (
    EventCatalog,
    FileFetcher,
    Pinged,
    Prior,
    SegmentSource,
    SpectrumGenerator,
    StrainFetcher,
    WaveformGenerator,
)

__all__ = [
    "EventCatalog",
    "FileFetcher",
    "Pinged",
    "Prior",
    "SegmentSource",
    "SpectrumGenerator",
    "StrainFetcher",
    "WaveformGenerator",
]
