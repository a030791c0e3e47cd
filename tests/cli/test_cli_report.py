"""How tables are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli import report
from aframe_data.progress import Bytes

if TYPE_CHECKING:
    import pytest

COLUMNS = ("file", "duration", "")
ROWS = [(f"background/background-{10**k}.hdf5", f"{10**k} s", "to fetch" if k % 2 else "夜") for k in range(9)]


def test_a_long_table_looks_as_a_short_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    report.print_table(COLUMNS, ROWS)
    short = capsys.readouterr().out
    monkeypatch.setattr(report, "_MOST_ROWS", 3)
    report.print_table(COLUMNS, ROWS)
    assert capsys.readouterr().out == short
    assert "background-100000000.hdf5" in short


def test_a_log_gets_a_line_now_and_then_and_no_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(report.time, "monotonic", lambda: now)
    with report.progress() as phase:
        advance, fetched = phase("generating signals", 100), phase("fetching", Bytes(10**9))
        for _ in range(9):
            now += 10
            advance(10)
        fetched(5e8)
        advance(10)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "aframe-data: generating signals: 30/100, 1/s, about 1 min 10 s left",
        "aframe-data: generating signals: 60/100, 1/s, about 40 s left",
        "aframe-data: generating signals: 90/100, 1/s, about 10 s left",
        "aframe-data: fetching: 500.0 MB of 1.0 GB, 5.6 MB/s, about 1 min 30 s left",
    ]
