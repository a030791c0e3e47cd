"""Strain of an Arrakis server, by which LIGO, Virgo and KAGRA give out channels in place of NDS.

This file only says what there is. `strain` holds the class, `server` what a server can be asked, `connection` what goes
wrong in it, `patience` how long to wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import StrainFetcherProvider
from aframe_data_plugins.arrakis.options import ArrakisOptions

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def register_strain_fetchers() -> Iterator[StrainFetcherProvider]:
    """Give the channels of a server."""
    yield StrainFetcherProvider(
        name="arrakis",
        summary="Channels of an Arrakis server, public and private: H1:GDS-CALIB_STRAIN_CLEAN",
        load="aframe_data_plugins.arrakis.strain:ArrakisStrain",
        options=ArrakisOptions,
        channels=(r"[A-Z][0-9]:\S+",),
        requires=("arrakis",),
        install="pip install 'aframe-data[arrakis]'",
    )
