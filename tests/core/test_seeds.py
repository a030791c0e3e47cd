"""One generator a unit: its own, and the same wherever the unit runs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.seeds import Stream, generator, new_seed
from plugin_factory import run_python

keys = st.tuples(st.integers(0, 2**64), st.sampled_from(Stream), st.lists(st.integers(0, 2**40), max_size=3).map(tuple))


def state(seed: int, stream: Stream, unit: tuple[int, ...]) -> int:
    return int(generator(seed, stream, *unit).bit_generator.state["state"]["state"])


@given(keys, keys)
def test_units_share_a_generator_only_if_they_are_the_same(
    first: tuple[int, Stream, tuple[int, ...]], second: tuple[int, Stream, tuple[int, ...]]
) -> None:
    assert (state(*first) == state(*second)) == (first == second)


def test_thousands_of_units_have_as_many_seeds() -> None:
    # adler32 of (start, stop, shift) gave 6319 for as many segments and shifts.
    units = list(product(range(75), range(100)))
    assert len({state(7, Stream.TRAINING, unit) for unit in units}) == 7500


def test_another_process_draws_the_same() -> None:
    code = "from aframe_data.seeds import *; print(generator(7, Stream.TRAINING, 3).integers(0, 2**60, 4).tolist())"
    assert run_python(code).stdout.strip() == str(generator(7, Stream.TRAINING, 3).integers(0, 2**60, 4).tolist())


def test_the_numbers_in_a_seed_never_change() -> None:
    # Files of older versions are made again from their seeds.
    assert {stream.name: stream.value for stream in Stream} == {
        "PREFLIGHT": 0,
        "TRAINING": 1,
        "VALIDATION": 2,
        "CAMPAIGN": 3,
        "TIMES": 4,
        "CALIBRATION": 5,
        "AUDIT": 6,
    }
    expected = np.random.default_rng(np.random.SeedSequence(entropy=7, spawn_key=(1, 3)))
    assert generator(7, Stream.TRAINING, 3).random() == expected.random()


def test_a_new_seed_is_another_each_time_and_short_enough_to_type() -> None:
    seeds = {new_seed() for _ in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**48 for seed in seeds)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        generator(-1, Stream.TRAINING)
