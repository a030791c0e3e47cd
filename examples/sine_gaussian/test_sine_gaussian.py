"""Tests of the plugin: ``pytest examples/sine_gaussian``, with the package installed."""

import lalsimulation
import numpy as np
import pytest
from aframe_sine_gaussian.bursts import SineGaussians
from aframe_sine_gaussian.waveform import SineGaussian

from aframe_data.plugin import WaveformError, WaveformRequest
from aframe_data.testing import PriorTests, SourceKindTests, WaveformGeneratorTests

BURSTS = {
    "frequency": (80.0, 150.0, 300.0),
    "quality": (3.0, 9.0, 30.0),
    "eccentricity": (0.0, 0.5, 0.9),
    "phase": (0.0, 1.0, 4.0),
    "energy": (1e-4, 1e-3, 1e-2),
    "distance": (1.0, 5.0, 20.0),
    "ra": (1.0, 2.0, 3.0),
    "dec": (0.1, -0.4, 0.9),
    "psi": (0.3, 1.0, 2.0),
}
ASKED = {"frame": "detector", "cosmology": "Planck15", "minimum_frequency": 20, "reference_frequency": 50}


class TestBursts(SourceKindTests):
    name = "sine-gaussian"
    parameters = BURSTS
    impossible = {"eccentricity": 1.5}  # noqa: RUF012 - as for all of them, which nobody changes


class TestPopulation(PriorTests):
    name = "sine-gaussian"
    sources = "sine-gaussian"
    ranges = {"frequency": (64, 1024), "quality": (3, 100), "eccentricity": (0, 1), "distance": (0, 20)}  # noqa: RUF012
    isotropic = ("ra", "dec", "psi", "phase")


class TestWaveform(WaveformGeneratorTests):
    name = "sine-gaussian"
    parameters = BURSTS
    spectrum_tolerance = 1e-3


def test_energy_at_a_distance_is_hrss():
    # The energy of a burst at 10 kpc that LIGO sees at 150 Hz: about 1e-9 solar masses for 1e-22 Hz^-1/2.
    draw = {name: np.array(values[:1]) for name, values in BURSTS.items()}
    draw |= {"frequency": np.array([153.0]), "energy": np.array([1.2e-9]), "distance": np.array([0.01])}
    assert SineGaussians().complete(draw, **ASKED)["hrss"][0] == pytest.approx(1.55e-22, rel=0.02)


def test_a_burst_without_a_loudness_is_refused():
    draw = {name: np.array(values) for name, values in BURSTS.items() if name != "energy"}
    with pytest.raises(WaveformError, match="hrss"):
        SineGaussians().complete(draw, **ASKED)


def test_waveforms_are_those_of_lalsimulation():
    burst = SineGaussians().complete({name: np.array(values) for name, values in BURSTS.items()}, **ASKED)
    request = WaveformRequest(4096, 4, 2)
    ours = SineGaussian().generate(burst, request)
    for row in range(3):
        names = ("quality", "frequency", "hrss", "eccentricity", "phase")
        given = (float(burst[name][row]) for name in names)
        for made, theirs in zip(
            (ours.plus, ours.cross), lalsimulation.SimBurstSineGaussian(*given, 1 / 4096), strict=True
        ):
            first = request.reference_index + round(float(theirs.epoch) * 4096)
            found = made[row, first : first + theirs.data.length]
            np.testing.assert_allclose(found, theirs.data.data, atol=1e-6 * np.abs(found).max())
