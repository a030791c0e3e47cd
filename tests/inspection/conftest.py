"""A sound file of strain, and one of waveforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from inspected import RECORD, SPAN

from aframe_data.formats import background, ledger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def strain_file(tmp_path: Path) -> Path:
    path = tmp_path / "background-1240579783-10.hdf5"
    with background.create(path, ifos=["H1", "L1"], segment=SPAN, sample_rate=256, dtype="float32") as writer:
        for ifo in ("H1", "L1"):
            writer.append(ifo, np.ones(2560))
        writer.describe({"H1": "H1", "L1": "L1"}, RECORD)
    return path


@pytest.fixture
def waveform_file(tmp_path: Path) -> Path:
    path = tmp_path / "train_waveforms.hdf5"
    attributes = {"sample_rate": 256.0, "duration": 2.0, "right_pad": 0.5, "num_injections": 3, "ifos": ["H1", "L1"]}
    layout = ledger.Layout(3, attributes, {"mass_1": ()}, {"cross": 512})
    with ledger.create(path, layout) as writer:
        writer.append({"mass_1": np.array([5.0, 7.0, 6.0])}, {"cross": np.ones((3, 512))})
        writer.finish(RECORD)
    return path
