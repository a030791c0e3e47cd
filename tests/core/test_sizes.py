"""Sizes in bytes, said and understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.sizes import format_bytes, parse_size


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1.5e9, "1.5 GB"), (64e9, "64.0 GB"), (2.5e15, "2500.0 TB")],
)
def test_bytes_are_said_in_powers_of_ten(number: float, text: str) -> None:
    assert format_bytes(number) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50GB", 50 * 10**9),
        ("500 MB", 500 * 10**6),
        ("1.5TB", 1500 * 10**9),
        ("20kb", 20_000),
        ("3G", 3 * 10**9),
        ("7B", 7),
        (" 123456789 ", 123_456_789),
        ("0", 0),
    ],
)
def test_sizes_are_understood_as_people_write_them(text: str, number: int) -> None:
    assert parse_size(text) == number


@pytest.mark.parametrize(
    "text", ["", "GB", "-1GB", "50GiB", "50 PB", "1,5GB", "1e9", "nan", "inf", "50 G B", "٣GB", "9" * 400]
)
def test_what_is_no_size_is_refused_with_what_is_one(text: str) -> None:
    with pytest.raises(UsageError, match=r"a size is .* such as 50GB"):
        parse_size(text)


@given(st.integers(0, 10**15))
def test_a_size_that_was_said_is_understood(number: int) -> None:
    """To the one decimal that is said."""
    understood = parse_size(format_bytes(number))
    assert abs(understood - number) <= max(0.5, 0.05 * 1000 ** ((len(str(number)) - 1) // 3))
