"""The options of the DQSEGDB source; nothing is imported that costs time."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option


@dataclass(frozen=True)
class DqsegdbOptions:
    """Where the data base is, and how long to wait for it."""

    host: str = option(
        default="https://segments.igwn.org",
        help="URL of the DQSEGDB server, with http:// or https://",
        env="DEFAULT_SEGMENT_SERVER",
        affects_data=False,
    )
    timeout: float = option(
        default=60.0,
        help="Seconds to wait for the server to start or continue an answer",
        minimum=0,
        exclusive=True,
        affects_data=False,
    )
