"""The options of the NDS2 fetcher; nothing is imported that costs time."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option


@dataclass(frozen=True)
class Nds2Options:
    """Which servers are asked, and for what."""

    server: tuple[str, ...] = option(
        default=(),
        help="HOST or HOST:PORT; of several, the next is asked for what one has not",
        otherwise="nds.ligo.caltech.edu, and nds.gwosc.org for channels like H1:GWOSC-...",
        env="NDSSERVER",
        aliases=("host",),
        affects_data=False,
    )
    port: int | None = option(
        default=None,
        help="Port of servers that are named without one",
        otherwise="31200",
        minimum=1,
        maximum=65535,
        affects_data=False,
    )
    channel_type: str | None = option(
        default=None,
        help="Which channel is meant, where a server has several of one name",
        choices=("raw", "reduced", "online", "test-pt", "static"),
        aliases=("type",),
    )
    epoch: str | None = option(
        default=None,
        help="Where the channel is looked up: START-STOP in GPS seconds, ALL, or (with conda's client) an epoch's name",
        otherwise="the time that is asked for",
    )
    allow_tape: bool = option(
        default=False,
        help="Also ask for data that is on tape, which takes minutes to hours to come",
        env="NDS2_CLIENT_ALLOW_DATA_ON_TAPE",
        affects_data=False,
    )
    timeout: float = option(
        default=900.0,
        help="Seconds to wait for one answer (pip's client only; conda's waits without end)",
        minimum=0,
        exclusive=True,
        affects_data=False,
    )
