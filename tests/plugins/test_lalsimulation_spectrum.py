"""LALSimulation's spectra and sketches: of the waveforms themselves, and never much fainter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from lalsimulation_binaries import REQUEST, binaries, model, only, population

from aframe_data.errors import UsageError
from aframe_data.testing import WaveformGeneratorTests
from aframe_data_plugins.lalsimulation import LALSimulationOptions
from aframe_data_plugins.lalsimulation.generator import LALSimulation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import ComplexArray, FloatArray


@pytest.mark.parametrize("approximant", ["IMRPhenomTPHM", "SEOBNRv4_opt", "TaylorF2RedSpin", "IMRPhenomPv3"])
def test_a_model_without_a_spectrum_says_so(approximant: str) -> None:
    generator = model(approximant)
    assert not generator.has_spectrum
    with pytest.raises(UsageError, match="has no spectrum on chosen frequencies"):
        generator.spectrum(binaries(), np.array([40.0, 50.0]))


@pytest.mark.parametrize("approximant", ["IMRPhenomXPHM", "IMRPhenomHM", "TaylorF2", "IMRPhenomXP_NRTidalv3"])
def test_a_model_with_a_spectrum_has_one(approximant: str) -> None:
    generator = model(approximant)
    assert generator.has_spectrum
    plus, cross = generator.spectrum(binaries(2), np.geomspace(30, 100, 5))
    assert plus.shape == cross.shape == (2, 5)
    assert np.all(np.isfinite(plus))
    assert np.all(abs(plus) > 0)


@pytest.mark.parametrize(
    ("approximant", "spins", "within"),
    [("IMRPhenomPv2", "precessing", 0.005), ("IMRPhenomXPHM", "precessing", 0.02), ("IMRPhenomD", "aligned", 0.005)],
)
def test_the_spectrum_gives_the_snr_of_the_waveform(approximant: str, spins: str, within: float) -> None:
    """In white noise above 40 Hz, from 512 frequencies, as the rejection of hopeless draws will use it."""
    parameters = population(8, seed=10, spins=spins)
    generator = model(approximant)
    assert generator.has_spectrum
    result = generator.generate(parameters, REQUEST)
    nodes = np.geomspace(40, 1024, 512)
    spectra = generator.spectrum(parameters, nodes)
    fine = np.fft.rfftfreq(REQUEST.size, 1 / REQUEST.sample_rate)
    band = (fine >= 40) & (fine <= 1024)
    for waveforms, spectrum in zip((result.plus, result.cross), spectra, strict=True):
        assert spectrum.shape == (8, 512)
        transform = np.fft.rfft(waveforms) / REQUEST.sample_rate
        full = (abs(transform[:, band]) ** 2).sum(axis=1) * fine[1]
        power = abs(spectrum) ** 2
        cheap = (0.5 * (power[:, 1:] + power[:, :-1]) * np.diff(nodes)).sum(axis=1)
        np.testing.assert_allclose(np.sqrt(cheap), np.sqrt(full), rtol=within)


def test_the_spectrum_has_the_phase_of_the_waveform() -> None:
    """exp(-2πift) with t = 0 at the reference index: undoing that delay gives the spectrum back."""
    parameters = only(population(1, seed=11), 0, mass_1=40, mass_2=30)
    generator = model("IMRPhenomPv2")
    waveform = generator.generate(parameters, REQUEST).plus[0]
    frequencies = np.arange(60, 200) * 1.0
    delay = np.exp(2j * np.pi * frequencies * REQUEST.reference_index / REQUEST.sample_rate)
    transform = np.fft.rfft(waveform)[(frequencies * REQUEST.duration).astype(int)] / REQUEST.sample_rate * delay
    spectrum, _ = generator.spectrum(parameters, frequencies)
    np.testing.assert_allclose(transform, spectrum[0], atol=0.01 * abs(spectrum).max())


# --- sketches -----------------------------------------------------------------------------------------


NODES = np.geomspace(40, 1024, 64)


@pytest.mark.parametrize("approximant", ["IMRPhenomXPHM", "IMRPhenomPv2"])
def test_no_signal_is_much_louder_than_its_sketch_in_any_detector(approximant: str) -> None:
    """In white noise above 40 Hz; and most are fainter, since they are not seen face on."""
    parameters, generator = population(96, seed=12), model(approximant)
    plus, cross = generator.spectrum(parameters, NODES)
    loudest = norm(generator.sketch(parameters, NODES).amplitude)
    for angle in np.linspace(0, np.pi, 8):
        ratio = norm(np.cos(angle) * plus + np.sin(angle) * cross) / loudest
        assert ratio.max() < 1.1
        assert 0.2 < np.median(ratio) < 0.8


def norm(spectra: FloatArray) -> FloatArray:
    """The root of the power, (n,), at `NODES`."""
    return np.sqrt((abs(spectra) ** 2 * NODES).sum(axis=1))


def test_a_sketch_of_spins_along_the_orbit_is_the_spectrum_of_the_dominant_mode() -> None:
    parameters = population(64, seed=13, spins="aligned")
    for name in ("tilt_1", "tilt_2"):
        parameters[name] = np.zeros(64)
    plus, cross = model("IMRPhenomXAS").spectrum(parameters, NODES)
    sketch = model("IMRPhenomXPHM").sketch(parameters, NODES)
    for spectrum, share in ((plus, sketch.plus), (cross, sketch.cross)):
        np.testing.assert_allclose(norm(sketch.amplitude) * abs(share), norm(spectrum), rtol=0.04)
    # cross lags plus by a quarter of a cycle, or leads
    np.testing.assert_allclose((sketch.plus * sketch.cross.conj()).real, 0, atol=1e-12)


def test_a_sketch_does_not_depend_on_the_other_signals() -> None:
    parameters, generator = population(40, seed=14), model("IMRPhenomXPHM")
    together = generator.sketch(parameters, NODES)
    alone = [generator.sketch(only(parameters, index), NODES) for index in range(40)]
    np.testing.assert_array_equal(together.amplitude, np.concatenate([each.amplitude for each in alone]))
    np.testing.assert_array_equal(together.plus, np.concatenate([each.plus for each in alone]))


def test_a_sketch_is_made_of_any_binary() -> None:
    """Beyond its table too: very unequal masses, spins above the last, and frequencies at which all is over."""
    parameters = population(3, seed=15)
    parameters |= {"mass_1": np.array([300.0, 1.0, 900.0]), "mass_2": np.array([1.2, 0.9, 800.0])}
    parameters |= {"a_1": np.array([1.0, 0.0, 0.99]), "a_2": np.array([1.0, 0.0, 0.99])}
    amplitude = model("IMRPhenomXPHM").sketch(parameters, NODES).amplitude
    assert np.isfinite(amplitude).all()
    assert (amplitude[:, 0] > 0).tolist() == [True, True, False]
    assert amplitude[0, -1] == 0


def test_the_conformance_kit_notices_a_spectrum_in_another_unit() -> None:
    class Doubled(LALSimulation):
        def spectrum(
            self, parameters: Mapping[str, FloatArray], frequencies: FloatArray
        ) -> tuple[ComplexArray, ComplexArray]:
            plus, cross = super().spectrum(parameters, frequencies)
            return 2 * plus, 2 * cross

    class Kit(WaveformGeneratorTests):
        name = "lalsimulation"
        spoilt = False

        def generator(self) -> LALSimulation:
            return (Doubled if self.spoilt else LALSimulation)(LALSimulationOptions())

    Kit().test_the_spectrum_is_that_of_the_waveforms()
    Kit.spoilt = True
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        Kit().test_the_spectrum_is_that_of_the_waveforms()
