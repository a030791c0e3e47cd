"""Where the files of a whole data set are: the folders in which Aframe's training, inference and plots look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: The spans of a data set: what the network is trained and validated on, and what it is tested on.
TRAIN, TEST = SPLITS = ("train", "test")


@dataclass(frozen=True)
class DatasetLayout:
    """The files of the data set in a folder."""

    root: Path

    def background(self, split: str) -> Path:
        """Folder of the background files of a split, with names ``background-START-DURATION.hdf5``."""
        return self.root / "data" / split

    def segments(self, split: str) -> Path:
        """Segments file of a split."""
        return self.background(split) / "segments.txt"

    def waveforms(self, split: str) -> Path:
        """Folder of the signals of a split, and of its PSDs."""
        return self.root / "waveforms" / split

    def psd(self, split: str) -> Path:
        """Power spectral densities of a split's background."""
        return self.waveforms(split) / "psd.hdf5"

    @property
    def training_waveforms(self) -> Path:
        """Polarizations that training projects and injects."""
        return self.waveforms(TRAIN) / "training_waveforms.hdf5"

    @property
    def validation_waveforms(self) -> Path:
        """Responses of the detectors to the validation signals."""
        return self.waveforms(TRAIN) / "val_waveforms.hdf5"

    @property
    def injections(self) -> Path:
        """Responses of the detectors to all injections of the campaign."""
        return self.waveforms(TEST) / "waveforms.hdf5"

    @property
    def rejected(self) -> Path:
        """Parameters of the draws that the campaign rejected."""
        return self.waveforms(TEST) / "rejected_parameters.hdf5"

    @property
    def branches(self) -> Path:
        """Folder of the campaign's injections by background file and slide: ``START-DURATION-SLIDE/waveforms.hdf5``."""
        return self.waveforms(TEST) / "branches"

    @property
    def record(self) -> Path:
        """What the last build made, and what that cost."""
        return self.root / "build.json"

    @property
    def report(self) -> Path:
        """The page that shows all of it."""
        return self.root / "report.html"
