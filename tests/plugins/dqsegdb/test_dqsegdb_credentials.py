"""Private flags: a token is looked for when the server refuses, shown to it alone, and told to nobody."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from aframe_data.cli.app import run
from aframe_data.errors import AuthenticationError, TransientError
from aframe_data.registry.names import find
from aframe_data.registry.online import reach
from aframe_data.types import SegmentQuery
from servers.dqsegdb import DqsegdbServer
from servers.dqsegdb_clients import START, after_start, ask, source_of, spans
from servers.gwosc import Fault
from servers.tokens import Issuer, isolate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PUBLIC, PRIVATE, OTHER = "H1:PUBLIC:1", "H1:DMT-ANALYSIS_READY:1", "L1:DMT-ANALYSIS_READY:1"
SCOPE = "dqsegdb.read"
AUDIENCE = "http://127.0.0.1"
COMMAND = rf"htgettoken -a vault\.ligo\.org -i igwn --scopes=dqsegdb\.read --audience={AUDIENCE}"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command configures the package's logger for its process."""
    logger = logging.getLogger("aframe_data")
    before = (logger.handlers[:], logger.level, logger.propagate)
    yield
    logger.handlers, logger.level, logger.propagate = before


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Issuer:
    isolate(monkeypatch, tmp_path)
    issuer = Issuer()
    issuer.publish()
    return issuer


@pytest.fixture
def server(issuer: Issuer) -> Iterator[DqsegdbServer]:
    def accepts(token: str) -> bool:
        """Check signature, time, audience and scope, as the real server does."""
        audiences = [AUDIENCE, running.url, "ANY"]
        try:
            claims = jwt.decode(token, issuer.key.public_key(), algorithms=["ES256"], audience=audiences)
        except jwt.InvalidTokenError:
            return False
        return SCOPE in claims["scope"].split()

    with DqsegdbServer(accepts) as running:
        running.add(PUBLIC, known=spans((0, 1000)), active=spans((0, 500)))
        running.add(PRIVATE, known=spans((0, 1000)), active=spans((0, 100)), private=True)
        running.add(OTHER, known=spans((0, 1000)), active=spans((50, 100)), private=True)
        yield running


@pytest.fixture
def token(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that opens private flags, where the clients look."""
    text = issuer.token("ANY", f"gwdatafind.read {SCOPE}")
    monkeypatch.setenv("BEARER_TOKEN", text)
    return text


def shown(server: DqsegdbServer) -> list[str]:
    return [header for _, header in server.asked_with()]


@pytest.mark.usefixtures("token")
def test_nothing_is_looked_for_where_the_flag_is_public(server: DqsegdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from aframe_data_plugins.credentials import finding

    looked_for: list[object] = []
    monkeypatch.setattr(finding.igwn_auth_utils, "find_scitoken", lambda *wanted, **_: looked_for.append(wanted))
    assert after_start(ask(server, PUBLIC))[0] == [(0, 500)]
    assert after_start(ask(server, "H1:PUBLIC"))[0] == [(0, 500)]
    assert looked_for == []
    assert shown(server) == ["", "", ""]


@pytest.mark.parametrize("flag", [PRIVATE, PRIVATE.rpartition(":")[0]])
def test_a_private_flag_is_read_with_the_token_that_is_there(server: DqsegdbServer, token: str, flag: str) -> None:
    assert after_start(ask(server, flag))[0] == [(0, 100)]
    assert shown(server)[:2] == ["", f"Bearer {token}"]


@pytest.mark.usefixtures("token")
def test_the_token_is_looked_for_once_for_many_flags(server: DqsegdbServer) -> None:
    source = source_of(server)
    for flag in (PRIVATE, OTHER, PRIVATE):
        source.query(SegmentQuery(flag, START, START + 10))
    assert [bool(header) for header in shown(server)] == [False, True, True, True]


def test_no_token_is_told_with_scope_audience_and_the_command_that_gets_one(server: DqsegdbServer) -> None:
    with pytest.raises(
        AuthenticationError, match=rf"^{server.url} wants a SciToken with scope dqsegdb\.read and audience .*{COMMAND}"
    ) as caught:
        ask(server, PRIVATE)
    assert "\n" not in str(caught.value)
    assert shown(server) == [""]


def test_the_check_of_plugins_says_that_a_credential_is_needed(
    server: DqsegdbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_SEGMENT_SERVER", server.url)
    assert PRIVATE == "H1:DMT-ANALYSIS_READY:1"  # what the record gives as its example
    reached = reach(find("segments", "dqsegdb"))
    assert reached.verdict == "needs authentication"
    assert "htgettoken" in reached.reason


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda issuer: issuer.token("ANY", "gwdatafind.read"), r"its scope is 'gwdatafind\.read'"),
        (lambda issuer: issuer.token("https://other.example.org", SCOPE), "it is for the audience"),
        (lambda issuer: issuer.token("ANY", SCOPE, lifetime=-10), "it has expired"),
        (lambda issuer: issuer.forged("ANY", SCOPE), "its signature is wrong"),
    ],
    ids=["scope", "audience", "expired", "forged"],
)
def test_a_token_that_will_not_do_is_not_shown(
    server: DqsegdbServer,
    issuer: Issuer,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Issuer], str],
    reason: str,
) -> None:
    monkeypatch.setenv("BEARER_TOKEN", make(issuer))
    with pytest.raises(AuthenticationError, match=rf"{reason}.*{COMMAND}"):
        ask(server, PRIVATE)
    assert shown(server) == [""]


@pytest.mark.usefixtures("token")
def test_a_token_that_the_server_refuses_is_told(server: DqsegdbServer) -> None:
    server.accepts = lambda _token: False
    with pytest.raises(AuthenticationError, match=rf"{server.url} refuses a SciToken that was found.*{COMMAND}"):
        ask(server, PRIVATE)


@pytest.mark.usefixtures("token")
def test_a_busy_server_is_transient_with_a_token_too(server: DqsegdbServer) -> None:
    source = source_of(server)
    source.query(SegmentQuery(PRIVATE, START, START + 10))
    server.fail(Fault("", status=503))
    with pytest.raises(TransientError, match="503"):
        source.query(SegmentQuery(PRIVATE, START, START + 10))


@pytest.mark.parametrize("fault", [None, Fault("L1", status=400), Fault("L1", body=b"<html>")], ids=["", "400", "html"])
def test_the_token_is_in_no_log_no_error_and_no_file(
    server: DqsegdbServer, token: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: Fault | None
) -> None:
    server.fail(*([] if fault is None else [fault]))
    arguments: list[Any] = [
        *("query", "--flags", f"{PRIVATE},{OTHER}", "--start", START, "--end", START + 1000, "--debug"),
        *("--dqsegdb-host", server.url, "-o", tmp_path / "segments.txt", "--log-file", tmp_path / "run.log"),
    ]
    code = run([str(argument) for argument in arguments])
    told = capsys.readouterr()
    assert f"Bearer {token}" in shown(server)
    assert code == (0 if fault is None else 1)
    written = "".join(path.read_text() for path in (tmp_path / "segments.txt", tmp_path / "run.log") if path.exists())
    assert server.url in written + told.err
    for secret in (token, *token.split(".")[1:]):
        assert secret not in told.out + told.err + written
