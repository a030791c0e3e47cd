"""Lists of a hostile server of open data: each command ends in a line that says what was wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import hostile_answers
from aframe_data import retries
from hostile_answers import OK
from servers.gwosc_hostile import RUNS, SEGMENT, SEGMENTS, START, Asking, asking, pauses, require_told, server, strange
from servers.hostile import HostileServer, as_json, body, drip, endless, late, page, raw, redirect, status

if TYPE_CHECKING:
    from pathlib import Path

    from servers.hostile import Answer

__all__ = ["asking", "pauses", "server"]


def test_the_server_of_these_tests_is_one_of_open_data_where_it_is_not_hostile(
    asking: Asking, server: HostileServer
) -> None:
    server.answers[SEGMENTS] = as_json(page([{**SEGMENT, "more": "than was asked"}]))
    done = asking.query()
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["livetime"] == 100


#: What may be another answer the next time.
SLOW: dict[str, tuple[Answer, str]] = {
    "a byte now and then": (drip(body(b" " * 10_000), 0.02), "which is too slow to wait for"),
    "a byte of its headers now and then": (drip(raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 999), 0.02), "too slow"),
    "a byte of a chunk's length now and then": (
        drip(raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 999), 0.005),
        "too slow",
    ),
    "busy, negative": (status(503, Retry_After="-5"), "answers 503"),
    "busy, no number": (status(503, Retry_After="²"), "answers 503"),
    "busy, soon": (status(429, Retry_After="2"), "answers 429"),
}


@pytest.mark.parametrize(("answer", "message"), SLOW.values(), ids=SLOW)
@pytest.mark.parametrize("list_of", [SEGMENTS, pytest.param(RUNS, marks=pytest.mark.slow)])
def test_what_may_pass_is_asked_for_five_times_and_told(
    asking: Asking, server: HostileServer, list_of: str, answer: Answer, message: str
) -> None:
    server.answers[list_of] = answer
    done = asking.query()
    require_told(done, server, message)
    assert server.count(list_of) == retries.ATTEMPTS
    assert "Attempt 2 of 5" in done.err
    assert len(asking.pauses) == retries.ATTEMPTS - 1
    assert max(asking.pauses) < 60


#: What will not change.
LASTING: dict[str, tuple[Answer, str]] = {
    **hostile_answers.LASTING,
    "announced as endless": (body(b"[", Content_Length=str(10**12)), "sends more than the 16.0 MB"),
    "endless headers": (endless(OK, b"X: y\r\n"), "got more than 100 headers"),
    "an endless header": (endless(OK + b"X: ", b"x" * 10_000), "got more than 65536 bytes"),
    "no HTTP": (raw(b"220 \x1b[31mSSH\x07-2.0\r\n\r\n"), "does not speak HTTP"),
    "many values": (late(lambda: body(b"[" + b"[]," * 1_100_000 + b"[]]")), "more than 2000000 values"),
    "deeply nested objects": (body(b'{"a":' * 100_000), "nested too deeply"),
    "a number of many digits": (body(b'{"results": ' + b"9" * 5000 + b"}"), "not as a GWOSC server does"),
    "no JSON": (body(b"<html>\x1b]0;title\x07Log in</html>"), "its answer is not JSON"),
    "nothing": (body(b""), "its answer is not JSON"),
    "no text": (body(b"\xff\xfe\x00\xd8"), "its answer is not JSON"),
    "a list": (as_json([]), "its answer is a list of 0, not an object"),
    "null": (as_json(None), "its answer is missing, not an object"),
    "a text": (as_json("\x1b[2J" * 1000), "its answer is '?[2J"),
    "no results": (as_json(strange(page([]), "results", at=...)), "its answer has no 'results'"),
    "results that are none": (as_json(page({})), "'results' of a list is an object of 0, not a list"),  # type: ignore[arg-type]
    "a number of pages that is none": (as_json(page([], num_pages="many")), "'num_pages' of a list is 'many', not"),
    "a next page that is none": (as_json(page([], 7)), "'next' of a list is 7, not a URL"),
    "a next page on this disk": (as_json(page([], "file:///etc/passwd")), "not a URL of http or https"),
    "a next page elsewhere": (as_json(page([], "http://elsewhere.example/2")), "is not the server that was named"),
    "very many pages": (as_json(page([], "http://127.0.0.1/2", num_pages=10**6)), "a list of 1e+06 pages"),
    "compressed": (body(b"\x1f\x8b", Content_Encoding="gzip"), "compressed, which it was asked not to do"),
    "redirects to nowhere": (status(307), "answers 307"),
    "redirects to another protocol": (redirect("gopher://127.0.0.1/"), "to an address that cannot be followed"),
    "redirects without end": (redirect(lambda path: f"{path}x"), "redirects without end"),
    "busy for a day": (status(429, Retry_After="86400"), "at most 600 s are waited for"),
}


@pytest.mark.parametrize(("answer", "message"), LASTING.values(), ids=LASTING)
@pytest.mark.parametrize("list_of", [SEGMENTS, pytest.param(RUNS, marks=pytest.mark.slow)])
def test_what_will_not_pass_is_asked_for_once_and_told(
    asking: Asking, server: HostileServer, list_of: str, answer: Answer, message: str
) -> None:
    # Redirections lead to places that begin as the list does.
    server.answers = {list_of.rstrip("$"): answer, **{key: a for key, a in server.answers.items() if key != list_of}}
    require_told(asking.query(), server, message)
    assert asking.pauses == []
    assert server.count(list_of.rstrip("$")) == (31 if "without end" in message else 1)  # as many as requests follows


class TestPages:
    """Lists whose pages lead round in circles, or on and on."""

    def test_a_page_that_is_its_own_next_one(self, asking: Asking, server: HostileServer) -> None:
        server.answers[SEGMENTS] = lambda path: as_json(page([SEGMENT], f"{server.url}{path}"))(path)
        require_told(asking.query(), server, "a page of its own that was read already")
        assert server.count(SEGMENTS) == 1

    def test_pages_in_a_circle(self, asking: Asking, server: HostileServer) -> None:
        def answer(path: str) -> Any:
            return as_json(page([], f"{server.url}/timelines/?page={1 - int(path[-1]) if 'page' in path else 1}"))(path)

        server.answers[SEGMENTS] = answer
        require_told(asking.query(), server, "a page of its own that was read already")
        assert server.count(SEGMENTS) <= 3

    @pytest.mark.slow
    def test_pages_without_end(self, asking: Asking, server: HostileServer) -> None:
        def answer(path: str) -> Any:
            return as_json(page([SEGMENT], f"{server.url}/timelines/?page={len(server.asked)}"))(path)

        server.answers[SEGMENTS] = answer
        require_told(asking.query(), server, "more than 1000 pages")
        assert server.count(SEGMENTS) == 1000

    def test_pages_that_are_large_together(self, asking: Asking, server: HostileServer) -> None:
        large = page([{**SEGMENT, "padding": "x" * 5_000_000}])

        def answer(path: str) -> Any:
            return as_json({**large, "next": f"{server.url}/timelines/?page={len(server.asked)}"})(path)

        server.answers[SEGMENTS] = answer
        require_told(asking.query(), server, "sends more than the 16.0 MB that a list may have")
        assert server.count(SEGMENTS) == 4


#: Runs the command and prints the peak of its memory in kB.
_MEASURED = """
import resource, sys
from aframe_data import retries
retries.tenacity.nap.sleep = lambda seconds: None
from aframe_data.cli.app import run
code = run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        endless(OK + b"\r\n[", b" " * 100_000),
        late(lambda: body(b"[" + b"{}," * 900_000 + b"{}]")),
        late(lambda: body(b'{"num_pages": 1, "next": null, "results": [' + b"1.5," * 1_900_000 + b"1]}")),
        body(b'{"a":' * 100_000),
        late(lambda: as_json(page([SEGMENT], None, padding="\N{GRINNING FACE}" * 1_000_000))),
    ],
    ids=["endless", "objects", "numbers", "nested", "wide characters"],
)
def test_no_answer_takes_much_memory(server: HostileServer, tmp_path: Path, answer: Answer) -> None:
    def peak(list_answer: Answer) -> int:
        server.answers[SEGMENTS] = list_answer
        arguments = ["query", "--flags", "H1_DATA", "--start", str(START), "--end", str(START + 1000), "--overwrite"]
        arguments += ["--gwosc-host", server.url, "-o", str(tmp_path / "segments.txt")]
        done = subprocess.run([sys.executable, "-c", _MEASURED, *arguments], capture_output=True, text=True, check=True)
        return int(done.stdout.split()[-1])

    assert peak(answer) - peak(as_json(page([SEGMENT]))) < 250_000
