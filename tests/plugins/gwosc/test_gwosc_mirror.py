"""Copies of open data on CVMFS, in the OSDF and elsewhere: used where they are, and sound."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aframe_data.errors import NoDataError, UsageError
from aframe_data.filestore.temporary import TemporaryStore
from aframe_data_plugins.gwosc import mirror
from aframe_data_plugins.gwosc.options import GwoscStrainOptions
from aframe_data_plugins.gwosc.strain import GwoscStrain
from servers.gwosc_clients import FILE, START, add_three_files, request
from servers.gwosc_files import synthetic_strain, write_strain_file
from servers.web import WebServer
from strain.background_files import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aframe_data.types import StrainSeries
    from command_line import Finished
    from servers.gwosc import GwoscServer
    from servers.gwosc_archive import GwoscArchive

#: Of the file that begins at `START`, in the layouts that were seen.
NAME = f"H-H1_GWOSC_O3a_4KHZ_R1-{START}-{FILE}.hdf5"
FOLDER, WIDE_FOLDER = 1240465408, 1237319680
CVMFS = f"O3a/strain.4k/hdf.v1/H1/{FOLDER}"
LAYOUTS = [
    CVMFS,
    f"O3a/O3a_4KHZ_R1/STRAIN_HDF/H1/{FOLDER}",
    f"O3a/O3a_4KHZ_R1/STRAIN_HDF/H1/{WIDE_FOLDER}",
    f"O3a_4KHZ_R1/{FOLDER}",
    ".",
]


@pytest.fixture
def files(archive: GwoscArchive, tmp_path: Path) -> list[Path]:
    """Three files of 64 s that touch, in the archive."""
    folder = tmp_path / "archive"
    folder.mkdir()
    add_three_files(archive, folder)
    return [file.path for file in archive.files]


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    folder.mkdir()
    return folder


@pytest.fixture
def sound(files: list[Path], copies: Path) -> Path:
    """A mirror, laid out as CVMFS, of all three."""
    place(copies, CVMFS, *files)
    return copies


def place(copies: Path, layout: str, *files: Path) -> list[str]:
    """Copy files into a mirror."""
    folder = copies / layout
    folder.mkdir(parents=True, exist_ok=True)
    return [shutil.copy(file, folder) for file in files]


def fetcher(server: GwoscServer, base: object, **options: Any) -> GwoscStrain:
    return GwoscStrain(GwoscStrainOptions(host=server.url, mirror=str(base), **options))


def get(server: GwoscServer, base: object, start: int = START, stop: int = START + 3 * FILE) -> StrainSeries:
    return fetcher(server, base).fetch(request(start, stop))["H1"]


def origins(series: StrainSeries) -> list[str]:
    return [piece.origin for piece in series.pieces]


def test_the_layouts_of_the_tests_are_those_of_the_files() -> None:
    assert (FOLDER, WIDE_FOLDER) == (START // 2**20 * 2**20, START // 2**22 * 2**22)


class TestFolder:
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_nothing_is_downloaded_and_the_origin_is_the_copy(
        self, server: GwoscServer, files: list[Path], copies: Path, downloads: Path, layout: str
    ) -> None:
        there = place(copies, layout, *files)
        series = get(server, copies)
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + 3 * FILE))
        assert origins(series) == there
        assert server.asked(r"\.hdf5") == []
        assert not any(path.is_file() for path in downloads.rglob("*"))

    def test_a_url_of_a_folder_is_that_folder(self, server: GwoscServer, files: list[Path], copies: Path) -> None:
        there = place(copies, CVMFS, *files)
        assert origins(get(server, copies.as_uri())) == there

    def test_masks_come_from_the_copy_too(self, server: GwoscServer, files: list[Path], copies: Path) -> None:
        place(copies, CVMFS, *files)
        series = get(server, copies)
        assert series.quality is not None
        assert series.quality.bits[0] == "DATA"

    def test_what_is_not_listed_is_not_looked_for(self, server: GwoscServer, files: list[Path], copies: Path) -> None:
        place(copies, CVMFS, *files)
        beyond = write_strain_file(copies / CVMFS, "H1", START + 3 * FILE, FILE)
        assert beyond.exists()
        with pytest.raises(NoDataError):
            get(server, copies, stop=START + 4 * FILE)

    def test_other_rates_and_detectors_lie_elsewhere(
        self, server: GwoscServer, archive: GwoscArchive, tmp_path: Path, copies: Path
    ) -> None:
        path = write_strain_file(tmp_path, "V1", START, FILE, sample_rate=16384)
        archive.add_file(path, "O3a")
        (there,) = place(copies, f"O3a/strain.16k/hdf.v1/V1/{FOLDER}", path)
        answer = fetcher(server, copies).fetch(request(START, START + FILE, "V1", sample_rate=16384))
        assert origins(answer["V1"]) == [there]

    def test_frame_files_lie_beside(self, real_server: GwoscServer, shared_data: Path, copies: Path) -> None:
        path = shared_data / "strain" / "H-H1_LOSC_4_V2-1126259446-32.gwf"
        (there,) = place(copies, ".", path)
        asked = fetcher(real_server, copies, file_format="gwf")
        series = asked.fetch(request(1126259450, 1126259454))["H1"]
        assert origins(series) == [there]


class TestFallingBack:
    def test_a_file_that_is_not_there_comes_from_the_archive_and_is_told_once(
        self, server: GwoscServer, files: list[Path], copies: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        first, third = place(copies, CVMFS, files[0], files[2])
        asked = fetcher(server, copies)
        with caplog.at_level(logging.INFO, "aframe_data"):
            for _ in range(2):
                series = asked.fetch(request(START, START + 3 * FILE))["H1"]
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + 3 * FILE))
        assert origins(series) == [first, f"{server.url}/archive/data/O3a_4KHZ_R1/{FOLDER}/{files[1].name}", third]
        (told,) = caplog.records
        assert told.levelname == "WARNING"
        assert told.getMessage() == (f"{files[1].name} is taken from the archive itself: {copies} has no copy of it.")

    def test_of_many_files_that_are_not_there_one_is_a_warning(
        self, server: GwoscServer, files: list[Path], copies: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO, "aframe_data"):
            get(server, copies)
        assert [told.levelname for told in caplog.records] == ["WARNING", "INFO", "INFO"]
        assert [files[k].name in told.getMessage() for k, told in enumerate(caplog.records)] == [True] * 3

    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (lambda path: path.write_bytes(path.read_bytes()[:-5000]), "truncated"),
            (lambda path: path.write_bytes(b""), "cannot be used"),
            (lambda path: _replace(path, START + FILE, FILE), f"its start is {START + FILE}"),
            (lambda path: _replace(path, START, FILE // 2), "its number of samples is"),
            (lambda path: _replace(path, START, FILE, ifo="L1"), "its detector is L1"),
            (lambda path: _replace(path, START, FILE, sample_rate=16384), "its rate is 16384"),
        ],
        ids=["cut", "empty", "start", "length", "detector", "rate"],
    )
    def test_a_copy_that_is_not_what_the_list_says_is_not_used(
        self, server: GwoscServer, sound: Path, caplog: pytest.LogCaptureFixture, spoil: Any, reason: str
    ) -> None:
        spoil(sound / CVMFS / NAME)
        series = get(server, sound)
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + 3 * FILE))
        assert [origin.startswith(server.url) for origin in origins(series)] == [True, False, False]
        assert reason in caplog.text

    def test_a_server_that_is_not_there_is_told(
        self, server: GwoscServer, files: list[Path], caplog: pytest.LogCaptureFixture
    ) -> None:
        series = get(server, "http://127.0.0.1:1/gwdata", stop=START + FILE)
        assert origins(series)[0].endswith(files[0].name)
        assert "the connection to 127.0.0.1:1 failed" in caplog.text
        assert "--gwosc-mirror" in caplog.text


def _replace(path: Path, start: int, duration: int, *, ifo: str = "H1", sample_rate: int = 4096) -> None:
    """Put another file in the place of one."""
    other = path.parent / "other"
    other.mkdir()
    write_strain_file(other, ifo, start, duration, sample_rate=sample_rate).replace(path)


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


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("nowhere/gwdata", "there is no folder 'nowhere/gwdata'"),
        ("file:///nowhere", "there is no folder 'file:///nowhere'"),
        ("ftp://example.org/gwdata", "'ftp://example.org/gwdata' is not a mirror: name a folder, or a URL"),
        ("https://", "'https://' is not a mirror"),
        ("osdf://gwdata", "'osdf://gwdata' is not a mirror"),
        ("", "there is no folder ''"),
    ],
)
def test_what_is_no_mirror_is_refused(server: GwoscServer, base: str, told: str) -> None:
    with pytest.raises(UsageError, match=f"^--gwosc-mirror: {told}"):
        fetcher(server, base)


def test_the_command_takes_a_mirror_and_the_file_says_what_came_from_there(
    cli: Callable[..., Finished], server: GwoscServer, files: list[Path], copies: Path, tmp_path: Path
) -> None:
    there = place(copies, CVMFS, *files[:2])
    span = ("--start", str(START), "--end", str(START + 3 * FILE), "--sample-rate", "2048", "--channels", "H1")
    where = ("--gwosc-host", server.url, "--gwosc-mirror", copies, "-o", tmp_path / "background")
    done = cli("fetch", *span, *where, "--workers", "0")
    assert done.code == 0
    assert done.err == (
        f"aframe-data: WARNING: {files[2].name} is taken from the archive itself: {copies} has no copy of it.\n"
    )
    (path,) = (tmp_path / "background").glob("*.hdf5")
    archived = f"{server.url}/archive/data/O3a_4KHZ_R1/{FOLDER}/{files[2].name}"
    assert [piece["origin"] for piece in record(path)["strain"]["H1"]["pieces"]] == [*there, archived]
    assert len(server.asked(r"\.hdf5")) == 1
