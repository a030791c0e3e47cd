"""The GWOSC server of the tests itself: the unmodified gwosc and gwpy clients take it for the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from gwosc import datasets, locate, timeline

import requests
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_archive import Event, GwoscArchive
from servers.gwosc_files import QUALITY_BITS, synthetic_strain, write_strain_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = 1240580096


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GwoscServer]:
    archive = GwoscArchive()
    archive.flags["H1_DATA"] = [(START + 10 * k, START + 10 * k + 5) for k in range(5)]
    for k in range(3):
        archive.add_file(write_strain_file(tmp_path, "H1", START + 8 * k, 8), "O3a")
    archive.add_file(write_strain_file(tmp_path, "H1", START, 4, sample_rate=16384), "O3a")
    archive.events.append(Event("GW1", START + 100.0))
    archive.add_file(write_strain_file(tmp_path, "H1", START + 96, 8), "GW1-v1")
    with GwoscServer(archive, page_size=2) as running:
        yield running


def test_lists_come_in_pages_that_link_to_each_other(server: GwoscServer) -> None:
    url = f"{server.url}/api/v2/timelines/H1_DATA/segments?start={START + 2}&stop={START + 100}"
    first = requests.get(url, timeout=10).json()
    assert (first["num_pages"], first["results_count"], first["page_number"], first["previous"]) == (
        3,
        5,
        1,
        None,
    )
    assert first["results"][0] == {"start": START + 2, "stop": START + 5}  # clipped
    assert list(first["results"][0]) == ["start", "stop"]
    last = requests.get(requests.get(first["next"], timeout=10).json()["next"], timeout=10).json()
    assert last["next"] is None
    assert len(last["results"]) == 1
    assert len(timeline.get_segments("H1_DATA", START + 2, START + 100, host=server.url)) == 5


def test_the_gwosc_client_finds_runs_events_and_files(server: GwoscServer) -> None:
    assert datasets.find_datasets(type="run", host=server.url) == ["O1", "O2", "O3a", "O3b"]
    assert datasets.event_gps("GW1-v1", host=server.url) == START + 100
    urls = locate.get_urls("H1", START + 5, START + 20, host=server.url)
    assert [url.rsplit("-", maxsplit=2)[1] for url in urls] == [str(START), str(START + 8), str(START + 16)]
    urls = locate.get_urls("H1", START + 98, START + 101, host=server.url)
    assert [url.rsplit("-", maxsplit=2)[1] for url in urls] == [str(START + 96)]
    urls = locate.get_urls("H1", START, START + 4, sample_rate=16384, host=server.url)
    assert ["_16KHZ_" in url for url in urls] == [True]


def test_gwpy_reads_strain_and_quality_from_it(server: GwoscServer) -> None:
    from gwpy.timeseries import StateVector, TimeSeries

    strain = TimeSeries.fetch_open_data("H1", START + 5, START + 20, host=server.url)
    np.testing.assert_array_equal(strain.value, synthetic_strain("H1", START + 5, START + 20))
    state = StateVector.read(server.archive.files[0].path, format="hdf5.gwosc")
    assert list(state.bits) == [f"passes {bit}" for bit in QUALITY_BITS]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/timelines/H1_NONSENSE/segments?start=1&stop=2",
        "/api/v2/runs/O9/strain-files?detector=H1&start=1&stop=2&sample-rate=4",
        "/api/v2/event-versions/GW9",
        "/archive/data/O3a_4KHZ_R1/0/H-H1_GWOSC_O3a_4KHZ_R1-0-4096.hdf5",
        "/elsewhere",
    ],
)
def test_what_is_not_there_is_404(server: GwoscServer, path: str) -> None:
    assert requests.get(server.url + path, timeout=10).status_code == 404


def test_a_fault_strikes_as_often_as_it_says_and_every_request_is_noted(server: GwoscServer) -> None:
    server.fail(Fault("runs", status=429, retry_after="3", times=2))
    answers = [requests.get(f"{server.url}/api/v2/runs", timeout=10) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert server.asked("runs") == ["/api/v2/runs"] * 3


def test_a_file_may_be_cut_short_or_announced_too_long(server: GwoscServer) -> None:
    url = server.url + server.archive.files[0].url_path
    whole = requests.get(url, timeout=10).content
    assert whole == server.archive.files[0].path.read_bytes()
    server.fail(Fault("hdf5", drop=7), Fault("hdf5", cut_after=7), Fault("hdf5", claim=7))
    assert requests.get(url, timeout=10).content == whole[:-7]
    for _ in range(2):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(url, timeout=10)
    assert requests.get(url, timeout=10).content == whole


def test_the_synthetic_strain_is_the_same_for_any_cut() -> None:
    whole = synthetic_strain("L1", START, START + 4)
    np.testing.assert_array_equal(whole[4096:8192], synthetic_strain("L1", START + 1, START + 2))
    assert not np.array_equal(whole, synthetic_strain("H1", START, START + 4))
    assert abs(np.corrcoef(whole[:-1], whole[1:])[0, 1]) < 0.04  # 5 sigma of 16383 pairs
    assert 0.2e-21 < whole.std() < 0.4e-21  # uniform: 1e-21 / sqrt(12)


def test_the_real_data_are_all_there(shared_data: Path) -> None:
    archive = GwoscArchive.of_real_data(shared_data)
    assert {flag: len(spans) for flag, spans in archive.flags.items()} == {"H1_DATA": 545, "L1_DATA": 535}
    assert len(archive.events) == 391
    assert sorted({(file.start, file.duration, file.khz, file.owner) for file in archive.files}) == [
        (1126259446, 32, 4, "GW150914-v4"),
        (1126259447, 32, 16, "GW150914-v4"),
        (1242442952, 31, 4, "GW190521_030229-v4"),
    ]
