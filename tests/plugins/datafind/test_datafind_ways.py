"""The ways to a file: on disk, by http, by the OSDF's director; and what goes wrong on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aframe_data.errors import AuthenticationError, SourceError, TransientError
from aframe_data.filestore.temporary import TemporaryStore
from aframe_data.testing import StrainFetcherTests
from aframe_data.types import StrainRequest
from aframe_data_plugins.datafind.options import DatafindOptions
from servers.frames import samples
from servers.tokens import Issuer
from servers.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.datafind import DatafindServer

START = 1_000_000_000
CHANNEL = "H1:GDS-CALIB_STRAIN"
REQUEST = StrainRequest((CHANNEL,), START, START + 32, 64)
FILES = [f"H-H1_HOFT_C00-{START + k}-16.gwf" for k in (0, 16)]


@pytest.fixture
def web(frames: Path) -> Iterator[WebServer]:
    with WebServer(frames) as running:
        yield running


@pytest.fixture
def director(web: WebServer, tmp_path: Path) -> Iterator[WebServer]:
    """Redirects what is below /igwn/ligo to the files, as the federation's director does to a cache."""
    with WebServer(tmp_path, elsewhere=web.url) as running:
        yield running


@pytest.fixture
def server(frames: Path, web: WebServer) -> Iterator[DatafindServer]:
    from servers.datafind import DatafindServer

    with DatafindServer(frames, ways={"http": web.url, "osdf": "osdf://"}) as running:
        yield running


def fetch(server: DatafindServer, store: TemporaryStore | None = None, **options: Any) -> list[str]:
    """Fetch, compare the samples, and return where they came from."""
    from aframe_data_plugins.datafind.strain import DatafindStrain

    strain = DatafindStrain(DatafindOptions(host=server.url, **options))
    if store is not None:
        strain.keep_files(store)
    series = strain.fetch(REQUEST)[CHANNEL]
    np.testing.assert_array_equal(series.data, samples(START, START + 32))
    return [piece.origin for piece in series.pieces]


class TestConformance(StrainFetcherTests):
    name = "datafind"
    channel = CHANNEL
    start, stop = START + 2, START + 30
    sample_rate = 128
    missing = (START + 30, START + 50)
    too_high = 512

    @pytest.fixture(autouse=True)
    def _server(self, server: DatafindServer) -> None:
        self.options = {"host": server.url, "urltype": "http"}  # type: ignore[misc] - as an author writes it


class TestWays:
    def test_what_is_on_disk_is_taken_from_there(self, server: DatafindServer, web: WebServer, frames: Path) -> None:
        assert fetch(server) == fetch(server, urltype="file") == [f"file://localhost{frames}/{name}" for name in FILES]
        assert web.asked == []

    def test_files_are_downloaded_where_that_is_wished(
        self, server: DatafindServer, web: WebServer, tmp_path: Path
    ) -> None:
        store = TemporaryStore(tmp_path / "store")
        assert fetch(server, store, urltype="http") == [f"{web.url}/{name}" for name in FILES]
        fetch(server, store, urltype="http")
        assert web.asked == [f"/{name}" for name in FILES]  # once each

    def test_files_that_are_not_on_this_machine_are_downloaded(
        self, web: WebServer, frames: Path, tmp_path: Path
    ) -> None:
        from servers.datafind import DatafindServer

        listed = (frames / "test.ffl").read_text().replace(str(frames), "/far/away")
        (tmp_path / "far.ffl").write_text(listed)
        with DatafindServer(tmp_path, frames="/far/away", ways={"http": web.url}) as server:  # type: ignore[arg-type]
            assert fetch(server) == [f"{web.url}/{name}" for name in FILES]

    def test_the_director_of_the_osdf_tells_where_files_are(
        self, server: DatafindServer, web: WebServer, director: WebServer
    ) -> None:
        assert fetch(server, urltype="osdf", director=director.url) == [f"osdf:///{name}" for name in FILES]
        assert director.asked == web.asked == [f"/{name}" for name in FILES]

    def test_a_way_that_the_server_does_not_offer_is_told(self, server: DatafindServer) -> None:
        with pytest.raises(
            SourceError, match=r"no files as https, only as file, http, osdf: choose with --datafind-urltype"
        ):
            fetch(server, urltype="https")


class TestFaults:
    @pytest.mark.parametrize("status", [503, 429])
    def test_a_busy_file_server_is_asked_again_by_the_core(
        self, server: DatafindServer, web: WebServer, status: int
    ) -> None:
        web.statuses = [status]
        with pytest.raises(TransientError, match=rf"127\.0\.0\.1:\d+ answers {status}"):
            fetch(server, urltype="http")
        assert len(web.asked) == 1

    def test_a_file_that_is_cut_on_its_way_is_asked_for_again(
        self, server: DatafindServer, web: WebServer, tmp_path: Path
    ) -> None:
        store = TemporaryStore(tmp_path / "store")
        web.drop = 100
        with pytest.raises(TransientError, match=r"broke off|bytes of .* came"):
            fetch(server, store, urltype="http")
        web.drop = 0
        fetch(server, store, urltype="http")

    def test_a_file_that_arrives_damaged_is_not_kept(
        self, server: DatafindServer, web: WebServer, tmp_path: Path
    ) -> None:
        store = TemporaryStore(tmp_path / "store")
        good, web.folder = web.folder, tmp_path
        (tmp_path / FILES[0]).write_text("<html>Sorry, we are closed for maintenance today.</html>")
        with pytest.raises(TransientError, match=r"arrived damaged: it is not a frame file"):
            fetch(server, store, urltype="http")
        web.folder = good
        fetch(server, store, urltype="http")

    def test_a_listed_file_that_is_not_there_is_told(
        self, server: DatafindServer, web: WebServer, tmp_path: Path
    ) -> None:
        web.folder = tmp_path
        with pytest.raises(SourceError, match=rf"lists {web.url}/{FILES[0]}, which is not there") as caught:
            fetch(server, urltype="http")
        assert not isinstance(caught.value, TransientError)

    def test_a_director_that_does_not_redirect_is_told(self, server: DatafindServer, web: WebServer) -> None:
        with pytest.raises(SourceError, match=r"does not redirect /H-H1.*--datafind-director"):
            fetch(server, urltype="osdf", director=web.url)


class TestPrivateFiles:
    def test_a_private_file_server_is_shown_a_token(
        self, server: DatafindServer, web: WebServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        issuer = Issuer()
        issuer.publish()
        web.token = issuer.token("ANY", "read:/frames")
        monkeypatch.setenv("BEARER_TOKEN", web.token)
        fetch(server, urltype="http")
        assert web.authorizations == [None, f"Bearer {web.token}", f"Bearer {web.token}"]

    def test_one_without_a_token_is_told_what_is_missing(self, server: DatafindServer, web: WebServer) -> None:
        web.token = "another"  # noqa: S105
        with pytest.raises(AuthenticationError, match=r"scope read:/frames.*none was found.*htgettoken"):
            fetch(server, urltype="http")
