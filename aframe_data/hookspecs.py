"""For authors of plugins: the hooks, from `aframe_data.plugin`."""

from __future__ import annotations

from aframe_data.plugin.hooks import (
    PROJECT,
    hookimpl,
    hookspec,
    register_priors,
    register_segment_sources,
    register_strain_fetchers,
    register_waveform_generators,
)

__all__ = [
    "PROJECT",
    "hookimpl",
    "hookspec",
    "register_priors",
    "register_segment_sources",
    "register_strain_fetchers",
    "register_waveform_generators",
]
