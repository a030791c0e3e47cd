"""Frames that a GWDataFind server knows of: on its own disks, on web servers, in the OSDF.

This file only says what there is. `strain` holds the class, `frametypes` guesses which frames have a channel,
`server` is what the server can be asked, `locations` where a file can be had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import StrainFetcherProvider
from aframe_data_plugins.datafind.options import DatafindOptions

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def register_strain_fetchers() -> Iterator[StrainFetcherProvider]:
    """Give the frames of a server."""
    yield StrainFetcherProvider(
        name="datafind",
        summary="Strain from frames that a GWDataFind server knows of, public and private: H1:GDS-CALIB_STRAIN_CLEAN",
        load="aframe_data_plugins.datafind.strain:DatafindStrain",
        options=DatafindOptions,
        channels=(r"[A-Z][0-9]:.+",),
        alignment=4096,
        files=True,
        requires=("gwdatafind", "igwn_auth_utils"),
        install="pip install 'aframe-data[datafind]'",
        example=("H1:GDS-CALIB_STRAIN", 1240579783),
    )
