"""Strain from files on disk: frames (GWF) and HDF5, found by path, folder, pattern or cache file.

This file only says what there is. `strain` holds the class, `index` which files there are, `caches` the lists of
files, `formats` and `hdf5` what is in a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import StrainFetcherProvider
from aframe_data_plugins.frames.options import FramesOptions

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def register_strain_fetchers() -> Iterator[StrainFetcherProvider]:
    """Give the reader of files."""
    yield StrainFetcherProvider(
        name="frames",
        summary="Strain from files on disk: GWF or HDF5, by path, folder, pattern or cache file (LAL, FFL)",
        load="aframe_data_plugins.frames.strain:FramesStrain",
        options=FramesOptions,
        channels=(r"[A-Z][0-9](:.+)?",),
        alignment=4096,
        automatic=False,
    )
