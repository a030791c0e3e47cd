"""Seeds: one generator for each unit of work, the same whatever runs the unit."""

from __future__ import annotations

import hashlib
import secrets
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class Stream(IntEnum):
    """What a generator is for; the numbers are part of every seed and never change."""

    PREFLIGHT = 0
    TRAINING = 1
    VALIDATION = 2
    CAMPAIGN = 3
    TIMES = 4
    CALIBRATION = 5
    AUDIT = 6


def new_seed() -> int:
    """A seed for a run that was given none: small enough to type, drawn from the system's entropy."""
    return secrets.randbits(48)


def derived(seed: int, what: str) -> int:
    """The seed of one part of what a seed makes: parts that have other words share no draw."""
    return int.from_bytes(hashlib.sha256(f"{seed} {what}".encode()).digest()[:16])


def generator(seed: int, stream: Stream, *unit: int) -> np.random.Generator:
    """The generator of one unit of work.

    Parameters
    ----------
    seed
        The run's seed, a whole number >= 0.
    stream
        What the unit does.
    unit
        Whole numbers >= 0 that tell the unit from all others of its stream.
    """
    import numpy as np

    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(int(stream), *unit)))
