"""What is told when an Arrakis server is none, knows no such channel, falls silent or dies."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import SourceError, TransientError, UsageError
from servers.arrakis import ServerProcess, ending, serving
from servers.arrakis_clients import CHANNEL, START, get
from servers.gwosc import GwoscServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_a_server_of_the_web_is_none() -> None:
    with GwoscServer() as web, pytest.raises(TransientError, match=r"HTTP/2.*--arrakis-server"):
        get(web.url.replace("http", "grpc"))


def test_an_encrypted_connection_to_a_server_without_it_is_told(archive: str) -> None:
    with pytest.raises(TransientError, match=r"grpc\+tls://.* failed: .*wrong version number"):
        get(archive.replace("grpc", "grpc+tls"))


def test_another_server_of_arrow_flight_is_none() -> None:
    from pyarrow import flight

    told = r"not as an Arrakis server does .*check --arrakis-server"
    with flight.FlightServerBase("grpc://127.0.0.1:0") as other, pytest.raises(SourceError, match=told) as caught:
        get(f"grpc://127.0.0.1:{other.port}")
    assert not isinstance(caught.value, TransientError)


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ("H1:GDS-CALIB_STRIAN", "Did you mean 'H1:GDS-CALIB_STRAIN'? Known: H1:GDS-CALIB_STRAIN."),
        ("H1:DCS-CALIB_STRAIN", "Did you mean 'H1:GDS-CALIB_STRAIN'? Known: H1:GDS-CALIB_STRAIN."),
        ("L1:GDS-CALIB_STRAIN", "Did you mean 'H1:GDS-CALIB_STRAIN'? Known: H1:GDS-CALIB_STRAIN."),
        ("H1:LSC-DARM", "Did you mean 'H1:LSC-DARM_IN1_DQ'? Known: H1:LSC-DARM_IN1_DQ."),
        ("H1:(", "Known: H1:GDS-CALIB_STRAIN."),
    ],
)
def test_an_unknown_channel_is_told_with_near_names(archive: str, channel: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        get(archive, channel=channel)
    assert str(caught.value) == f"unknown channel of {archive} {channel!r}. {message}"


def test_a_time_that_the_server_does_not_serve_is_refused_and_no_gap(archive: str) -> None:
    # A server of frame files leaves the last ten minutes to another one; these are later than any test.
    with pytest.raises(SourceError, match=rf"{archive} refuses: Could not serve request") as caught:
        get(archive, 3_000_000_000, 3_000_000_004)
    assert type(caught.value).__name__ == "RefusedError"


def test_a_server_that_falls_silent_is_not_waited_for(tmp_path: Path) -> None:
    over = threading.Event()
    with serving(ending(tmp_path, 2, lambda: over.wait() and None)) as url:
        with pytest.raises(TransientError, match=r"sent nothing for 0\.5 s \(--arrakis-timeout\)"):
            get(url, timeout=0.5)
        over.set()


def test_a_stream_that_ends_early_is_no_answer(tmp_path: Path) -> None:
    told = rf"broke off at {START + 3}, 7 s before the end of {CHANNEL}"
    backend = ending(tmp_path, 3, lambda: None)
    with serving(backend) as url, pytest.raises(TransientError, match=told):
        get(url, 0, 10)


def test_a_server_that_fails_inside_may_do_better_the_next_time(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("no such file")

    told = r"failed: internal server error, please contact server admin\. *$"
    with serving(ending(tmp_path, 2, fail)) as url, pytest.raises(TransientError, match=told):
        get(url)


def test_a_server_that_dies_in_the_middle_is_transient() -> None:
    with ServerProcess("MOCK", "--with-faults", "stall", "--fault-interval", "16", "--fault-value", "60") as server:
        server.die_at("request=Stream")
        with pytest.raises(TransientError, match=rf"the connection to {server.url} failed"):
            get(server.url)
