"""Small campaigns of signals that precess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data import timeslide_waveforms

if TYPE_CHECKING:
    from pathlib import Path

START = 1240579783
SIGNALS = {
    "prior": "end_o3_ratesandpops",
    "waveform_duration": 4,
    "right_pad": 1,
    "sample_rate": 2048,
    "generator_options": {"approximant": "IMRPhenomXPHM"},
    "seed": 3,
    "workers": 0,
}


def campaign(folder: Path, **changes: object) -> Path:
    """The file of a small campaign."""
    times = {"start": START, "end": START + 2000, "shifts": [0, 1], "psd": "aLIGOZeroDetHighPower", "snr_threshold": 8}
    timeslide_waveforms(**{**SIGNALS, **times, "ifos": ["H1", "L1"], "num_signals": 3, "output_dir": folder, **changes})
    return folder / "waveforms.hdf5"
