"""Strain that stands still, and runs of true elements: in one piece, in blocks, and counted one by one."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aframe_data.strain.runs import Runs, true_runs
from aframe_data.strain.still import StillRuns, still_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


def in_blocks(finder: Runs | StillRuns, blocks: Iterable[NDArray[np.generic]]) -> list[list[int]]:
    return [run for block in blocks for run in finder.add(block).tolist()] + finder.end().tolist()


def equal(values: Iterable[float]) -> Iterator[tuple[float, list[int]]]:
    """Each run of equal values, as the value and ``[first, last]``."""
    at = 0
    for value, run in itertools.groupby(values):
        first, at = at, at + len(list(run))
        yield value, [first, at]


@st.composite
def strain(draw: st.DrawFn, rate: int) -> NDArray[np.float64]:
    """Runs of about half a second or a second among samples that all differ."""
    half = (rate + 1) // 2
    parts: list[NDArray[np.float64]] = []
    for number in range(draw(st.integers(0, 5))):
        length = draw(st.sampled_from([1, half - 1, half, rate - 1, rate, 3 * rate]))
        value = draw(st.sampled_from([None, 0.0, 1.0, np.inf, np.nan]))
        parts.append(np.arange(length) + 100.0 * (number + 1) if value is None else np.full(length, value))
    return np.concatenate([*parts, np.empty(0)])


def cut(data: st.DataObject, samples: NDArray[np.generic]) -> list[NDArray[np.generic]]:
    return np.split(samples, sorted(data.draw(st.lists(st.integers(0, len(samples)), max_size=8))))


@given(st.data(), st.lists(st.booleans(), max_size=40))
def test_runs_of_true_elements_are_the_same_however_the_mask_is_cut(data: st.DataObject, mask: list[bool]) -> None:
    expected = [run for value, run in equal(mask) if value]
    assert true_runs(np.array(mask, dtype=bool)).tolist() == expected
    assert in_blocks(Runs(), cut(data, np.array(mask, dtype=bool))) == expected


@given(st.lists(st.integers(0, 5), max_size=10))
def test_skipping_is_adding_so_many_false_elements(lengths: list[int]) -> None:
    """In turns so many true and so many false ones."""
    added, skipped = Runs(), Runs()
    for number, length in enumerate(lengths):
        mask = np.full(length, number % 2 == 0)
        found = skipped.skip(length) if number % 2 else skipped.add(mask)
        assert found.tolist() == added.add(mask).tolist()
    assert skipped.end().tolist() == added.end().tolist()


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data(), st.integers(1, 24), st.booleans(), st.sampled_from(["f4", "f8"]))
def test_what_stands_still_is_the_same_however_the_samples_are_cut(
    data: st.DataObject, rate: int, open_ends: bool, dtype: str
) -> None:
    """One finite value for a second, and never a single sample; at open ends for half a second."""
    samples = data.draw(strain(rate)).astype(dtype)
    expected = []
    for value, (first, last) in equal(samples.tolist()):
        at_end = open_ends and (first == 0 or last == len(samples))
        if np.isfinite(value) and last - first >= max(2, rate / 2 if at_end else rate):
            expected.append([first, last])
    assert still_runs(samples, rate, open_ends=open_ends).tolist() == expected
    assert in_blocks(StillRuns(rate, open_ends=open_ends), cut(data, samples)) == expected


@pytest.mark.parametrize("first", [0, 1, 100, 4096 - 256, 5000])
@pytest.mark.parametrize(("length", "found"), [(256, True), (255, False)])
def test_a_second_counts_wherever_it_begins_and_whatever_block_it_begins_in(
    first: int, length: int, *, found: bool
) -> None:
    samples = np.random.default_rng(3).standard_normal(8192)
    samples[first : first + length] = 0
    expected = [[first, first + length]] if found else []
    assert still_runs(samples, 256).tolist() == expected
    assert in_blocks(StillRuns(256), np.split(samples, range(512, 8192, 1024))) == expected
