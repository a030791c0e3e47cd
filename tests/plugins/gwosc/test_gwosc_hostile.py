"""What a server of open data may do to whoever asks it, on the command line: each ends in a line that says what."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data import retries
from servers.hostile import HostileServer, as_json, body, drip, endless, page, raw, redirect, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command_line import Finished
    from servers.hostile import Answer

START = 1240580096  # a multiple of 4096, inside O3a
SEGMENTS, RUNS, EVENTS, FILES, FILE = "/timelines/", "/runs$", "/event-versions", "/strain-files", "/archive/"
NAME = f"H-H1_GWOSC_O3a_4KHZ_R1-{START}-4096.hdf5"

RUN = {"name": "O3a", "gps_start": 1238166018, "gps_end": 1253977218, "detectors": ["H1", "L1"]}
SEGMENT = {"start": START, "stop": START + 100}
EVENT = {"name": "GW1", "shortName": "GW1-v1", "gps": START + 50.5, "version": 1, "catalog": "C", "detectors": ["H1"]}
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """Answers well, until a test says otherwise."""
    with HostileServer() as running:
        files = [{"hdf5_url": f"{running.url}/archive/data/O3a_4KHZ_R1/1/{NAME}", "gwf_url": None}]
        running.answers = {
            FILES: as_json(page(files)),
            SEGMENTS: as_json(page([SEGMENT])),
            RUNS: as_json(page([RUN])),
            EVENTS: as_json(page([EVENT])),
        }
        yield running


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which take no time here."""
    slept: list[float] = []
    monkeypatch.setattr(retries.tenacity.nap, "sleep", slept.append)
    return slept


class Asking:
    """The commands as a user would give them."""

    def __init__(self, cli: Callable[..., Finished], server: HostileServer, folder: Path, pauses: list[float]) -> None:
        self._cli, self._server, self._folder, self.pauses = cli, server, folder, pauses
        self.log = folder / "log"

    def query(self, *more: str, host: str = "") -> Finished:
        return self._cli(
            *("query", "--flags", "H1_DATA", "--start", str(START), "--end", str(START + 1000), "--json"),
            *("--gwosc-host", host or self._server.url, "--gwosc-timeout", "0.4", "--log-file", self.log),
            *("-o", self._folder / "segments.txt", *more),
        )

    def fetch(self, *more: str, host: str = "") -> Finished:
        return self._cli(
            *("fetch", "--channels", "H1", "--start", str(START), "--end", str(START + 64), "--sample-rate", "2048"),
            *("--gwosc-host", host or self._server.url, "--gwosc-timeout", "0.4", "--log-file", self.log),
            *("-o", self._folder / "background", "--workers", "0", *more),
        )


@pytest.fixture
def asking(cli: Callable[..., Finished], server: HostileServer, tmp_path: Path, pauses: list[float]) -> Asking:
    return Asking(cli, server, tmp_path, pauses)


def require_told(done: Finished, server: HostileServer, message: str) -> None:
    """One line that names the server and says what was wrong, and is fit to be printed."""
    errors = [line for line in done.err.splitlines() if "error: " in line and "1 file missing" not in line]
    assert done.code == 1, done.err
    assert len(errors) == 1
    assert message in errors[0]
    assert "127.0.0.1" in errors[0]
    assert len(errors[0]) < 1000
    assert not any(words in done.err for words in ("bug", "Traceback", "Error:", "Warning"))
    assert all(line.isprintable() for line in done.err.splitlines())
    assert server.asked


