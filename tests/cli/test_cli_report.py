"""How tables are printed, and how the work tells of its progress."""

from __future__ import annotations

import io
import sys
from threading import Semaphore

import pytest
from rich.console import Console
from rich.text import Text

from aframe_data.cli import pace, report
from aframe_data.progress import Bytes

COLUMNS = ("file", "duration", "")
ROWS = [(f"background/background-{10**k}.hdf5", f"{10**k} s", "to fetch" if k % 2 else "夜") for k in range(9)]


def test_a_long_table_looks_as_a_short_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")  # no colours
    monkeypatch.setenv("COLUMNS", "80")
    report.print_table(COLUMNS, ROWS)
    short = capsys.readouterr().out
    monkeypatch.setattr(report, "_MOST_ROWS", 3)
    report.print_table(COLUMNS, ROWS)
    assert capsys.readouterr().out == short
    assert "background-100000000.hdf5" in short


class Clock:
    """A clock that stands until it is set, and the event for which the lines of a log wait."""

    def __init__(self) -> None:
        self.now = 100.0
        self._waiting, self._ticks = Semaphore(0), Semaphore(0)
        self._over = False

    def wait(self, seconds: float) -> bool:
        assert seconds == 30
        self._waiting.release()
        self._ticks.acquire()
        return self._over

    def tick(self) -> None:
        """Half a minute passes, and whoever waits for it has done what it does then."""
        self._waiting.acquire()
        self._ticks.release()
        self._waiting.acquire()
        self._waiting.release()

    def set(self) -> None:
        self._over = True
        self._ticks.release()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(report, "Event", lambda: clock)
    return clock


def test_a_table_that_is_piped_has_tabs_and_no_padding(capsys: pytest.CaptureFixture[str]) -> None:
    report.print_table(("file", "what is wrong"), [("a.hdf5", "two\n words"), ("a much longer name.hdf5", "")])
    assert capsys.readouterr().out == "file\twhat is wrong\na.hdf5\ttwo words\na much longer name.hdf5\t\n"


def test_rows_may_be_cropped_to_one_line_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")  # a dumb one always has 80 columns
    monkeypatch.setenv("COLUMNS", "30")
    report.print_table(("name", "what it gives"), [("one", "words " * 20), ("three", "few")], crop=True)
    lines = Text.from_ansi(capsys.readouterr().out).plain.splitlines()
    assert [line.rstrip() for line in lines] == [
        " name   what it gives",
        " one    words words words wo…",
        " three  few",
    ]


def test_a_log_gets_a_line_now_and_then_and_no_bar(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with report.progress() as phase:
        clock.tick()
        trying = phase("trying the model", 1)
        clock.tick()
        trying(1)
        advance, fetched = phase("making signals", 100), phase("fetching strain", Bytes(10**9))
        for _ in range(3):
            clock.now += 30
            advance(30)
            clock.tick()
        fetched(5e8)
        advance(10)
        clock.tick()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "aframe-data: trying the model: 0/1",
        "aframe-data: making signals: 30/100, 1/s, about 1 min 10 s left",
        "aframe-data: fetching strain: 0 B of 1.0 GB",
        "aframe-data: making signals: 60/100, 1/s, about 40 s left",
        "aframe-data: fetching strain: 0 B of 1.0 GB",
        "aframe-data: making signals: 90/100, 1/s, about 10 s left",
        "aframe-data: fetching strain: 0 B of 1.0 GB",
        "aframe-data: fetching strain: 500.0 MB of 1.0 GB, 5.6 MB/s, about 1 min 30 s left",
    ]


def test_what_was_left_behind_unfinished_is_no_news(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with report.progress() as phase:
        phase("segments of H1", 10)(5)
        clock.tick()
        phase("segments of L1", 10)
        clock.tick()
    assert capsys.readouterr().err.splitlines() == [
        "aframe-data: segments of H1: 5/10",
        "aframe-data: segments of L1: 0/10",
    ]


def test_draws_are_counted_beside_the_accepted_signals(clock: Clock) -> None:
    drawing = pace.Pace("drawing signals", 2000)
    clock.now += 10
    drawing.advance(50, 1000)
    drawing.advance(0, 250)
    assert (drawing.amount, drawing.rate, drawing.clock) == ("50/2000 of 1250 drawn (4%)", "5/s", "0:06:30 left")


def test_what_was_done_before_counts_and_takes_no_time(clock: Clock) -> None:
    drawing = pace.Pace("drawing signals", 2000)
    drawing.advance(1000, 20_000, found=True)
    clock.now += 10
    drawing.advance(100, 2000)
    assert (drawing.amount, drawing.rate, drawing.clock) == ("1100/2000 of 22000 drawn (5%)", "10/s", "0:01:30 left")
    clock.now += 90
    drawing.advance(950, 1000)  # what replaces failed work comes on top
    clock.now += 1000
    assert (drawing.amount, drawing.clock) == ("2000/2000 of 23000 drawn (8.7%)", "0:01:40")


@pytest.mark.parametrize("width", [80, 60, 46])
def test_nothing_is_cut_on_a_terminal(monkeypatch: pytest.MonkeyPatch, clock: Clock, width: int) -> None:
    monkeypatch.setenv("TERM", "xterm")  # a dumb one always has 80 columns
    console = Console(file=io.StringIO(), force_terminal=True, width=width, legacy_windows=False)
    monkeypatch.setattr("rich.console.Console", lambda **_: console)
    with report.progress() as phase:
        phase("trying the model", 1)(1)
        clock.now += 60
        drawing = phase("drawing signals", 100_000)
        clock.now += 60
        drawing(12_345, 1_234_567)
    last = Text.from_ansi(console.file.getvalue()).plain.rsplit("trying the model", 1)[-1]
    shown = " ".join(last.split())
    for words in ("drawing signals", "12345/100000 of", "1234567 drawn", "(1%)", "0:07:06 left"):
        assert words in shown
    assert "…" not in last
    assert ("206/s" in shown) == (width == 80)
