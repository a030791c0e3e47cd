"""Strain from NDS2 servers, by channel: private and public data of LIGO, Virgo and GEO.

This file only says what there is. `strain` holds the class, `servers` which servers are asked, `client` what a
client library must do; `gwpy_client` does it with python-nds2-client through gwpy, `dttlib_client` with the same C++
library as dttlib brings it; `messages` says what the library's errors mean.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import StrainFetcherProvider
from aframe_data_plugins.nds2.options import Nds2Options

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The client that gwpy talks to, and the one that pip can install.
GWPYS, PIPS = "nds2", "dttlib"


def library() -> str:
    """The import name of the client library in use: `GWPYS` where it is installed, else `PIPS`, if that is."""
    spec = find_spec(GWPYS)
    # A folder called nds2 beside the user's files can be imported, and is no client.
    if (spec is None or spec.origin is None) and find_spec(PIPS) is not None:
        return PIPS
    return GWPYS


@hookimpl
def register_strain_fetchers() -> Iterator[StrainFetcherProvider]:
    """Give the channels of NDS2 servers."""
    yield StrainFetcherProvider(
        name="nds2",
        summary="Strain by channel from NDS2 servers: private data of the LVK, and public data from nds.gwosc.org",
        load="aframe_data_plugins.nds2.strain:Nds2Strain",
        options=Nds2Options,
        requires=(library(),),
        install="conda install -c conda-forge python-nds2-client; or pip install 'aframe-data[nds2]' "
        "(Linux on x86-64, macOS on arm64); or use the container, which has it",
        channels=(r"[A-Z][0-9]:[^\s,]+",),
        alignment=4096,
    )
