"""The options of frames that a server knows of; nothing is imported that costs time."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option
from aframe_data.sizes import parse_size


@dataclass(frozen=True)
class DatafindOptions:
    """Options of the strain fetcher ``datafind``."""

    host: str = option(
        help="GWDataFind server: a host name (https is assumed) or a URL such as https://datafind.igwn.org",
        env="GWDATAFIND_SERVER",
        affects_data=False,
    )
    frametype: tuple[str, ...] = option(
        default=(),
        help="Frame type, one for all interferometers or one for each, as in H1=H1_HOFT_C00",
        otherwise="guessed from the channel",
        aliases=("frame-type",),
    )
    urltype: str = option(
        default="auto",
        help="How to get the files; auto takes files on local disks first, then https, http or osdf",
        choices=("auto", "file", "https", "http", "osdf"),
        aliases=("url-type",),
        affects_data=False,
    )
    director: str = option(
        default="https://osdf-director.osg-htc.org",
        help="URL of the Pelican director that knows where osdf files are",
        affects_data=False,
    )
    timeout: float = option(
        default=60.0,
        help="Seconds to wait for a server to start or continue an answer",
        minimum=0,
        exclusive=True,
        affects_data=False,
    )
    largest_file: int | None = option(
        default=None,
        help="Largest file to download, such as 20GB",
        otherwise="64 MB plus 2 MB for each second in its name",
        parse=parse_size,
        affects_data=False,
    )
