"""What a server of flags may do to whoever asks it, on the command line: each ends in a line that says what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data import retries
from hostile_answers import LASTING, NO_WEB_SERVER, pauses, require_told
from servers.hostile import HostileServer, as_json, body, drip, late, status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished
    from servers.hostile import Answer

__all__ = ["pauses"]

START = 1_000_000_000
FLAG, VERSIONS, SEGMENTS = "H1:DMT-ANALYSIS_READY", r"READY$", r"READY/1"
SPAN = [START, START + 100]

WRONG: dict[str, tuple[Answer, str]] = {
    **LASTING,
    **NO_WEB_SERVER,
    "many values": (
        late(lambda: body(b'{"known": [' + b"[1,2]," * 700_000 + b"[]]}")),
        "more than 2000000 values",
    ),
    "a list": (as_json([1, 2]), "its answer is a list of 2, not an object"),
    "nothing known": (as_json({"active": [SPAN]}), "its answer has no 'known'"),
    "known is a text": (as_json({"active": [SPAN], "known": "all"}), "'known' is 'all', not a list"),
    "a text for a time": (as_json({"active": [["x", 1]], "known": [SPAN]}), "a time of 'active' is 'x', not a number"),
    "no number": (as_json({"active": [[float("nan"), 1]], "known": [SPAN]}), "a time of 'active' is nan"),
    "three times": (as_json({"active": [[1, 2, 3]], "known": [SPAN]}), "an entry of 'active' has 3 values"),
    "no pair": (as_json({"active": [7], "known": [SPAN]}), "an entry of 'active' is 7, not a list of two times"),
}


def query(cli: Callable[..., Finished], host: str, folder: Path, flag: str = f"{FLAG}:1") -> Finished:
    return cli(
        *("query", "--source", "dqsegdb", "--flags", flag, "--start", str(START), "--end", str(START + 1000)),
        *("--dqsegdb-host", host, "--dqsegdb-timeout", "0.4", "--log-file", folder / "log", "--debug", "--json"),
        *("-o", folder / "segments.txt"),
    )


@pytest.mark.parametrize(("answer", "message"), WRONG.values(), ids=WRONG)
def test_what_will_not_pass_is_asked_for_once_and_told(
    cli: Callable[..., Finished], tmp_path: Path, pauses: list[float], answer: Answer, message: str
) -> None:
    with HostileServer({"": answer}) as server:
        require_told(query(cli, server.url, tmp_path), message, "http://127.0.0.1")
        assert len(server.asked) == (31 if "without end" in message else 1)
    assert pauses == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (drip(body(b" " * 10_000), 0.02), "too slow to wait for"),
        (status(503, Retry_After="²"), "answers 503"),
        (status(503, Retry_After="-5"), "answers 503"),
    ],
    ids=["slow", "no number", "negative"],
)
def test_what_may_pass_is_asked_for_five_times(
    cli: Callable[..., Finished], tmp_path: Path, answer: Answer, message: str
) -> None:
    with HostileServer({"": answer}) as server:
        require_told(query(cli, server.url, tmp_path), message, "http://127.0.0.1")
        assert len(server.asked) == retries.ATTEMPTS


@pytest.mark.parametrize("value", ["one", None, {"1": 1}, [["1"]], ["one"], [True]], ids=str)
def test_versions_that_are_no_numbers_are_told(cli: Callable[..., Finished], tmp_path: Path, value: Any) -> None:
    with HostileServer({VERSIONS: as_json({"version": value})}) as server:
        require_told(query(cli, server.url, tmp_path, FLAG), "version", "http://127.0.0.1")
        assert len(server.asked) == 1


def test_a_password_in_the_option_is_used_and_appears_nowhere(cli: Callable[..., Finished], tmp_path: Path) -> None:
    with HostileServer({SEGMENTS: as_json({"active": [SPAN], "known": [SPAN]})}) as server:
        done = query(cli, server.url.replace("//", "//somebody:hush@"), tmp_path)
        assert done.code == 0
        assert json.loads(done.out)["livetime"] == 100
        assert "Authorization: Basic c29tZWJvZHk6aHVzaA==" in server.headers
    written = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    assert "DMT-ANALYSIS_READY/1" in written
    assert "hush" not in done.out + done.err + written
