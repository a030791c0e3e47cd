"""Copies of open data on CVMFS, in the OSDF and elsewhere: used where they are, and sound."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from mirrors import CVMFS, FOLDER, LAYOUTS, NAME, WIDE_FOLDER, fetcher, get, origins, place

from aframe_data.errors import NoDataError, UsageError
from servers.gwosc_clients import FILE, START, request
from servers.gwosc_files import synthetic_strain, write_strain_file
from strain.background_files import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished
    from servers.gwosc import GwoscServer
    from servers.gwosc_archive import GwoscArchive


@pytest.fixture
def sound(files: list[Path], copies: Path) -> Path:
    """A mirror, laid out as CVMFS, of all three."""
    place(copies, CVMFS, *files)
    return copies


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
