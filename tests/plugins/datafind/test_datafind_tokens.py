"""The real server over TLS, with SciTokens: accepted, missing, wrong, expired, forged; and never told to anybody."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.errors import AuthenticationError, SourceError, TransientError
from aframe_data.types import StrainRequest
from aframe_data_plugins.datafind.options import DatafindOptions
from servers.frames import samples, write_frames
from servers.tokens import Issuer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.datafind import DatafindServer

pytestmark = pytest.mark.slow

START = 1_000_000_000
CHANNEL = "H1:GDS-CALIB_STRAIN"
AUDIENCE = "https://127.0.0.1"


@pytest.fixture
def issuer() -> Issuer:
    issuer = Issuer()
    issuer.publish()
    return issuer


@pytest.fixture
def server(tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatafindServer]:
    from servers.datafind import DatafindServer, list_frames

    folder = tmp_path / "server"
    folder.mkdir()
    list_frames(folder, [write_frames(folder, CHANNEL, START, 32, tag="H1_HOFT_C00")])
    with DatafindServer(folder, issuer=issuer) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.certificate))
        yield running


def ask(server: DatafindServer) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    from aframe_data_plugins.datafind.strain import DatafindStrain

    strain = DatafindStrain(DatafindOptions(host=server.url))
    return strain.fetch(StrainRequest((CHANNEL,), START, START + 16, 64))[CHANNEL].data  # type: ignore[return-value]


@pytest.mark.parametrize("audience", [AUDIENCE, "ANY"])
def test_a_good_token_opens_the_server(
    server: DatafindServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, audience: str
) -> None:
    monkeypatch.setenv("BEARER_TOKEN", issuer.token(audience))
    np.testing.assert_array_equal(ask(server), samples(START, START + 16))


def test_none_is_told_with_the_command_that_gets_one(server: DatafindServer) -> None:
    with pytest.raises(
        AuthenticationError,
        match=r"https://127\.0\.0\.1:\d+ wants a SciToken with scope gwdatafind\.read and audience "
        r"https://127\.0\.0\.1; none was found\. Get one: htgettoken ",
    ) as caught:
        ask(server)
    assert not isinstance(caught.value, TransientError)


@pytest.mark.parametrize("kind", ["expired", "forged", "scope", "audience"])
def test_a_bad_token_is_told_from_none(
    server: DatafindServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    tokens = {
        "expired": issuer.token(AUDIENCE, lifetime=-10),
        "forged": issuer.forged(AUDIENCE),
        "scope": issuer.token(AUDIENCE, "gracedb.read"),
        "audience": issuer.token("https://segments.example.org"),
    }
    monkeypatch.setenv("BEARER_TOKEN", tokens[kind])
    with pytest.raises(AuthenticationError, match=r"one was found in BEARER_TOKEN, and it"):
        ask(server)


def test_a_token_that_the_server_does_not_accept_is_told(
    server: DatafindServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Issuer("https://stranger.example.org")
    stranger.publish()
    monkeypatch.setenv("BEARER_TOKEN", stranger.token(AUDIENCE))
    with pytest.raises(AuthenticationError, match="refuses a SciToken that was found"):
        ask(server)


def test_a_certificate_that_nobody_vouches_for_is_told(
    server: DatafindServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARER_TOKEN", issuer.token(AUDIENCE))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(SourceError, match=r"cannot be trusted: .*certificate") as caught:
        ask(server)
    assert not isinstance(caught.value, TransientError)


def run(server: DatafindServer, folder: Path) -> subprocess.CompletedProcess[str]:
    """Fetch as a user would; in a process of its own, as workers have the environment of the first fetch."""
    return subprocess.run(
        f"{sys.executable} -m aframe_data fetch --source datafind --datafind-host {server.url} --channels {CHANNEL} "
        f"--start {START} --end {START + 20} --sample-rate 128 --workers 1 --debug "
        f"--output-directory {folder / 'output'} --cache {folder / 'cache'} --log-file {folder / 'log'}".split(),
        capture_output=True,
        text=True,
        check=False,
    )


def require_nowhere(token: str, folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    """No part of a token may be in any file or in what was printed."""
    texts = [done.stdout, done.stderr]
    texts += [path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()]
    assert len(texts) > 2
    for part in (token, *token.split(".")[1:]):
        assert not any(part in text for text in texts)


def test_a_fetch_leaves_the_token_nowhere(
    server: DatafindServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    token = issuer.token(AUDIENCE)
    monkeypatch.setenv("BEARER_TOKEN", token)
    done = run(server, tmp_path / "user")
    assert done.returncode == 0, done.stderr
    (made,) = (tmp_path / "user" / "output").glob("*.hdf5")
    with h5py.File(made) as file:
        record = json.dumps({name: str(value) for name, value in file.attrs.items()})
    assert server.url in record
    assert "H-H1_HOFT_C00" in record
    require_nowhere(token, tmp_path / "user", done)


def test_a_fetch_that_is_refused_leaves_the_token_nowhere(
    server: DatafindServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = Issuer("https://stranger.example.org")
    stranger.publish()
    token = stranger.token(AUDIENCE)
    monkeypatch.setenv("BEARER_TOKEN", token)
    done = run(server, tmp_path / "user")
    assert done.returncode == 1
    assert "refuses a SciToken that was found" in done.stderr
    require_nowhere(token, tmp_path / "user", done)
