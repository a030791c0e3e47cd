"""Parameters of many signals, a column each: how many signals they are, and some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

Parameters = dict[str, "FloatArray"]


def count_of(parameters: Mapping[str, FloatArray]) -> int:
    """How many signals these are the parameters of."""
    return len(next(iter(parameters.values())))


def take(parameters: Mapping[str, FloatArray], index: NDArray[np.intp] | slice) -> Parameters:
    """Some signals of many."""
    return {name: values[index] for name, values in parameters.items()}


def joined(parts: Sequence[Mapping[str, FloatArray]]) -> Parameters:
    """The signals of at least one part, one part after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def in_batches(parameters: Mapping[str, FloatArray], size: int | None) -> Iterator[Parameters]:
    """The signals in their order, at most `size` at a time; all at once where that is None."""
    count = count_of(parameters)
    if size is None or count <= size:
        yield dict(parameters)
        return
    for start in range(0, count, size):
        yield take(parameters, slice(start, start + size))
