"""Strain in files of 16 seconds, a folder for each detector: O1/1000000016.npz, 1024 Hz, with masks at 1 Hz."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.plugin import (
    BitMask,
    FileStore,
    NoDataError,
    Piece,
    StrainRequest,
    StrainSeries,
    UsageError,
    unknown_name,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sound import ArchiveOptions

RATE, LENGTH = 1024, 16


class Archive:
    def __init__(self, options: ArchiveOptions) -> None:
        self.folder = options.folder
        self.store: FileStore | None = None

    def keep_files(self, store: FileStore) -> None:
        self.store = store

    def fetch(self, request: StrainRequest) -> dict[str, StrainSeries]:
        if request.sample_rate > RATE:
            raise UsageError(f"the archive has {RATE} Hz, and {request.sample_rate:g} Hz was asked for.")
        return {channel: self._read(channel, request.start, request.stop) for channel in request.channels}

    def _read(self, channel: str, start: int, stop: int) -> StrainSeries:
        ifo = channel[:2]
        if not (self.folder / ifo).is_dir():
            raise unknown_name("channel", channel, ["O1", "O2"])
        first = start // LENGTH * LENGTH
        files = {gps: self._file(ifo, gps) for gps in range(first, stop, LENGTH)}
        strain, quality, injections = (
            np.concatenate([file[name] for file in files.values()]) for name in ("strain", "quality", "injections")
        )
        strain = np.where(np.repeat(quality & 1 == 1, RATE), strain, np.nan)
        seconds = slice(start - first, stop - first)
        return StrainSeries(
            data=strain[(start - first) * RATE : (stop - first) * RATE],
            start=start,
            sample_rate=RATE,
            ifo=ifo,
            channel=channel,
            quality=BitMask(quality[seconds], ("DATA", "CAT1", "CAT2")),
            injections=BitMask(injections[seconds], ("NO_CBC", "NO_BURST")),
            pieces=tuple(Piece(gps, gps + LENGTH, f"{ifo}/{gps}.npz") for gps in files),
        )

    def _file(self, ifo: str, gps: int) -> dict[str, np.ndarray]:
        path = self.folder / ifo / f"{gps}.npz"
        if not path.exists():
            raise NoDataError(f"the archive has no file {path.name} of {ifo}.")
        if self.store is None:
            return self._load(path)
        with self.store.file(f"archive://{ifo}/{gps}.npz", lambda target: self._download(path, target)) as kept:
            return self._load(kept)

    def _download(self, path: Path, target: Path) -> None:
        shutil.copy(path, target)

    def _load(self, path: Path) -> dict[str, np.ndarray]:
        with np.load(path) as file:
            return {name: file[name] for name in file.files}
