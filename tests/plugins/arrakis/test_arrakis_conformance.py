"""The conformance kit on a real Arrakis server of frame files."""

from __future__ import annotations

import pytest

from aframe_data.testing import StrainFetcherTests
from servers.arrakis_clients import CHANNEL, START

pytestmark = pytest.mark.slow


class TestArrakis(StrainFetcherTests):
    name = "arrakis"
    channel = CHANNEL
    start, stop = START + 3, START + 29
    sample_rate = 1000
    missing = (START + 33, START + 40)
    too_high = 2048

    @pytest.fixture(autouse=True)
    def _told_by_the_environment(self, archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ARRAKIS_SERVER", archive)
