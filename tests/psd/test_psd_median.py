"""The median in bounded memory: numpy's, for any numbers and any budget."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.psd.median import expected_passes, median

_NUMBERS = st.one_of(
    st.floats(min_value=0, allow_nan=False),
    st.floats(min_value=1e-48, max_value=1e-44),
    st.sampled_from([0.0, 5e-324, 1e-46, 1.0, float("inf")]),
)


class Rows:
    """Rows that count how often they are read."""

    def __init__(self, table: np.ndarray) -> None:
        self.table = table
        self.passes = 0

    def __call__(self) -> np.ndarray:
        self.passes += 1
        return self.table


@given(st.data(), st.integers(1, 60), st.integers(1, 3))
def test_it_is_numpys_median_when_next_to_nothing_fits(data: st.DataObject, count: int, columns: int) -> None:
    table = np.array(data.draw(st.lists(_NUMBERS, min_size=count * columns, max_size=count * columns)))
    table = table.reshape(count, columns)
    with np.errstate(over="ignore"):
        expected = np.median(table, axis=0)
        np.testing.assert_array_equal(median(Rows(table), count, columns, budget=0), expected)
        np.testing.assert_array_equal(median(Rows(table), count, columns, budget=2**20), expected)


@pytest.mark.slow
@pytest.mark.parametrize("count", [pytest.param(20_000, marks=pytest.mark.slow), 20_001])
def test_passes_do_not_grow_as_the_rows_do(count: int) -> None:
    # Exponentially distributed, as the periodograms of noise are, and over ten orders of magnitude.
    table = np.random.default_rng(1).exponential(size=(count, 2)) * np.array([1e-46, 1e-36])
    rows = Rows(table)
    np.testing.assert_array_equal(median(rows, count, 2, budget=2 * 8 * 1000), np.median(table, axis=0))
    assert rows.passes == expected_passes(count, 2, 2 * 8 * 1000) == 3


def test_one_pass_is_enough_where_all_fits() -> None:
    rows = Rows(np.random.default_rng(2).exponential(size=(99, 4)))
    median(rows, 99, 4, budget=99 * 4 * 8)
    assert rows.passes == expected_passes(99, 4, 99 * 4 * 8) == 1


@pytest.mark.parametrize("value", [0.0, 1e-46, pytest.param(float("inf"), marks=pytest.mark.slow)])
def test_many_equal_numbers_come_to_an_end(value: float) -> None:
    table = np.full((300, 3), value)
    np.testing.assert_array_equal(median(Rows(table), 300, 3, budget=0), [value] * 3)
    table[150:, 1] = 2e-40
    table[149:, 2] = 2e-40
    np.testing.assert_array_equal(median(Rows(table), 300, 3, budget=0), np.median(table, axis=0))
