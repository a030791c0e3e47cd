"""Strain from files of one minute each, named by the GPS time of their start: 1000000020.npy, 1024 Hz."""

import numpy as np

from aframe_data.plugin import NoDataError, Piece, StrainRequest, StrainSeries, UsageError
from aframe_observatory import ArchiveOptions

SAMPLE_RATE, MINUTE = 1024, 60


class Archive:
    def __init__(self, options: ArchiveOptions) -> None:
        self.folder = options.folder

    def fetch(self, request: StrainRequest) -> dict[str, StrainSeries]:
        if request.sample_rate > SAMPLE_RATE:
            raise UsageError(f"the observatory has {SAMPLE_RATE} Hz, and {request.sample_rate:g} Hz was asked for.")
        return {channel: self._read(channel, request.start, request.stop) for channel in request.channels}

    def _read(self, channel: str, start: int, stop: int) -> StrainSeries:
        first = start // MINUTE * MINUTE
        minutes = range(first, stop, MINUTE)
        paths = [self.folder / f"{minute}.npy" for minute in minutes]
        for path in paths:
            if not path.exists():
                raise NoDataError(f"the observatory has no file {path.name}.")
        samples = np.concatenate([np.load(path) for path in paths])
        data = samples[(start - first) * SAMPLE_RATE : (stop - first) * SAMPLE_RATE]
        pieces = [Piece(minute, minute + MINUTE, str(path)) for minute, path in zip(minutes, paths, strict=True)]
        return StrainSeries(data, start, SAMPLE_RATE, channel[:2], channel, pieces=tuple(pieces))
