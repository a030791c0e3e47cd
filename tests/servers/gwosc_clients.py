"""The GWOSC providers, made to ask a test server, and a small archive to ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.types import StrainRequest
from aframe_data_plugins.gwosc.options import GwoscOptions, GwoscStrainOptions
from aframe_data_plugins.gwosc.segments import GwoscSegments
from aframe_data_plugins.gwosc.strain import GwoscStrain
from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from pathlib import Path

    from servers.gwosc import GwoscServer
    from servers.gwosc_archive import GwoscArchive

START = 1240580096  # a multiple of 4096, inside O3a
FILE = 64  # seconds in a file of `add_three_files`


def add_three_files(archive: GwoscArchive, folder: Path, ifo: str = "H1") -> None:
    """Add three files of `FILE` seconds that touch, from `START`, to the run O3a."""
    for k in range(3):
        archive.add_file(write_strain_file(folder, ifo, START + k * FILE, FILE), "O3a")


def segments_of(server: GwoscServer, *, timeout: float = 30.0) -> GwoscSegments:
    return GwoscSegments(GwoscOptions(host=server.url, timeout=timeout))


def strain_of(server: GwoscServer, *, file_format: str = "hdf5", timeout: float = 30.0) -> GwoscStrain:
    return GwoscStrain(GwoscStrainOptions(host=server.url, file_format=file_format, timeout=timeout))


def request(start: int, stop: int, *channels: str, sample_rate: float = 2048) -> StrainRequest:
    return StrainRequest(channels or ("H1",), start, stop, sample_rate)