def strange(value: Any, *path: Any, at: Any) -> Any:
    """A copy of a value with another one at a place inside it; `...` takes away what is there."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if at is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = at
    return copy


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
    assert "Try 2 of 5" in done.err
    assert len(asking.pauses) == retries.ATTEMPTS - 1
    assert max(asking.pauses) < 60


#: What will not change.
LASTING: dict[str, tuple[Answer, str]] = {
    "endless": (endless(OK + b"\r\n[", b" " * 100_000), "sends more than the 16.0 MB"),
    "announced as endless": (body(b"[", Content_Length=str(10**12)), "sends more than the 16.0 MB"),
    "endless headers": (endless(OK, b"X: y\r\n"), "got more than 100 headers"),
    "an endless header": (endless(OK + b"X: ", b"x" * 10_000), "got more than 65536 bytes"),
    "no HTTP": (raw(b"220 \x1b[31mSSH\x07-2.0\r\n\r\n"), "does not speak HTTP"),
    "many values": (body(b"[" + b"[]," * 1_100_000 + b"[]]"), "more than 2000000 values"),
    "deeply nested lists": (body(b"[" * 100_000), "nested too deeply"),
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
    "redirects to this disk": (redirect("file:///etc/passwd"), "nobody can go there"),
    "redirects to another protocol": (redirect("gopher://127.0.0.1/"), "nobody can go there"),
    "redirects elsewhere": (redirect("http://elsewhere.example/"), "is not the server that was named"),
    "redirects in a circle": (redirect(lambda path: path), "redirects without end"),
    "redirects without end": (redirect(lambda path: f"{path}x"), "redirects without end"),
    "busy for ever": (status(503, Retry_After="9" * 400), "asks to be left alone for 1000000000 s"),
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


WRONG = ["text", None, ..., [1], {"a": 1}, True, float("nan"), float("inf"), 10**400]
NO_NAMES = [7, None, ..., ["x"], "\x1b[31mred", "x" * 1000]
#: The first of each is quick.
FIELDS = [
    *((SEGMENTS, SEGMENT, key, value) for key in ("start", "stop") for value in WRONG),
    *((RUNS, RUN, key, value) for key in ("gps_start", "gps_end") for value in WRONG),
    *((RUNS, RUN, "name", value) for value in NO_NAMES),
    *((RUNS, RUN, "detectors", value) for value in (7, None, ..., "H1", [1], {"H1": 1}, [["H1"]])),
    *((EVENTS, EVENT, key, value) for key in ("gps", "version") for value in WRONG),
    *((EVENTS, EVENT, key, value) for key in ("name", "shortName", "catalog") for value in NO_NAMES),
    *((EVENTS, EVENT, "detectors", value) for value in (7, ..., "H1", [1])),
]


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.slow if case[3] not in ("text", 7) else ()) for case in FIELDS],
    ids=lambda case: f"{case[0]} {case[2]} {str(case[3])[:12]}",
)
def test_a_field_of_another_type_is_told_with_its_name(
    asking: Asking, server: HostileServer, case: tuple[str, dict[str, Any], str, Any]
) -> None:
    list_of, entry, key, value = case
    server.answers[list_of] = as_json(page([strange(entry, key, at=value)]))
    done = asking.query("--exclude-events", "10")
    if value == 10**400:  # Python's own bound on the digits of a number is ten times that
        require_told(done, server, f"{key!r} of ")
        assert "far too large" in done.err
    else:
        require_told(done, server, f"{key!r} of ")
    assert server.count(list_of) == 1


@pytest.mark.parametrize("entry", [7, None, "text", []], ids=str)
@pytest.mark.parametrize("list_of", [SEGMENTS, EVENTS])
def test_an_entry_that_is_no_object_is_told(asking: Asking, server: HostileServer, list_of: str, entry: Any) -> None:
    server.answers[list_of] = as_json(page([entry]))
    require_told(asking.query("--exclude-events", "10"), server, "not an object")


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
            ("http://127.0.0.1/strain.hdf5", "is no file of strain"),
            (f"http://127.0.0.1/H-H1_TEST-{START}-99999999999.hdf5", "is no file of strain of at most 4096 s"),
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
            (redirect(f"file:///etc/{NAME}"), "nobody can go there"),
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
        body(b"[" + b"{}," * 900_000 + b"{}]"),
        body(b'{"num_pages": 1, "next": null, "results": [' + b"1.5," * 1_900_000 + b"1]}"),
        body(b'{"a":' * 100_000),
        as_json(page([SEGMENT], None, padding="\N{GRINNING FACE}" * 1_000_000)),
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
