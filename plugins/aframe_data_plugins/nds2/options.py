"""The options of the NDS2 fetcher; nothing is imported that costs time."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option


@dataclass(frozen=True)
class Nds2Options:
    """Which servers are asked, and for what."""

    server: tuple[str, ...] = option(
        default=(),
        help="HOST or HOST:PORT; if several are given, each is asked for what the ones before lack",
        otherwise="nds.ligo.caltech.edu, and nds.gwosc.org for channels like H1:GWOSC-...",
        env="NDSSERVER",
        aliases=("host",),
        affects_data=False,
    )
    port: int | None = option(
        default=None,
        help="Port of servers given without one",
        otherwise="31200",
        minimum=1,
        maximum=65535,
        affects_data=False,
    )
    channel_type: str | None = option(
        default=None,
        help="Type of the channel, if the server has several of the same name",
        choices=("raw", "reduced", "online", "test-pt", "static"),
        aliases=("type",),
    )
    epoch: str | None = option(
        default=None,
        help="Epoch in which to look up the channel: START-STOP in GPS seconds, ALL, or (with conda's client) a name",
        otherwise="the requested time",
    )
    allow_tape: bool = option(
        default=False,
        help="Also request data from tape, which can take minutes to hours",
        env="NDS2_CLIENT_ALLOW_DATA_ON_TAPE",
        affects_data=False,
    )
    timeout: float = option(
        default=900.0,
        help="Seconds to wait for one answer (pip's client only; conda's has no limit)",
        minimum=0,
        exclusive=True,
        affects_data=False,
    )
