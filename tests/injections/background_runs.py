"""Background files of white noise, and campaigns over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from burst_runs import LEVEL, RATE, SIGNALS

from aframe_data import timeslide_waveforms
from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

#: White noise of this standard deviation has the density LEVEL**2.
QUIET = LEVEL * np.sqrt(RATE / 2)
SECOND = START + 500
TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 6, "buffer": 1, "jitter": 0.1, "psd_length": 16}


def white(folder: Path, start: int, *, seconds: float = 64, level: float = QUIET, rate: float = RATE) -> Path:
    """A background file of white noise in H1 and L1."""
    strain = {ifo: noise(seconds, rate=rate, level=level, seed=row) for row, ifo in enumerate(("H1", "L1"))}
    return write_strain(folder, strain, rate=rate, start=start)


def campaign(folder: Path, background: Any, **changes: Any) -> Any:
    settings = {**SIGNALS, **TIMES, "background": background, "output_dir": folder, "snr_threshold": 4}
    return timeslide_waveforms(**{**settings, **changes})
