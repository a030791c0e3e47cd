"""Texts of archives and files, made fit for a line of a terminal."""

from __future__ import annotations

import pytest

from aframe_data.outside import outside_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("H1:GDS-CALIB_STRAIN", "H1:GDS-CALIB_STRAIN"),
        ("Å é 名", "Å é 名"),
        ("two\nlines\tand  blanks ", "two lines and blanks"),
        ("\x1b[31mred\x07\x00", "?[31mred??"),
        ("turned \u202eround", "turned ?round"),
        (b"bytes \xff", "bytes \N{REPLACEMENT CHARACTER}"),
        ("half a pair \ud800", "half a pair ?"),
        (12.5, "12.5"),
        (ValueError("an\nerror"), "an error"),
    ],
)
def test_a_text_is_on_one_line_without_what_moves_a_cursor(text: object, shown: str) -> None:
    assert outside_text(text) == shown


@pytest.mark.parametrize(("piece", "times"), [("x", 10**7), (b"x", 10**7), ("x ", 201)])
def test_a_long_text_is_cut(piece: str | bytes, times: int) -> None:
    text = piece * times
    found = outside_text(text)
    assert len(found) == 200
    assert found.endswith("…")
    assert len(outside_text(text, 40)) == 40
