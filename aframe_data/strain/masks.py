"""Joining the 1 Hz masks of neighbouring spans; what the bits mean is the archive's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.types import BitMask, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def within(mask: BitMask, start: float, span: Segment) -> BitMask:
    """The seconds of `span` of a mask that begins at GPS second `start`; a copy, which keeps nothing else alive."""
    return BitMask(mask.values[int(span.start - start) : int(span.stop - start)].copy(), mask.bits)


def join(masks: Sequence[BitMask | None]) -> BitMask | None:
    """Put masks of adjacent spans one behind the other; None where one of them is not known.

    Each has (n_seconds,) values, one a second from the start of its span on.

    Where they name their bits differently (two archives, two observing runs), each bit moves to the place
    that its name has in the joint list; a bit that a mask does not have is off there.

    Raises
    ------
    DataQualityError
        All together name more bits than a number holds.
    """
    known = [mask for mask in masks if mask is not None]
    if len(known) < len(masks):
        return None
    if len({mask.bits for mask in known}) == 1:
        return BitMask(np.concatenate([mask.values for mask in known]), known[0].bits)
    bits = tuple(dict.fromkeys(name for mask in known for name in mask.bits))
    if len(bits) > 64:
        raise DataQualityError(
            f"the masks of all sources have {len(bits)} bits, and a mask has room for 64: use one source."
        )
    return BitMask(np.concatenate([_moved(mask, bits) for mask in known]), bits)


def nothing(seconds: int) -> BitMask:
    """The mask of a time in which no data is: no bit is on."""
    return BitMask(np.zeros(seconds, dtype=np.uint32), ())


def _moved(mask: BitMask, bits: tuple[str, ...]) -> NDArray[np.unsignedinteger[Any]]:
    moved = np.zeros(len(mask.values), dtype=np.uint64)
    for bit, name in enumerate(mask.bits):
        moved |= is_set(mask, bit).astype(np.uint64) << np.uint64(bits.index(name))
    return moved if len(bits) > 32 else moved.astype(np.uint32)


def is_set(mask: BitMask, number: int) -> NDArray[np.bool_]:
    """In which seconds a bit is set, (n_seconds,)."""
    return (mask.values.astype(np.uint64) >> np.uint64(number) & 1).astype(bool)
