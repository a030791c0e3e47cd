"""The conformance kit on the strain of open data, and what it says of a fetcher that downloads past the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.testing import StrainFetcherTests
from servers.gwosc_clients import FILE, START, add_three_files

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.filestore import FileStore
    from aframe_data_plugins.gwosc.strain import GwoscStrain
    from servers.gwosc import GwoscServer
    from servers.gwosc_archive import GwoscArchive


class TestOpenData(StrainFetcherTests):
    name = "gwosc"
    channel = "H1"
    start, stop = START + 5, START + 2 * FILE
    sample_rate = 4096
    missing = (START - 10, START + 5)
    too_high = 20_000

    @pytest.fixture(autouse=True)
    def _archive(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "archive"
        folder.mkdir()
        add_three_files(archive, folder)
        monkeypatch.setenv("GWOSC_SERVER_URL", server.url)

    def test_the_kit_notices_downloads_that_go_past_the_store(self, tmp_path: Path) -> None:
        class Careless(StrainFetcherTests):
            name, channel, start, stop, sample_rate = "gwosc", "H1", self.start, self.stop, 4096

            def fetcher(self) -> GwoscStrain:
                made: GwoscStrain = self.choice().create()

                def forget(_store: FileStore) -> None:
                    """Go on downloading for each question anew."""

                object.__setattr__(made, "keep_files", forget)
                return made

        with pytest.raises(AssertionError, match=r"downloads through the store: \{\}"):
            Careless().test_files_that_are_asked_for_in_parts_are_downloaded_once(tmp_path)
