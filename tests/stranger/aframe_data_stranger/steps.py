"""A strain fetcher in twenty lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.types import Piece, StrainRequest, StrainSeries

if TYPE_CHECKING:
    from aframe_data_stranger import StepsOptions


class Steps:
    def __init__(self, options: StepsOptions) -> None:
        self.options = options

    def fetch(self, request: StrainRequest) -> dict[str, StrainSeries]:
        size = round((request.stop - request.start) * request.sample_rate)
        times = request.start + np.arange(size) / request.sample_rate
        piece = Piece(request.start, request.stop, "a clock")
        return {
            channel: StrainSeries(times, request.start, request.sample_rate, channel[:2], channel, pieces=(piece,))
            for channel in request.channels
        }
