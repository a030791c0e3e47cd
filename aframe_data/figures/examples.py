"""What a picture of signals gets: some of them, and how loud all are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import FloatArray


@dataclass(frozen=True, eq=False)
class Example:
    """One signal to draw.

    Attributes
    ----------
    title
        What it is, as matplotlib typesets it.
    channels
        (size,) samples of each polarization, or of each interferometer (``h1``).
    """

    title: str
    channels: Mapping[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Loudness:
    """The SNRs of all signals of a file.

    Attributes
    ----------
    network
        (n,) above `threshold`.
    ifos
        (n,) of each interferometer.
    threshold
        That signals were accepted above.
    """

    network: FloatArray
    ifos: Mapping[str, FloatArray]
    threshold: float
