"""What can go wrong between an archive and the disk: what passes is overcome, what does not is told."""

from __future__ import annotations

import resource
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aframe_data import retries
from aframe_data.errors import AframeDataError, NoDataError, SourceError, TransientError
from aframe_data.types import Segment
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_files import write_strain_file
from strain import fetching
from strain.background_files import expected, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.gwosc_archive import GwoscArchive

START = 1_240_584_192  # a multiple of 4096 inside O3a
FILE = 64
SPAN = Segment(START + 10, START + 110)  # two files
#: Of the second file.
SECOND = rf"{START + FILE}-{FILE}\.hdf5$"


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which take no time here."""
    slept: list[float] = []
    monkeypatch.setattr(retries.tenacity.nap, "sleep", slept.append)
    return slept


@pytest.fixture(autouse=True)
def files(archive: GwoscArchive, tmp_path: Path) -> list[Path]:
    paths = [write_strain_file(tmp_path, "H1", START + FILE * k, FILE) for k in range(3)]
    for path in paths:
        archive.add_file(path, "O3a")
    return paths


def fetch(server: GwoscServer, folder: Path, **changes: Any) -> Path:
    options = {"host": server.url, "timeout": 0.5, **changes.pop("options", {})}
    spans = changes.pop("spans", [SPAN])
    request = fetching.asked(
        folder, sample_rate=2048, source="gwosc", source_options=options, segments=spans, **changes
    )
    return fetching.fetch(request).files[-1].path


def assert_whole(path: Path) -> None:
    np.testing.assert_array_equal(read(path), expected("H1", int(SPAN.start), int(SPAN.stop), 4096, 2048))


PASSING = {
    "cut in the middle": Fault(SECOND, cut_after=100_000),
    "cut before the first byte": Fault(SECOND, cut_after=0),
    "shorter than announced": Fault(SECOND, claim=1000),
    "truncated": Fault(SECOND, drop=100_000),
    "no HDF5": Fault(SECOND, body=b"<html>come back later</html>"),
    "busy, with a time to wait": Fault(SECOND, status=429, retry_after="3"),
    "500": Fault(SECOND, status=500),
    "502": Fault(SECOND, status=502),
    "503": Fault(SECOND, status=503),
    "504": Fault(SECOND, status=504),
    "no bytes": Fault(SECOND, delay=30),
    "a list is busy": Fault("strain-files", status=503, retry_after="0"),
}


class TestWhatPasses:
    @pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
    def test_it_is_overcome(self, server: GwoscServer, folder: Path, fault: Fault) -> None:
        server.fail(fault)
        assert_whole(fetch(server, folder))
        assert len(server.asked(SECOND)) == (1 if fault.pattern != SECOND else 2)
        assert len(server.asked(rf"{START}-{FILE}\.hdf5$")) == 1  # what had arrived is not asked for again

    @pytest.mark.slow
    def test_several_at_once(self, server: GwoscServer, folder: Path) -> None:
        server.fail(*PASSING.values())
        with pytest.raises(TransientError):
            fetch(server, folder)  # more of them for one file than there are tries
        while True:
            try:
                assert_whole(fetch(server, folder))
                break
            except TransientError:
                continue

    def test_pauses_grow_with_jitter_and_the_archives_own_word_is_heeded(
        self, server: GwoscServer, folder: Path, pauses: list[float]
    ) -> None:
        server.fail(Fault(SECOND, status=503, times=3), Fault(SECOND, status=429, retry_after="100"))
        assert_whole(fetch(server, folder))
        first, second, third, asked = pauses
        assert 1 <= first < 2 <= second < 3
        assert 4 <= third < 5.1
        assert 100 <= asked < 101


class TestWhatDoesNot:
    def test_a_file_that_never_arrives_is_told_after_some_tries(self, server: GwoscServer, folder: Path) -> None:
        server.fail(Fault(SECOND, cut_after=1000, times=None))
        with pytest.raises(TransientError, match=r"127\.0\.0\.1:\d+ .*hdf5") as caught:
            fetch(server, folder)
        assert "\n" not in str(caught.value)
        assert len(server.asked(SECOND)) == retries.ATTEMPTS

    def test_a_file_that_is_listed_and_not_there(self, server: GwoscServer, folder: Path) -> None:
        server.fail(Fault(SECOND, status=404, times=None))
        with pytest.raises(NoDataError, match=r"lists .* and does not have it"):
            fetch(server, folder)
        assert len(server.asked(SECOND)) == 1

    def test_a_refusal(self, server: GwoscServer, folder: Path) -> None:
        server.fail(Fault(SECOND, status=403, times=None))
        with pytest.raises(SourceError, match="403"):
            fetch(server, folder)
        assert len(server.asked(SECOND)) == 1

    def test_a_server_that_does_not_exist(self, server: GwoscServer, folder: Path) -> None:
        with pytest.raises(TransientError, match=r"no-such-host\.invalid.*Check the network") as caught:
            fetch(server, folder, options={"host": "http://no-such-host.invalid"})
        assert "\n" not in str(caught.value)

    def test_a_server_that_is_not_running(self, server: GwoscServer, folder: Path) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            with pytest.raises(TransientError, match="refused"):
                fetch(server, folder, options={"host": f"http://127.0.0.1:{nobody.getsockname()[1]}"})

    def test_an_archive_that_wants_us_to_stay_away_for_long(self, server: GwoscServer, folder: Path) -> None:
        server.fail(Fault(SECOND, status=429, retry_after="86400", times=None))
        with pytest.raises(TransientError, match="429"):
            fetch(server, folder)
        assert len(server.asked(SECOND)) == 1


@contextmanager
def largest_file(nbytes: int) -> Iterator[None]:
    """The system lets no file grow above a size, and says so as it does of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (nbytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [100_000, 2_000_000, 5_000_000], ids=["a download", "a part", "reserved space"])
def test_a_disk_that_is_full(server: GwoscServer, folder: Path, limit: int) -> None:
    with largest_file(limit), pytest.raises(AframeDataError, match=r"cannot write .*background") as caught:
        fetch(server, folder)
    assert "\n" not in str(caught.value)
    assert not list(folder.glob("*.hdf5"))
    assert_whole(fetch(server, folder))


class TestCache:
    def test_a_second_fetch_downloads_nothing(self, server: GwoscServer, folder: Path, tmp_path: Path) -> None:
        assert_whole(fetch(server, folder, cache=tmp_path / "cache"))
        asked = len(server.asked(r"\.hdf5$"))
        assert_whole(fetch(server, tmp_path / "again", cache=tmp_path / "cache"))
        assert len(server.asked(r"\.hdf5$")) == asked

    def test_a_damaged_file_in_it_is_downloaded_again(self, server: GwoscServer, folder: Path, tmp_path: Path) -> None:
        fetch(server, folder, cache=tmp_path / "cache")
        for path in (tmp_path / "cache").rglob("*.hdf5"):
            with path.open("r+b") as file:
                file.seek(50_000)
                file.write(b"damage")
        assert_whole(fetch(server, tmp_path / "again", cache=tmp_path / "cache"))
