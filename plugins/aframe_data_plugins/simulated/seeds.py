"""The random streams of the simulated detectors, keyed by integers and nothing else.

A stream belongs to (seed, kind, interferometer, number). The keys are canonical integers, never the
``hash()`` of a string, so that they are the same in every process and on every machine.
"""

from __future__ import annotations

import numpy as np

#: Kinds of stream; far from the small numbers that other users of the same seed may take as kinds.
WHITE_NOISE = 0x57484954
DUTY_CYCLE = 0x44555459


def stream(seed: int, kind: int, ifo: str, number: int) -> np.random.Generator:
    """Make the generator of one stream.

    Parameters
    ----------
    seed
        The user's seed, at least 0.
    kind
        `WHITE_NOISE` or `DUTY_CYCLE`.
    ifo
        The interferometer's two-character prefix; its ASCII bytes are the key.
    number
        Which one of the streams of this kind: GPS second or epoch, from -2**31 to 2**32 - 2**31 - 1.
    """
    code = int.from_bytes(ifo.encode("ascii"), "big")
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(kind, code, number + 2**31))
    return np.random.Generator(np.random.PCG64(sequence))
