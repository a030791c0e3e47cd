"""How tables are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli import report

if TYPE_CHECKING:
    import pytest

COLUMNS = ("file", "duration", "")
ROWS = [(f"background/background-{10**k}.hdf5", f"{10**k} s", "to fetch" if k % 2 else "夜") for k in range(9)]


def test_a_long_table_looks_as_a_short_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    report.print_table("", COLUMNS, ROWS)
    short = capsys.readouterr().out
    monkeypatch.setattr(report, "_MOST_ROWS", 3)
    report.print_table("", COLUMNS, ROWS)
    assert capsys.readouterr().out == short
    assert "background-100000000.hdf5" in short
