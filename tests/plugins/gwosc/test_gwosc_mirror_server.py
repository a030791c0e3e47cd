"""Mirrors that are servers: copies are downloaded once, and the archive serves where they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from mirrors import CVMFS, FOLDER, LAYOUTS, NAME, fetcher, get, origins, place

from aframe_data.filestore.temporary import TemporaryStore
from aframe_data_plugins.gwosc import mirror
from servers.gwosc_clients import FILE, START, request
from servers.gwosc_files import synthetic_strain
from servers.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.gwosc import GwoscServer


class TestServer:
    @pytest.fixture
    def web(self, files: list[Path], copies: Path) -> Iterator[WebServer]:
        place(copies, f"gwdata/{CVMFS}", *files)
        with WebServer(copies) as running:
            yield running

    def test_copies_are_downloaded_once_through_the_store(
        self, server: GwoscServer, files: list[Path], web: WebServer, tmp_path: Path
    ) -> None:
        asked = fetcher(server, f"{web.url}/gwdata/")
        asked.keep_files(TemporaryStore(tmp_path / "store"))
        for start in range(START, START + 3 * FILE, 16):
            series = asked.fetch(request(start, start + 16))["H1"]
            np.testing.assert_array_equal(series.data, synthetic_strain("H1", start, start + 16))
        assert web.asked == [f"/gwdata/{CVMFS}/{path.name}" for path in files]
        assert origins(series) == [f"{web.url}/gwdata/{CVMFS}/{files[2].name}"]
        assert server.asked(r"\.hdf5") == []

    def test_a_layout_that_was_found_is_looked_for_first(
        self, server: GwoscServer, files: list[Path], copies: Path
    ) -> None:
        place(copies, LAYOUTS[3], *files)
        with WebServer(copies) as web:
            get(server, web.url)
        assert [path.rpartition("/")[2] for path in web.asked] == [NAME] * 4 + [path.name for path in files[1:]]

    def test_a_file_that_is_not_there_is_asked_for_once(
        self, server: GwoscServer, files: list[Path], web: WebServer
    ) -> None:
        asked = fetcher(server, f"{web.url}/nothing")
        for _ in range(2):
            series = asked.fetch(request(START, START + FILE))["H1"]
        assert origins(series)[0].endswith(f"/archive/data/O3a_4KHZ_R1/{FOLDER}/{files[0].name}")
        assert len(web.asked) == len(LAYOUTS)

    @pytest.mark.parametrize("status", [403, 503])
    def test_a_server_that_refuses_is_told_and_the_archive_serves(
        self, server: GwoscServer, web: WebServer, caplog: pytest.LogCaptureFixture, status: int
    ) -> None:
        web.statuses = [status]
        series = get(server, f"{web.url}/gwdata")
        assert [origin.startswith(server.url) for origin in origins(series)] == [True, False, False]
        assert f"answers {status}" in caplog.text

    def test_a_copy_that_arrives_cut_is_not_used(
        self, server: GwoscServer, web: WebServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        web.drop = 1000
        series = get(server, f"{web.url}/gwdata", stop=START + FILE)
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + FILE))
        assert origins(series)[0].startswith(server.url)
        assert f"is taken from the archive itself: {web.url.removeprefix('http://')} broke off" in caplog.text

    def test_a_damaged_copy_leaves_the_store(
        self, server: GwoscServer, copies: Path, web: WebServer, tmp_path: Path
    ) -> None:
        (copies / "gwdata" / CVMFS / NAME).write_bytes(b"<html>")
        asked = fetcher(server, f"{web.url}/gwdata")
        asked.keep_files(TemporaryStore(tmp_path / "store"))
        asked.fetch(request(START, START + 4))
        kept = [path for path in (tmp_path / "store").rglob("*.hdf5") if path.read_bytes() == b"<html>"]
        assert kept == []

    def test_the_osdf_is_reached_by_its_director(
        self, server: GwoscServer, files: list[Path], web: WebServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with WebServer(web.folder, elsewhere=web.url) as director:
            monkeypatch.setattr(mirror, "_DIRECTOR", director.url)
            series = get(server, "osdf:///gwdata")
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + 3 * FILE))
        assert origins(series) == [f"osdf:///gwdata/{CVMFS}/{path.name}" for path in files]
        assert director.asked == web.asked == [f"/gwdata/{CVMFS}/{path.name}" for path in files]
