"""A DQSEGDB server that is away, busy, silent, or another kind of server."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import SourceError, TransientError, UsageError
from aframe_data.requests.query import Query
from aframe_data.types import SegmentQuery
from aframe_data.work.carry_out import do
from aframe_data_plugins.dqsegdb.options import DqsegdbOptions
from servers.dqsegdb_clients import START, ask, spans
from servers.gwosc import Fault

if TYPE_CHECKING:
    from servers.dqsegdb import DqsegdbServer

FLAG = "H1:DMT-ANALYSIS_READY:1"


@pytest.fixture(autouse=True)
def _flag(server: DqsegdbServer) -> None:
    server.add(FLAG, known=spans((0, 1000)), active=spans((0, 100)))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("", status=503), "answers 503 Service Unavailable for http://127"),
        (Fault("", status=429, retry_after="7"), "answers 429 Too Many Requests"),
        (Fault("", status=500), "answers 500 Internal Server Error"),
        (Fault("", delay=3600), "did not answer within 0.2 s"),
        (Fault("", cut_after=5), "broke off in the middle of its answer"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_may_pass_is_transient(server: DqsegdbServer, fault: Fault, message: str) -> None:
    server.fail(fault)
    with pytest.raises(TransientError, match=message) as caught:
        ask(server, FLAG, timeout=0.2)
    assert caught.value.retry_after == (7 if fault.retry_after else None)
    assert len(server.asked()) == 1  # the core asks again, not the plugin


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("", body=b"<html>Log in</html>"), "answers, but not as a DQSEGDB server does: check --dqsegdb-host"),
        (Fault("", body=b"[1, 2]"), "not as a DQSEGDB server does"),
        (Fault("", body=b'{"known": [[1]], "active": []}'), "not as a DQSEGDB server does"),
        (Fault("", body=b'{"known": null, "active": []}'), "not as a DQSEGDB server does"),
        (Fault("", status=400), "answers 400 Bad Request"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_will_not_pass_is_told_once(server: DqsegdbServer, fault: Fault, message: str) -> None:
    server.fail(fault)
    with pytest.raises(SourceError, match=message) as caught:
        ask(server, FLAG)
    assert not isinstance(caught.value, TransientError)


def test_a_flag_whose_versions_cannot_be_read_is_told(server: DqsegdbServer) -> None:
    server.fail(Fault("", body=b'{"versions": [1]}'), Fault("", body=b'{"version": []}'))
    with pytest.raises(SourceError, match="not as a DQSEGDB server does"):
        ask(server, "H1:DMT-ANALYSIS_READY")
    with pytest.raises(UsageError, match="has no version of H1:DMT-ANALYSIS_READY"):
        ask(server, "H1:DMT-ANALYSIS_READY")


def test_nobody_there_is_told_with_the_host() -> None:
    from aframe_data_plugins.dqsegdb.segments import DqsegdbSegments

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{unused.getsockname()[1]}"
        source = DqsegdbSegments(DqsegdbOptions(host=host))
        with pytest.raises(TransientError, match=rf"connection to {host} failed: .*Connection refused.*--dqsegdb-host"):
            source.query(SegmentQuery(FLAG, START, START + 10))


@pytest.mark.parametrize("host", ["segments.igwn.org", "ftp://segments.igwn.org", "http://", ""])
def test_a_host_that_is_no_url_is_refused(host: str) -> None:
    from aframe_data_plugins.dqsegdb.segments import DqsegdbSegments

    with pytest.raises(UsageError, match=f"--dqsegdb-host: '{host}' is not a server: write http:// or https://"):
        DqsegdbSegments(DqsegdbOptions(host=host))


def test_the_core_asks_a_busy_server_again(server: DqsegdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.sleep", lambda _seconds: None)
    server.fail(Fault("", status=503, times=2))
    options = {"dqsegdb-host": server.url}
    result = do(Query(flags=[FLAG], start=START, end=START + 1000, source="dqsegdb", source_options=options))
    assert result.livetime == 100
    assert len(server.asked()) == 3
