"""The options of the Arrakis fetcher; nothing is imported that costs time."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option


@dataclass(frozen=True)
class ArrakisOptions:
    """Where the server is, and how long to wait for it."""

    server: str = option(
        help="URL of the Arrakis server: grpc://HOST:PORT, or grpc+tls://HOST:PORT if encrypted",
        env="ARRAKIS_SERVER",
        affects_data=False,
    )
    timeout: float = option(
        default=60.0,
        help="Seconds to wait for the server to start or continue an answer",
        minimum=0,
        exclusive=True,
        affects_data=False,
    )
