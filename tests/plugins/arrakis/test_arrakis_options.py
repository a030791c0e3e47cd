"""What is told without a server: of options that are wrong, and where nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import TransientError, UsageError
from servers.arrakis_clients import CHANNEL, START, fetcher, get

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

    Cli = Callable[..., Finished]

NOBODY = "grpc://127.0.0.1:1"


@pytest.mark.parametrize(
    "url",
    [
        "http://arrakis.example.org",
        "grpc://",
        "grpc://host:99999",
        "grpc://host:port",
        "grpc://host:31206/H1",
        "grpc://me@host",
        ":31206",
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"^--arrakis-server: .* is not an Arrakis server: write grpc://HOST:PORT"):
        fetcher(url)


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        fetcher("grpc://me:sesame@host:1")
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("url", ["127.0.0.1:1", NOBODY, "grpc+tcp://127.0.0.1:1"])
def test_nobody_there_is_transient_and_says_where(url: str) -> None:
    with pytest.raises(
        TransientError, match=r"127\.0\.0\.1:1 failed: Connection refused\..*--arrakis-server"
    ) as caught:
        get(url)
    assert "\n" not in str(caught.value)


def test_a_ping_tells_the_same() -> None:
    with pytest.raises(TransientError, match="Connection refused"):
        fetcher(NOBODY).ping()


@pytest.fixture
def fetch(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Finished]:
    """Fetch in this process, where the environment names no server."""
    monkeypatch.delenv("ARRAKIS_SERVER", raising=False)
    span = ("--start", str(START), "--end", str(START + 64), "--sample-rate", "1024")
    return lambda *arguments: cli("fetch", "--channels", CHANNEL, *span, "-o", tmp_path, *arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "'arrakis' needs --arrakis-server: URL of the Arrakis server"),
        (("--server", "http://x"), "--arrakis-server: 'http://x' is not an Arrakis server"),
        (("--server", "x", "--timeout", "0"), "--arrakis-timeout: '0' is not allowed, only values above 0"),
    ],
)
def test_wrong_options_are_refused_in_a_line(
    fetch: Callable[..., Finished], arguments: tuple[str, ...], told: str
) -> None:
    done = fetch("--source", "arrakis", *arguments)
    assert done.code == 2
    assert told in done.err
    assert done.err.count("\n") == 1
