"""Decoding frame files by gwframe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gwframe
import numpy as np
from gwframe.errors import ChannelNotFoundError
from gwframe.inspect import get_info

from aframe_data.types import Segment
from aframe_data_plugins.gwf.model import Contents, NoSuchChannelError, Samples

if TYPE_CHECKING:
    from pathlib import Path


def contents(path: Path) -> Contents:
    """Read what a file holds."""
    info = get_info(path)
    frames = tuple(Segment(frame.start, frame.start + frame.duration) for frame in info.frames)
    return Contents(tuple(info.channels), frames)


def read(path: Path, channel: str, span: Segment) -> Samples:
    """Read a span that consists of frames without a gap between them."""
    try:
        read = gwframe.read(path, channel, start=span.start, end=span.stop, allow_invalid=True, aux_mask=True)
    except ChannelNotFoundError as error:
        raise NoSuchChannelError(channel, tuple(error.available_channels)) from error
    data = read.array
    if read.mask is not None:
        data = np.where(read.mask, np.nan, data)
    return Samples(data, read.start, read.sample_rate, read.unit)
