"""Simulated detectors: coloured Gaussian noise and a seeded duty cycle, for work without a network.

This file only says what the plugin gives; noise, curves and segments are in the modules beside it. The
providers are never chosen by ``auto``: simulated data are had only by asking for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import SegmentSourceProvider, StrainFetcherProvider
from aframe_data_plugins.simulated.options import SegmentOptions, StrainOptions

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def register_segment_sources() -> Iterable[SegmentSourceProvider]:
    """Give the seeded duty cycle."""
    yield SegmentSourceProvider(
        name="simulated",
        summary="Segments of a simulated detector with a seeded duty cycle",
        load="aframe_data_plugins.simulated.segments:SimulatedSegments",
        options=SegmentOptions,
        flags=(r"[A-Z][0-9][_:].+",),
        example=("H1_DATA", 1126259462),
        automatic=False,
    )


@hookimpl
def register_strain_fetchers() -> Iterable[StrainFetcherProvider]:
    """Give the coloured Gaussian noise."""
    yield StrainFetcherProvider(
        name="simulated",
        summary="Gaussian noise coloured by a detector's noise curve, the same for any division of time",
        load="aframe_data_plugins.simulated.strain:SimulatedStrain",
        options=StrainOptions,
        channels=(r"[A-Z][0-9](:.+)?",),
        alignment=4096,
        example=("H1", 1126259462),
        automatic=False,
    )
