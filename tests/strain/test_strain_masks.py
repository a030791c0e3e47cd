"""Masks of neighbouring spans: a bit keeps its name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import DataQualityError
from aframe_data.strain import masks
from aframe_data.types import BitMask, Segment


def test_masks_of_one_archive_are_put_one_behind_the_other() -> None:
    first, second = (BitMask(np.array(values, "u4"), ("DATA", "CAT1")) for values in ([1, 3], [2]))
    joined = masks.join([first, second])
    assert joined.bits == ("DATA", "CAT1")
    np.testing.assert_array_equal(joined.values, [1, 3, 2])


def test_bits_of_other_names_move() -> None:
    joined = masks.join(
        [BitMask(np.array([1, 3], "u4"), ("DATA", "CAT1")), BitMask(np.array([1, 2], "u4"), ("CAT1", "X"))]
    )
    assert joined.bits == ("DATA", "CAT1", "X")
    np.testing.assert_array_equal(joined.values, [0b001, 0b011, 0b010, 0b100])


def test_more_than_32_bits_fit() -> None:
    wide = BitMask(np.array([1 << 31], "u4"), tuple(f"A{k}" for k in range(32)))
    joined = masks.join([wide, BitMask(np.array([1], "u4"), ("B",))])
    np.testing.assert_array_equal(joined.values, np.array([1 << 31, 1 << 32], "u8"))


def test_more_than_64_bits_are_told() -> None:
    wide = [BitMask(np.array([1], "u8"), tuple(f"{name}{k}" for k in range(40))) for name in "AB"]
    with pytest.raises(DataQualityError, match="have 80 bits"):
        masks.join(wide)


def test_the_seconds_within_a_span_are_a_copy() -> None:
    mask = BitMask(np.arange(10, dtype="u4"), ("DATA",))
    part = masks.within(mask, 100, Segment(103, 105))
    np.testing.assert_array_equal(part.values, [3, 4])
    assert part.values.base is None


@given(st.lists(st.tuples(st.permutations(["A", "B", "C"]), st.integers(0, 7)), min_size=1, max_size=5))
def test_a_bit_keeps_its_name_when_masks_are_joined(parts: list[tuple[list[str], int]]) -> None:
    joined = masks.join([BitMask(np.array([value], dtype=np.uint32), tuple(bits)) for bits, value in parts])
    assert joined is not None
    for second, (bits, value) in enumerate(parts):
        on = {name for bit, name in enumerate(bits) if value >> bit & 1}
        assert {name for bit, name in enumerate(joined.bits) if joined.values[second] >> bit & 1} == on
