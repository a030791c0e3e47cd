"""The options of the two GWOSC providers; nothing is imported that costs time."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option


@dataclass(frozen=True)
class GwoscOptions:
    """Where the archive is, and how long to wait for it."""

    host: str = option(
        default="https://gwosc.org",
        help="URL of the GWOSC server, with http:// or https://",
        env="GWOSC_SERVER_URL",
        affects_data=False,
    )
    timeout: float = option(
        default=30.0,
        help="Seconds to wait for the server to start or continue an answer",
        minimum=0,
        exclusive=True,
        affects_data=False,
    )


@dataclass(frozen=True)
class GwoscStrainOptions(GwoscOptions):
    """The same, and which of the archive's two formats and two rates to download."""

    file_format: str = option(
        default="hdf5",
        help="Format of the archive's files",
        choices=("hdf5", "gwf"),
        aliases=("format",),
        affects_data=False,
    )
    rate: int | None = option(
        default=None,
        help="Sample rate of the archive's files to read, 4096 or 16384 Hz",
        otherwise="4096 if that is enough for the requested rate",
    )
    mirror: str | None = option(
        default=None,
        help="Folder or URL with copies of the archive's files, such as /cvmfs/gwosc.osgstorage.org/gwdata or "
        "osdf:///gwdata; files that it lacks come from the archive",
        affects_data=False,
    )
