"""What any server of lists may answer that is hostile, and what is asked of the line that tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data import retries
from servers.hostile import body, endless, raw, redirect, status

if TYPE_CHECKING:
    from command_line import Finished
    from servers.hostile import Answer

OK = b"HTTP/1.1 200 OK\r\n"

#: What will not change, and in which words it is told.
LASTING: dict[str, tuple[Answer, str]] = {
    "endless": (endless(OK + b"\r\n[", b" " * 100_000), "sends more than the 16.0 MB"),
    "deeply nested lists": (body(b"[" * 100_000), "nested too deeply"),
    "redirects to this disk": (redirect("file:///etc/passwd"), "to an address that cannot be followed"),
    "redirects elsewhere": (redirect("http://elsewhere.example/"), "is not the server that was named"),
    "redirects in a circle": (redirect(lambda path: path), "redirects without end"),
    "busy for ever": (status(503, Retry_After="9" * 400), "asks to be left alone for 1000000000 s"),
}
#: The same, of servers that are told in fewer words.
NO_WEB_SERVER: dict[str, tuple[Answer, str]] = {
    "endless headers": (endless(OK, b"X: y\r\n"), "does not speak HTTP"),
    "no HTTP": (raw(b"220 \x1b[31mSSH\x07-2.0\r\n\r\n"), "does not speak HTTP"),
    "no JSON": (body(b"<html>\x1b]0;title\x07Log in</html>"), "its answer is not JSON"),
}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which take no time here."""
    slept: list[float] = []
    monkeypatch.setattr(retries.tenacity.nap, "sleep", slept.append)
    return slept


def require_told(done: Finished, message: str, server: str = "") -> None:
    """One line that says what was wrong, and which server it was, and is fit to be printed."""
    errors = [line for line in done.err.splitlines() if "error: " in line and "1 file missing" not in line]
    assert done.code == 1, done.err
    (error,) = errors
    assert message in error
    assert server in error
    assert len(error) < 1000
    assert error.isprintable()
    assert "bug" not in done.err
