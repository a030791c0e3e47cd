"""Shares of parts: every unit is in one of them, in order, and they are as even as units allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.work.part import Part


@given(st.lists(st.integers(1, 100), min_size=1, max_size=40), st.data())
def test_every_unit_is_in_one_part_and_no_part_is_empty(sizes: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(sizes)))
    shares = [Part(number, count).share(sizes, "each") for number in range(1, count + 1)]
    assert [unit for share in shares for unit in share] == list(range(len(sizes)))
    assert all(shares)


@given(st.integers(1, 500), st.data())
def test_shares_of_equal_units_differ_by_one_unit_at_most(units: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, units))
    lengths = [len(Part(number, count).share([7] * units, "each")) for number in range(1, count + 1)]
    assert max(lengths) - min(lengths) <= 1


def test_shares_of_uneven_units_are_cut_where_it_is_most_even() -> None:
    assert [list(Part(number, 2).share([1, 1, 1, 9, 2], "each")) for number in (1, 2)] == [[0, 1, 2], [3, 4]]
    assert [list(Part(number, 3).share([9, 1, 1, 1], "each")) for number in (1, 2, 3)] == [[0], [1], [2, 3]]


def test_more_parts_than_units_are_refused_with_the_most_that_there_can_be() -> None:
    with pytest.raises(
        UsageError, match=r"part = 1/4 is not allowed: there can be at most 3 parts, one for each box\."
    ):
        Part(1, 4).share([1, 1, 1], "each box")


@pytest.mark.parametrize("text", ["2/5", " 2 / 5 ", Part(2, 5)])
def test_a_part_is_read_as_it_is_said(text: str) -> None:
    assert Part.read(text) == Part(2, 5)
    assert str(Part.read(text)) == "2/5"
