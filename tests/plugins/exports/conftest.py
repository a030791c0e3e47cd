"""A campaign of signals that precess, and background, as finished files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from precessing import SIGNALS, START, campaign

from aframe_data import fetch, training_waveforms
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def injections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three injections."""
    return campaign(tmp_path_factory.mktemp("campaign"))


@pytest.fixture(scope="session")
def dataset(injections: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a data set: background to train and to test on, training waveforms, injections."""
    folder = tmp_path_factory.mktemp("dataset")
    for split, start in (("train", START), ("test", START + 10_000)):
        spans = [Segment(start, start + 64), Segment(start + 100, start + 132)]
        fetch(
            channels=["H1", "L1"],
            segments=spans if split == "train" else spans[:1],
            sample_rate=512,
            output_directory=folder / "data" / split,
            source="simulated",
            workers=0,
        ).raise_for_failures()
    training_waveforms(**SIGNALS, num_signals=4, output_file=folder / "waveforms/train/training_waveforms.hdf5")
    test = folder / "waveforms" / "test"
    test.mkdir()
    (test / "waveforms.hdf5").write_bytes(injections.read_bytes())
    return folder
