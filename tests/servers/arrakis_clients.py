"""The Arrakis fetcher, made to ask a test server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.types import StrainRequest
from aframe_data_plugins.arrakis.options import ArrakisOptions

if TYPE_CHECKING:
    from aframe_data.types import StrainSeries
    from aframe_data_plugins.arrakis.strain import ArrakisStrain

CHANNEL = "H1:GDS-CALIB_STRAIN"
START = 1_000_000_000


def fetcher(url: str, timeout: float = 30.0) -> ArrakisStrain:
    from aframe_data_plugins.arrakis.strain import ArrakisStrain

    return ArrakisStrain(ArrakisOptions(server=url, timeout=timeout))


def get(
    url: str,
    start: int = 0,
    stop: int = 4,
    *,
    channel: str = CHANNEL,
    sample_rate: float = 128,
    timeout: float = 30.0,
) -> StrainSeries:
    """Ask for a span in seconds after `START`."""
    request = StrainRequest((channel,), START + start, START + stop, sample_rate)
    return fetcher(url, timeout).fetch(request)[channel]
