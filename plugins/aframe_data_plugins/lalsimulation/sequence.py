"""A model of the frequency domain at chosen frequencies, as LALSimulation evaluates it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np

if TYPE_CHECKING:
    from aframe_data.types import ComplexArray, FloatArray
    from aframe_data_plugins.lalsimulation.signals import Signal


def at_frequencies(signal: Signal, approximant: int, frequencies: FloatArray, options: lal.Dict | None) -> ComplexArray:
    """Evaluate a model by SimInspiralChooseFDWaveformSequence.

    Parameters
    ----------
    signal
        The binary.
    approximant
        LALSimulation's number of the model.
    frequencies
        (k,) Hz, positive and increasing.
    options
        LAL's dictionary of all else: tides, modes.

    Returns
    -------
    ComplexArray
        Plus and cross, (2, k), strain per hertz.

    Raises
    ------
    LAL's errors
        See `messages.LAL_ERRORS`.
    """
    sequence = lal.CreateREAL8Sequence(len(frequencies))
    sequence.data = frequencies
    plus, cross = lalsimulation.SimInspiralChooseFDWaveformSequence(
        signal.phase,
        signal.mass_1,
        signal.mass_2,
        *signal.spins,
        signal.reference_frequency,
        signal.distance,
        signal.inclination,
        options,
        approximant,
        sequence,
    )
    return np.stack([plus.data.data, cross.data.data])
