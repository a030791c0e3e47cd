"""Reading background files as a test wants them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py

from aframe_data.strain.resample import Resampler
from servers.gwosc_files import synthetic_strain

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np


def read(path: Path, ifo: str = "H1") -> np.ndarray:
    """The samples of one interferometer."""
    with h5py.File(path) as file:
        return file[ifo][:]


def record(path: Path) -> dict[str, Any]:
    """The provenance."""
    with h5py.File(path) as file:
        return json.loads(file.attrs["provenance"])


def expected(ifo: str, start: int, stop: int, rate_in: int, rate_out: int) -> np.ndarray:
    """`synthetic_strain` of a span, resampled with the true samples beyond its edges."""
    resampler = Resampler(rate_in, rate_out)
    samples = synthetic_strain(ifo, start - 1, stop + 1, rate_in)
    return resampler.apply(samples[rate_in - resampler.context : len(samples) - rate_in + resampler.context])


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too, but for the folder of what is not whole yet."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "background.parts"}
