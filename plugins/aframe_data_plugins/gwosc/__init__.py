"""Open data: science segments, the event catalogue and strain from the GWOSC archive.

This file only says what there is. `segments` and `strain` hold the classes, `client` what the archive can be
asked, `connection` how, `locate` the choice of files, `mirror` their copies elsewhere, `reading` the way into them
(`files` HDF5, `frames` GWF).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import SegmentSourceProvider, StrainFetcherProvider
from aframe_data_plugins.gwosc.options import GwoscOptions, GwoscStrainOptions

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def register_segment_sources() -> Iterator[SegmentSourceProvider]:
    """Give the timelines of the archive."""
    yield SegmentSourceProvider(
        name="gwosc",
        summary="Segments and catalogue events of public data, from the Gravitational Wave Open Science Center",
        load="aframe_data_plugins.gwosc.segments:GwoscSegments",
        options=GwoscOptions,
        flags=(r"(H[12]|[LVKG]1)_[A-Z0-9_]+",),
        catalog=True,
        example=("H1_DATA", 1126259462),
    )


@hookimpl
def register_strain_fetchers() -> Iterator[StrainFetcherProvider]:
    """Give the strain of the archive."""
    yield StrainFetcherProvider(
        name="gwosc",
        summary="Public strain at 4 or 16 kHz, from the Gravitational Wave Open Science Center",
        load="aframe_data_plugins.gwosc.strain:GwoscStrain",
        options=GwoscStrainOptions,
        channels=(r"[HLVKG]1",),
        alignment=4096,
        files=True,
    )
