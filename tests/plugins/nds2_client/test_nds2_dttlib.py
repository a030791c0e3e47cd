"""What is only so with pip's client: time-outs, the small question, and what is asked of the server."""

from __future__ import annotations

import pytest

from aframe_data.errors import TransientError
from aframe_data.registry.names import find
from aframe_data.registry.online import reach
from servers.nds2_clients import CHANNEL, START, archive, with_dttlib
from servers.nds2_server import Nds2Server

pytestmark = pytest.mark.usefixtures("_dttlib")


@pytest.mark.slow
def test_a_server_that_stops_answering_is_left() -> None:
    left = pytest.raises(TransientError, match=r"127\.0\.0\.1:\d+ did not answer within 2 s \(--nds2-timeout\)")
    with with_dttlib(archive(stalls=True)) as fetch, left:
        fetch(timeout=2)


def test_the_data_is_asked_for_once_and_by_type() -> None:
    with Nds2Server(archive()) as server, with_dttlib(archive()) as fetch:
        fetch(server=server.address)
        assert server.asked("get-data") == [f"get-data {START} {START + 10} 10 {{{CHANNEL},raw}}"]
        assert server.asked("set-epoch") == [f"set-epoch {START}-{START + 10}"]


@pytest.mark.slow
def test_the_variable_does_not_win_over_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reads it too."""
    monkeypatch.setenv("NDSSERVER", "127.0.0.1:9")
    with with_dttlib(archive()) as fetch:
        assert len(fetch().data) == 2560


@pytest.mark.slow
@pytest.mark.parametrize(("authentication", "verdict"), [(False, "reachable"), (True, "needs authentication")], ids=str)
def test_the_small_question_tells_whether_it_can_be_used(
    monkeypatch: pytest.MonkeyPatch, *, authentication: bool, verdict: str
) -> None:
    with Nds2Server(archive(authentication=authentication)) as server:
        monkeypatch.setenv("NDSSERVER", server.address)
        assert reach(find("strain", "nds2")).verdict == verdict
