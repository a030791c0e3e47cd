"""Files of a hostile server of open data, and secrets in URLs: what is asked for, where, and what is shown."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data import retries
from hostile_answers import OK
from servers.gwosc_hostile import (
    FILE,
    FILES,
    NAME,
    SEGMENTS,
    START,
    Asking,
    asking,
    pauses,
    require_told,
    server,
    strange,
)
from servers.hostile import as_json, body, drip, endless, page, redirect, status

if TYPE_CHECKING:
    from pathlib import Path

    from servers.hostile import Answer, HostileServer

__all__ = ["asking", "pauses", "server"]


class TestFiles:
    """Files of strain, and what lists say of them."""

    @pytest.mark.parametrize(
        ("url", "message"),
        [
            (7, "'hdf5_url' of a file of strain is 7, not a URL"),
            (..., "its answer has no 'hdf5_url'"),
            (["x"], "'hdf5_url' of a file of strain is a list of 1, not a URL"),
            (f"file:///etc/{NAME}", "not a URL of http or https"),
            (f"ftp://127.0.0.1/{NAME}", "not a URL of http or https"),
            (f"http://127.0.0.1/\x1b[31m{NAME}", "not a URL of http or https"),
            ("http://127.0.0.1/strain.hdf5", "is not a strain file"),
            (f"http://127.0.0.1/H-H1_TEST-{START}-99999999999.hdf5", "is not a strain file of at most 4096 s"),
        ],
    )
    def test_a_url_that_is_none_of_a_file(self, asking: Asking, server: HostileServer, url: Any, message: str) -> None:
        server.answers[FILES] = as_json(page([strange({"hdf5_url": ""}, "hdf5_url", at=url)]))
        require_told(asking.fetch(), server, message)
        assert server.count(FILES) == 1

    #: A file of 4096 s at 4096 Hz has 134 MB of samples.
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (body(b"x", Content_Length=str(10**12)), "sends more than the 300.4 MB"),
            (redirect(lambda path: path), "redirects without end"),
            (redirect(f"file:///etc/{NAME}"), "to an address that cannot be followed"),
            (status(429, Retry_After="9999999"), "asks to be left alone for 9999999 s"),
            (body(b"\x1f\x8b", Content_Encoding="gzip"), "compressed"),
        ],
        ids=["announced as endless", "circle", "disk", "busy", "compressed"],
    )
    def test_a_file_that_cannot_be_had_is_asked_for_once(
        self, asking: Asking, server: HostileServer, answer: Answer, message: str
    ) -> None:
        server.answers[FILE] = answer
        require_told(asking.fetch(), server, message)
        assert asking.pauses == []

    @pytest.mark.slow
    def test_a_file_that_drips_is_given_up(self, asking: Asking, server: HostileServer) -> None:
        server.answers[FILE] = drip(body(b"x" * 10_000), 0.02)
        require_told(asking.fetch(), server, "which is too slow to wait for")
        assert server.count(FILE) == retries.ATTEMPTS

    @pytest.mark.slow
    def test_a_file_without_end_is_not_written_on(self, asking: Asking, server: HostileServer, tmp_path: Path) -> None:
        server.answers[FILE] = endless(OK + b"\r\n", b"x" * 1_000_000)
        require_told(asking.fetch(), server, f"sends more than the 300.4 MB that {server.url}/archive/")
        assert not list(tmp_path.rglob("*.hdf5"))

    def test_this_machine_is_not_asked_for_files_of_another(
        self, asking: Asking, server: HostileServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By whatever name: the resolver is the system's, and its answers are all that is made up here."""
        known = socket.getaddrinfo

        def resolve(host: str, *arguments: Any, **options: Any) -> Any:
            return known("127.0.0.1" if str(host).endswith(".example") else host, *arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        monkeypatch.setenv("NO_PROXY", "*")
        port = server.url.rpartition(":")[2]
        for place in (f"127.0.0.1:{port}", f"inner.example:{port}", f"0.0.0.0:{port}", f"2130706433:{port}"):
            server.answers[FILES] = as_json(page([{"hdf5_url": f"http://{place}/archive/{NAME}"}]))
            server.asked.clear()
            done = asking.fetch(host=f"http://archive.example:{port}")
            require_told(done, server, "of this machine or its own network: it was not asked")
            assert server.count(FILE) == 0
        server.answers[FILES] = as_json(page([{"hdf5_url": f"http://archive.example:{port}/archive/{NAME}"}]))
        server.answers[FILE] = redirect(f"http://inner.example:{port}/secret")
        require_told(asking.fetch(host=f"http://archive.example:{port}"), server, "of this machine or its own network")
        assert server.count("/secret") == 0


class TestSecrets:
    """Passwords and tokens in URLs."""

    def test_a_password_in_the_option_is_used_and_appears_nowhere(
        self, asking: Asking, server: HostileServer, tmp_path: Path
    ) -> None:
        host = server.url.replace("//", "//somebody:h%40ush@")
        done = asking.query("--debug", host=host)
        assert done.code == 0
        assert "Authorization: Basic c29tZWJvZHk6aEB1c2g=" in server.headers
        server.answers[SEGMENTS] = status(403)
        refused = asking.query("--debug", "--overwrite", host=host)
        assert refused.code == 1
        written = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
        for text in (done.out, done.err, refused.out, refused.err, written):
            assert "ush@" not in text
            assert "h%40ush" not in text
            assert "h@ush" not in text

    def test_secrets_in_the_archives_urls_appear_nowhere(
        self, asking: Asking, server: HostileServer, tmp_path: Path
    ) -> None:
        there = server.url.replace("//", "//somebody:hush@")
        server.answers[FILES] = as_json(page([{"hdf5_url": f"{there}/archive/{NAME}?X-Signature=hidden&start=1"}]))
        server.answers[FILE] = status(503)
        done = asking.fetch("--debug")
        require = [line for line in done.err.splitlines() if "answers 503" in line]
        assert require
        written = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
        for text in (done.out, done.err, written):
            assert "hush" not in text
            assert "hidden" not in text
