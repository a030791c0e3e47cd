"""What a server that lists frames may do to whoever asks it, on the command line: each ends in a line that says so."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data import retries
from hostile_answers import LASTING, NO_WEB_SERVER, OK, pauses, require_told
from servers.frames import write_frames
from servers.hostile import HostileServer, as_json, body, drip, endless, late, redirect, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command_line import Finished
    from servers.hostile import Answer

__all__ = ["pauses"]

START = 1_000_000_000
CHANNEL = "H1:GDS-CALIB_STRAIN"
TYPES, URLS, FILE = r"gwf/H\.json", r"H1_HOFT_C00/", r"^/frames/"
NAME = f"H-H1_HOFT_C00-{START}-16.gwf"

WRONG: dict[str, tuple[Answer, str]] = {
    **LASTING,
    **NO_WEB_SERVER,
    "many values": (late(lambda: body(b"[" + b'"x",' * 2_100_000 + b'"x"]')), "more than 2000000 values"),
    "an object": (as_json({"H1_HOFT_C00": 1}), "its answer is not a list"),
    "a text": (as_json("H1_HOFT_C00"), "its answer is not a list"),
    "numbers": (as_json([1, 2]), "not as a GWDataFind server does"),
    "lists": (as_json([["H1_HOFT_C00"]]), "not as a GWDataFind server does"),
    "control characters": (as_json(["\x1b[31mH1_HOFT_C00"]), "not as a GWDataFind server does"),
    "a very long text": (as_json(["x" * 100_000]), "not as a GWDataFind server does"),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HostileServer]:
    """Answers well, until a test says otherwise."""
    (tmp_path / "frames").mkdir()
    frames = write_frames(tmp_path / "frames", CHANNEL, START, 16, tag="H1_HOFT_C00")
    with HostileServer() as running:
        running.answers = {
            TYPES: as_json(["H1_HOFT_C00"]),
            URLS: as_json([f"{running.url}/frames/{NAME}"]),
            FILE: body(frames.read_bytes()),
        }
        yield running


@pytest.fixture
def fetch(cli: Callable[..., Finished], server: HostileServer, tmp_path: Path) -> Callable[..., Finished]:
    def call(*more: str, host: str = "") -> Finished:
        return cli(
            *("fetch", "--source", "datafind", "--channels", CHANNEL, "--sample-rate", "128", "--workers", "0"),
            *("--start", str(START), "--end", str(START + 16), "--datafind-host", host or server.url),
            *("--datafind-timeout", "0.4", "--log-file", tmp_path / "log", "--debug", "-o", tmp_path / "o", *more),
        )

    return call


def test_the_server_of_these_tests_gives_frames_where_it_is_not_hostile(fetch: Callable[..., Finished]) -> None:
    done = fetch()
    assert done.code == 0, done.err


@pytest.mark.parametrize(("answer", "message"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("list_of", [TYPES, pytest.param(URLS, marks=pytest.mark.slow)])
def test_what_will_not_pass_is_asked_for_once_and_told(
    fetch: Callable[..., Finished], server: HostileServer, list_of: str, answer: Answer, message: str
) -> None:
    server.answers[list_of] = answer
    require_told(fetch(), message)
    if "redirects" not in message:
        assert server.count(list_of) <= 2  # of all kinds, and then of the one that is wanted


@pytest.mark.parametrize(
    ("answer", "message"),
    [(drip(body(b" " * 10_000), 0.02), "too slow to wait for"), (status(503, Retry_After="²"), "answers 503")],
    ids=["slow", "no number"],
)
@pytest.mark.parametrize("asked", [TYPES, FILE])
def test_what_may_pass_is_asked_for_five_times(
    fetch: Callable[..., Finished], server: HostileServer, asked: str, answer: Answer, message: str
) -> None:
    server.answers[asked] = answer
    require_told(fetch(), message)
    assert server.count(asked) == retries.ATTEMPTS


class TestFiles:
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (body(b"x", Content_Length=str(10**12)), "sends more than the 96.0 MB"),
            (redirect(lambda path: path), "redirects without end"),
            (redirect("file:///etc/passwd"), "to an address that cannot be followed"),
            (body(b"\x1f\x8b", Content_Encoding="gzip"), "compressed"),
        ],
        ids=["announced as endless", "circle", "disk", "compressed"],
    )
    def test_one_that_cannot_be_had_is_asked_for_once(
        self, fetch: Callable[..., Finished], server: HostileServer, pauses: list[float], answer: Answer, message: str
    ) -> None:
        server.answers[FILE] = answer
        require_told(fetch(), message)
        assert pauses == []

    def test_the_user_says_how_large_one_may_be(self, fetch: Callable[..., Finished], server: HostileServer) -> None:
        require_told(fetch("--datafind-largest-file", "1kB"), "sends more than the 1.0 kB")
        server.answers[FILE] = endless(OK + b"\r\n", b"x" * 100_000)
        require_told(fetch("--datafind-largest-file", "5MB"), "sends more than the 5.0 MB")
        assert fetch("--datafind-largest-file", "much").code == 2

    @pytest.mark.parametrize("scheme", ["file", "gopher", "ftp"])
    def test_a_director_sends_nobody_to_the_disk(
        self, fetch: Callable[..., Finished], server: HostileServer, pauses: list[float], scheme: str
    ) -> None:
        server.answers |= {URLS: as_json([f"osdf:///igwn/ligo/{NAME}"]), "/igwn/": redirect(f"{scheme}:///etc/passwd")}
        require_told(fetch("--datafind-director", server.url), "where no cache can be")
        assert pauses == []

    def test_this_machine_is_not_asked_for_files_of_another(
        self, fetch: Callable[..., Finished], server: HostileServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The resolver is the system's, and its answers are all that is made up here."""
        known = socket.getaddrinfo

        def resolve(host: str, *arguments: Any, **options: Any) -> Any:
            return known("127.0.0.1" if str(host).endswith(".example") else host, *arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        monkeypatch.setenv("NO_PROXY", "*")
        named = server.url.replace("127.0.0.1", "frames.example")
        require_told(fetch(host=named), "of this machine or its own network: it was not asked")
        assert server.count(FILE) == 0


def test_a_password_and_a_query_appear_nowhere(
    fetch: Callable[..., Finished], server: HostileServer, tmp_path: Path
) -> None:
    there = server.url.replace("//", "//somebody:hush@")
    server.answers[URLS] = as_json([f"{there}/frames/{NAME}?X-Signature=hidden"])
    done = [fetch(host=there)]
    assert "Authorization: Basic c29tZWJvZHk6aHVzaA==" in server.headers
    server.answers[URLS] = status(403)
    done.append(fetch("--overwrite", host=there))
    written = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    for text in (*(each.out + each.err for each in done), written):
        assert "hush" not in text
        assert "hidden" not in text
