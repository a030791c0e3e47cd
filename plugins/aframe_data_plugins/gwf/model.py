"""What a frame file holds, and what goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.types import Segment


class DamagedFileError(Exception):
    """The file is not a frame file, is cut or changed, or cannot be decoded; the message says what it is."""


class NoSuchChannelError(Exception):
    """The file has no such channel."""

    def __init__(self, channel: str, channels: tuple[str, ...]) -> None:
        self.channel, self.channels = channel, channels
        super().__init__(channel, channels)


@dataclass(frozen=True)
class Contents:
    """What a file holds.

    Attributes
    ----------
    channels
        Their names.
    frames
        The span of each frame, in GPS seconds and in the order of the file.
    """

    channels: tuple[str, ...]
    frames: tuple[Segment, ...]


@dataclass(frozen=True)
class Samples:
    """Samples of one channel.

    Attributes
    ----------
    data
        (n,) of the type that the file has; floating point with NaN where the file marks samples as invalid.
    start
        GPS time of the first one, in seconds.
    sample_rate
        Hz.
    unit
        As the file has it.
    """

    data: NDArray[Any]
    start: float
    sample_rate: float
    unit: str
