"""Real noise and real signals, for the tests of what detectors record of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from aframe_data.detection.projection import padded
from aframe_data.seeds import Stream
from aframe_data.types import FloatArray, WaveformRequest
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.generation import generate
from aframe_data.waveforms.request import choose_generator, choose_prior

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 2048.0
REQUEST = WaveformRequest(sample_rate=RATE, duration=8, right_pad=2)


class Signals(NamedTuple):
    """Signals of a population on the padded window, and the recipe that made them."""

    parameters: dict[str, FloatArray]
    polarizations: dict[str, FloatArray]
    recipe: recipes.Recipe


@pytest.fixture(scope="package")
def request_2048() -> WaveformRequest:
    """Eight seconds at 2048 Hz."""
    return REQUEST


@pytest.fixture(scope="package")
def o3_densities(shared_data: Path) -> FloatArray:
    """The actual power spectral densities of H1 and L1 in O3, (2, bins), on the grid of `request_2048`."""
    frequencies = np.fft.rfftfreq(REQUEST.size, 1 / RATE)
    densities = np.empty((2, len(frequencies)))
    for row, ifo in zip(densities, ("H1", "L1"), strict=True):
        given, amplitude = np.loadtxt(shared_data / "psd" / f"aligo_O3actual_{ifo}.txt", unpack=True)
        row[:] = np.interp(frequencies, given, amplitude) ** 2
    return densities


@pytest.fixture(scope="package")
def signals() -> Callable[[str, str, int], Signals]:
    """Make the first signals of a prior with an approximant, each set once."""

    @cache
    def make(prior: str, approximant: str, count: int) -> Signals:
        generator = choose_generator("auto", {"approximant": approximant})
        recipe = recipes.Recipe(
            prior=choose_prior(prior, {}, generator),
            generator=generator,
            request=padded(REQUEST),
            minimum_frequency=20,
            reference_frequency=50,
            seed=3,
            stream=Stream.TRAINING,
            dtype="float64",
        )
        parameters = recipes.draw(recipe, Stream.TRAINING, (0,), count)
        polarizations, failures = generate(recipe, parameters)
        assert not failures
        return Signals(parameters, polarizations, recipe)

    return make
