"""The conformance kit, on files of both formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.testing import StrainFetcherTests
from servers.frames import write_frames

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START = 1_000_000_000


class TestFrameFiles(StrainFetcherTests):
    name = "frames"
    channel = "H1:TEST-STRAIN"
    start, stop = START + 3, START + 60
    sample_rate = 128
    missing = (START + 1000, START + 1010)
    too_high = 512

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        for start in range(START, START + 64, 32):
            write_frames(tmp_path, self.channel, start, 32, frame=8)
        self.options: Mapping[str, Any] = {"path": (str(tmp_path),)}  # type: ignore[misc] - as an author writes it


class TestRealHdf5Files(StrainFetcherTests):
    name = "frames"
    channel = "H1"
    start, stop = 1126259450, 1126259470
    sample_rate = 4096
    missing = (1126259400, 1126259410)
    too_high = 8192

    @pytest.fixture(autouse=True)
    def _files(self, shared_data: Path) -> None:
        path = shared_data / "strain" / "H-H1_LOSC_4_V2-1126259446-32.hdf5"
        self.options: Mapping[str, Any] = {"path": (str(path),)}  # type: ignore[misc] - as an author writes it
