"""The conformance kit, run on the nds2 fetcher with each of the two clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.testing import StrainFetcherTests
from servers.nds2_clients import CHANNEL, START, DoubleProcess, archive
from servers.nds2_server import Nds2Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aframe_data.plugin.protocols import StrainFetcher
    from aframe_data.types import StrainRequest, StrainSeries


class _Nds2Tests(StrainFetcherTests):
    name = "nds2"
    channel = CHANNEL
    start, stop = START, START + 16
    sample_rate = 128
    missing = (START + 10_000, START + 10_010)
    too_high = 512


@pytest.mark.slow
@pytest.mark.usefixtures("_server")
class TestWithGwpy(_Nds2Tests):
    @pytest.fixture
    def _server(self, double: DoubleProcess, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NDSSERVER", "nds.test:31201")
        self.double = double

    def fetcher(self) -> StrainFetcher:
        double, options = self.double, {"server": "nds.test:31201"}

        class InTheOtherProcess:
            def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
                return double.fetch({("nds.test", 31201): archive()}, options, request)

        return InTheOtherProcess()


@pytest.mark.slow
@pytest.mark.usefixtures("_dttlib", "_server")
class TestWithDttlib(_Nds2Tests):
    @pytest.fixture
    def _server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with Nds2Server(archive()) as server:
            monkeypatch.setenv("NDSSERVER", server.address)
            yield
