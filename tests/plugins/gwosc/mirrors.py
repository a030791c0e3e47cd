"""Copies of the archive's files in the layouts of mirrors, and fetches that use them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from aframe_data_plugins.gwosc.options import GwoscStrainOptions
from aframe_data_plugins.gwosc.strain import GwoscStrain
from servers.gwosc_clients import FILE, START, request

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import StrainSeries
    from servers.gwosc import GwoscServer

#: Of the file that begins at `START`, in the layouts that were seen.
NAME = f"H-H1_GWOSC_O3a_4KHZ_R1-{START}-{FILE}.hdf5"
FOLDER, WIDE_FOLDER = 1240465408, 1237319680
CVMFS = f"O3a/strain.4k/hdf.v1/H1/{FOLDER}"
LAYOUTS = [
    CVMFS,
    f"O3a/O3a_4KHZ_R1/STRAIN_HDF/H1/{FOLDER}",
    f"O3a/O3a_4KHZ_R1/STRAIN_HDF/H1/{WIDE_FOLDER}",
    f"O3a_4KHZ_R1/{FOLDER}",
    ".",
]


def place(copies: Path, layout: str, *files: Path) -> list[str]:
    """Copy files into a mirror."""
    folder = copies / layout
    folder.mkdir(parents=True, exist_ok=True)
    return [shutil.copy(file, folder) for file in files]


def fetcher(server: GwoscServer, base: object, **options: Any) -> GwoscStrain:
    return GwoscStrain(GwoscStrainOptions(host=server.url, mirror=str(base), **options))


def get(server: GwoscServer, base: object, start: int = START, stop: int = START + 3 * FILE) -> StrainSeries:
    return fetcher(server, base).fetch(request(start, stop))["H1"]


def origins(series: StrainSeries) -> list[str]:
    return [piece.origin for piece in series.pieces]
