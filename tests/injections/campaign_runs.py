"""Campaigns over one segment in given noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from burst_runs import SIGNALS

from aframe_data import timeslide_waveforms

if TYPE_CHECKING:
    from pathlib import Path

START, END = 1240579783, 1240579783 + 200
FILES = ("waveforms.hdf5", "rejected-parameters.hdf5")
TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 4, "buffer": 2, "jitter": 0.1, "psd_length": 16}


def campaign(folder: Path, noise: Path | None, **changes: Any) -> Any:
    """A campaign of forty injections, more than slide 1 holds."""
    settings = {**SIGNALS, **TIMES, "start": START, "end": END, "num_signals": 40, "psd": noise, "output_dir": folder}
    return timeslide_waveforms(**{**settings, **changes})
