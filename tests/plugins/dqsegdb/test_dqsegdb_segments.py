"""Flags of DQSEGDB, from a stand-in on loopback, with the unmodified client in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import NoDataError, UsageError
from aframe_data.testing import SegmentSourceTests
from servers.dqsegdb_clients import START, after_start, ask, spans

if TYPE_CHECKING:
    from servers.dqsegdb import DqsegdbServer

READY = "H1:DMT-ANALYSIS_READY"


class TestConformance(SegmentSourceTests):
    name = "dqsegdb"
    flag = f"{READY}:1"
    start, stop = START, START + 1000
    unknown_flag = "H1:DMT-ANALYSIS_REDAY:1"

    @pytest.fixture(autouse=True)
    def _told_by_the_environment(self, server: DqsegdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
        server.add(f"{READY}:1", known=spans((-50, 900)), active=spans((-10, 100), (200, 300)))
        monkeypatch.setenv("DEFAULT_SEGMENT_SERVER", server.url)


def test_active_and_known_are_clipped_to_the_query_and_joined(server: DqsegdbServer) -> None:
    server.add(
        f"{READY}:1",
        known=spans((-100, 500), (500, 2000)),
        active=spans((-5, 10), (10, 20), (30, 40), (990, 1010)),
    )
    result = ask(server, f"{READY}:1")
    assert after_start(result) == ([(0, 20), (30, 40), (990, 1000)], [(0, 1000)])
    assert result.origin == (
        f"{server.url}/dq/H1/DMT-ANALYSIS_READY/1?s={START}&e={START + 1000}&include=active%2Cknown"
    )


def test_one_version_is_one_request(server: DqsegdbServer) -> None:
    server.add(f"{READY}:3", known=spans((0, 1000)), active=spans((0, 10)))
    ask(server, f"{READY}:3")
    assert len(server.asked()) == 1


def test_a_query_between_seconds_is_asked_in_whole_ones_and_clipped(server: DqsegdbServer) -> None:
    server.add(f"{READY}:1", known=spans((0, 1000)), active=spans((0, 1000)))
    assert after_start(ask(server, f"{READY}:1", START + 0.5, START + 9.5))[0] == [(0.5, 9.5)]
    assert server.asked(f"s={START}&e={START + 10}")


def test_never_active_is_an_empty_answer_and_never_known_is_no_data(server: DqsegdbServer) -> None:
    server.add(f"{READY}:1", known=spans((0, 500)), active=[])
    assert after_start(ask(server, f"{READY}:1")) == ([], [(0, 500)])
    with pytest.raises(NoDataError, match=r"knows nothing about H1:DMT-ANALYSIS_READY:1 in \[1000000600, 1000000700\)"):
        ask(server, f"{READY}:1", START + 600, START + 700)


def test_a_flag_without_a_version_is_all_its_versions_and_says_so(
    server: DqsegdbServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.add(f"{READY}:1", known=spans((0, 300)), active=spans((0, 100)))
    server.add(f"{READY}:2", known=spans((300, 600)), active=spans((350, 400), (50, 120)))
    result = ask(server, READY)
    assert after_start(result) == ([(0, 120), (350, 400)], [(0, 600)])
    assert "H1:DMT-ANALYSIS_READY is its versions 1 and 2 together; H1:DMT-ANALYSIS_READY:2 is one." in caplog.text
    assert caplog.records[0].name.startswith("aframe_data.")  # what a command shows, and writes to its log file
    assert [url.partition("?")[0].rpartition("/")[2] for url in result.origin.split(", ")] == ["1", "2"]
    caplog.clear()
    assert after_start(ask(server, f"{READY}:2")) == ([(50, 120), (350, 400)], [(300, 600)])
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("H1:DMT-ANALYSIS_REDAY:1", "flag of {} 'H1:DMT-ANALYSIS_REDAY:1'. Did you mean 'H1:DMT-ANALYSIS_READY'"),
        ("H1:DMT-ANALYSIS_REDAY", "flag of {} 'H1:DMT-ANALYSIS_REDAY'. Did you mean 'H1:DMT-ANALYSIS_READY'"),
        ("H1:DMT-ANALYSIS_READY:7", "H1:DMT-ANALYSIS_READY has no version 7 on {}. Versions: 1, 2."),
        ("K1:DMT-ANALYSIS_READY:1", "unknown interferometer of {} 'K1'. Known: H1, V1."),
        ("H1_DATA", "'H1_DATA' is not a flag of DQSEGDB: write IFO:NAME:VERSION"),
        ("H1:A/B:1", "'H1:A/B:1' is not a flag of DQSEGDB"),
        ("H1:A:x", "'H1:A:x' is not a flag of DQSEGDB"),
    ],
)
def test_what_the_server_does_not_have_is_told_with_what_it_has(server: DqsegdbServer, flag: str, message: str) -> None:
    for there in (f"{READY}:1", f"{READY}:2", "H1:OTHER:1", "V1:ITF_SCIENCE:1"):
        server.add(there, known=[], active=[])
    with pytest.raises(UsageError) as caught:
        ask(server, flag)
    assert message.format(server.url) in str(caught.value)


def test_nothing_is_asked_where_the_flag_is_none(server: DqsegdbServer) -> None:
    with pytest.raises(UsageError):
        ask(server, "H1_DATA")
    assert server.asked() == []
