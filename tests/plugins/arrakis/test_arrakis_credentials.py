"""A server that wants to know who asks: a token is looked for then, shown to it alone, and told to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.errors import AuthenticationError
from aframe_data.registry.names import find
from aframe_data.registry.online import Reached, reach
from aframe_data.types import StrainRequest
from plugin_factory import run_cli
from servers.arrakis import ending, made_up, serving
from servers.arrakis_clients import CHANNEL, START, fetcher, get
from servers.tokens import Issuer, isolate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SCOPE, AUDIENCE = "arrakis.read:/", "https://127.0.0.1"
COMMAND = rf"htgettoken -a vault\.ligo\.org -i igwn --scopes=arrakis\.read --audience={AUDIENCE}"


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Issuer:
    isolate(monkeypatch, tmp_path)
    issuer = Issuer()
    issuer.publish()
    return issuer


def full(issuer: Issuer) -> dict[str, Any]:
    """Arguments of a server that nobody may read without a token of that issuer."""
    return only_for(issuer.url)


def only_for(issuer: str) -> dict[str, Any]:
    from arrakis_server.auth import SciTokenAuthPolicy

    return {"auth": SciTokenAuthPolicy(issuers=[issuer], audience=[AUDIENCE]), "auth_mode": "full"}


@pytest.fixture
def private(issuer: Issuer, tmp_path: Path) -> Iterator[str]:
    with serving(made_up(tmp_path), **full(issuer)) as url:
        yield url


@pytest.fixture
def token(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that will do, where the clients look."""
    text = issuer.token(AUDIENCE, SCOPE)
    monkeypatch.setenv("BEARER_TOKEN", text)
    return text


@pytest.mark.usefixtures("token")
def test_nothing_is_looked_for_where_nobody_asks(mock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from aframe_data_plugins.credentials import finding

    looked_for: list[object] = []
    monkeypatch.setattr(finding.igwn_auth_utils, "find_scitoken", lambda *wanted, **_: looked_for.append(wanted))
    assert get(mock).data.size == 4 * 256
    assert looked_for == []


@pytest.mark.usefixtures("token")
def test_a_private_server_is_read_with_the_token_that_is_there(private: str) -> None:
    assert get(private).data[256] == 1


@pytest.mark.usefixtures("token")
def test_the_token_is_looked_for_once_for_many_spans(private: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fetcher(private)
    asked.fetch(StrainRequest((CHANNEL,), START, START + 2, 128))
    monkeypatch.delenv("BEARER_TOKEN")
    asked.fetch(StrainRequest((CHANNEL,), START + 2, START + 4, 128))


def test_no_token_is_told_with_scope_audience_and_the_command_that_gets_one(private: str) -> None:
    told = (
        rf"^{private} wants a SciToken with scope arrakis\.read and audience {AUDIENCE}; none was found\. .*{COMMAND}"
    )
    with pytest.raises(AuthenticationError, match=told) as caught:
        get(private)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda issuer: issuer.token("ANY", "gwdatafind.read"), r"its scope is 'gwdatafind\.read'"),
        (lambda issuer: issuer.token("https://other.example.org", SCOPE), "it is for the audience"),
        (lambda issuer: issuer.token(AUDIENCE, SCOPE, lifetime=-10), "it has expired"),
        (lambda issuer: issuer.forged(AUDIENCE, SCOPE), "its signature is wrong"),
    ],
    ids=["scope", "audience", "expired", "forged"],
)
def test_a_token_that_will_not_do_is_told_with_the_reason(
    private: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, make: Callable[[Issuer], str], reason: str
) -> None:
    monkeypatch.setenv("BEARER_TOKEN", make(issuer))
    with pytest.raises(AuthenticationError, match=rf"{reason}.*{COMMAND}"):
        get(private)


@pytest.mark.usefixtures("token")
def test_a_token_that_the_server_refuses_is_told(issuer: Issuer, tmp_path: Path) -> None:
    told = rf"refuses a SciToken that was found.*{COMMAND}"
    server = serving(made_up(tmp_path), **only_for("https://another.example.org"))
    with server as url, pytest.raises(AuthenticationError, match=told) as caught:
        get(url)
    assert issuer.token(AUDIENCE, SCOPE)[:20] not in str(caught.value)


@pytest.mark.usefixtures("token")
def test_a_token_is_never_sent_in_the_clear_to_another_machine(private: str) -> None:
    # Every address of this machine, which is not known to be this machine: 0.0.0.0.
    elsewhere = private.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 - asked, not served
    with pytest.raises(AuthenticationError, match=r"never sent over grpc: name the server with grpc\+tls://"):
        get(elsewhere)


@pytest.mark.parametrize("there", [True, False])
def test_the_check_of_plugins_says_whether_a_credential_is_needed(
    private: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    monkeypatch.setenv("ARRAKIS_SERVER", private)
    if there:
        request.getfixturevalue("token")
        assert reach(find("strain", "arrakis")) == Reached("reachable")
    else:
        reached = reach(find("strain", "arrakis"))
        assert reached.verdict == "needs authentication"
        assert "htgettoken" in reached.reason


@pytest.mark.parametrize("fails", [False, True])
def test_the_token_is_in_no_log_no_error_and_no_file(
    issuer: Issuer, token: str, tmp_path: Path, *, fails: bool
) -> None:
    from pyarrow import flight

    def fail() -> None:
        raise flight.FlightServerError(f"the token {token} is not welcome")

    backend = ending(tmp_path, 5, fail) if fails else made_up(tmp_path)
    with serving(backend, **full(issuer)) as url:
        span = ("--start", str(START), "--end", str(START + 64), "--sample-rate", "128")
        files = ("-o", str(tmp_path / "background"), "--log-file", str(tmp_path / "run.log"))
        done = run_cli("fetch", "--source", "arrakis", "--server", url, "--channels", CHANNEL, *span, *files, "--debug")
    assert done.returncode == (1 if fails else 0), done.stderr
    written = [path for path in (tmp_path / "background").rglob("*") if path.is_file()]
    assert bool(written) != fails
    told = done.stdout + done.stderr
    told += b"".join(path.read_bytes() for path in [*written, tmp_path / "run.log"]).decode("latin-1")
    assert url in told
    for secret in (token, *token.split(".")[1:]):
        assert secret not in told
