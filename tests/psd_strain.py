"""Background files for tests of what is estimated from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np

from aframe_data.formats import background, background_names
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START = 1240579783


def write_strain(
    folder: Path, strain: Mapping[str, np.ndarray], *, rate: float = 256, start: int = START, dtype: str = "float64"
) -> Path:
    """A background file of some interferometers, named as its content."""
    size = len(next(iter(strain.values())))
    segment = Segment(start, start + size / rate)
    path = folder / background_names.file_name("background", segment)
    folder.mkdir(parents=True, exist_ok=True)
    with background.create(path, ifos=list(strain), segment=segment, sample_rate=rate, dtype=dtype) as writer:
        for ifo, samples in strain.items():
            writer.append(ifo, samples)
        writer.describe({ifo: ifo for ifo in strain}, {"software": "aframe-data"})
    return path


def noise(seconds: float, *, rate: float = 256, seed: int = 0, level: float = 1e-22) -> np.ndarray:
    """White noise of variance ``level**2``, on a mean that no detector is without."""
    return np.random.default_rng(seed).normal(3 * level, level, int(seconds * rate))


def gwosc_strain(path: Path) -> tuple[np.ndarray, int]:
    """The samples of a file of open data, and its first GPS second."""
    with h5py.File(path) as file:
        return file["strain/Strain"][:], int(file["meta/GPSstart"][()])
