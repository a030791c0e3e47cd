"""What is asked of a waveform generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np
import pytest

from aframe_data.plugin.binary import BASE_PARAMETERS, complete
from aframe_data.plugin.protocols import SketchGenerator
from aframe_data.plugin.records import WaveformGeneratorProvider
from aframe_data.testing.base import ProviderTests
from aframe_data.types import FloatArray, Polarizations, WaveformRequest
from aframe_data.waveforms.draws import count_of, in_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.protocols import SpectrumGenerator, WaveformGenerator

#: A few ordinary binaries, without spins in the orbital plane, which some models do not know.
_BINARIES: Mapping[str, tuple[float, ...]] = {
    **dict.fromkeys(BASE_PARAMETERS, (0.0, 0.0, 0.0)),
    "mass_1": (36.0, 20.0, 60.0),
    "mass_2": (29.0, 12.0, 55.0),
    "a_1": (0.0, 0.3, 0.0),
    "a_2": (0.0, 0.1, 0.0),
    "ra": (1.0, 2.0, 3.0),
    "dec": (0.1, -0.4, 0.9),
    "redshift": (0.1, 0.2, 0.3),
    "psi": (0.3, 1.0, 2.0),
    "theta_jn": (0.4, 1.2, 2.5),
    "phase": (0.0, 1.0, 4.0),
}

#: The part of a signal's power, from low frequencies up, over which its spectrum is compared, and how closely:
#: estimates of the SNR have their own, measured margin, so this only tells a wrong unit or a wrong signal.
_MIDDLE = (0.2, 0.8)
_SPECTRUM_TOLERANCE = 0.3
#: How much louder than its sketch a signal may be here.
_SKETCH_TOLERANCE = 0.3


class WaveformGeneratorTests(ProviderTests):
    """Tests of a waveform generator.

    Attributes
    ----------
    request
        A grid.
    parameters
        Detector-frame binaries that the model can make: the base parameters, (n,) with n >= 2.
    """

    kind = "waveforms"
    request: ClassVar[WaveformRequest] = WaveformRequest(2048, 4, 1)
    parameters: ClassVar[Mapping[str, tuple[float, ...]]] = _BINARIES

    def generator(self) -> WaveformGenerator:
        """A new object."""
        generator: WaveformGenerator = self.choice().create()
        return generator

    def signals(self) -> dict[str, FloatArray]:
        """The binaries, with all that the core adds."""
        samples = {name: np.array(values) for name, values in self.parameters.items()}
        return complete(samples, frame="detector", cosmology="Planck15", minimum_frequency=20, reference_frequency=50)

    def record(self) -> WaveformGeneratorProvider:
        """What the plugin says of it."""
        provider = self.entry().provider
        assert isinstance(provider, WaveformGeneratorProvider)
        return provider

    def make(self, signals: Mapping[str, FloatArray]) -> Polarizations:
        """Check and generate, in the batches that the record asks for."""
        generator = self.generator()
        generator.check(signals, self.request)
        made = [generator.generate(some, self.request) for some in in_batches(signals, self.record().batch)]
        plus, cross = (np.concatenate([getattr(batch, name) for batch in made]) for name in ("plus", "cross"))
        return Polarizations(plus, cross, {index: why for batch in made for index, why in batch.failures.items()})

    def test_its_needs_are_met(self) -> None:
        """The parameters that the record names are those of the file format, or the core's."""
        assert set(self.record().parameters) <= set(self.signals())

    def test_waveforms_have_the_shape_of_the_request(self) -> None:
        """Finite, and not silent."""
        result = self.make(self.signals())
        count = count_of(self.signals())
        for waveform in (result.plus, result.cross):
            assert waveform.shape == (count, self.request.size)
            assert np.isfinite(waveform).all()
            assert waveform.any(axis=1).all()
        assert not result.failures

    def test_a_signal_does_not_depend_on_its_neighbours(self) -> None:
        """The core cuts signals into units as it sees fit."""
        signals = self.signals()
        together = self.make(signals)
        alone = self.make({name: values[1:2] for name, values in signals.items()})
        np.testing.assert_array_equal(alone.plus[0], together.plus[1])
        np.testing.assert_array_equal(alone.cross[0], together.cross[1])

    def test_the_merger_is_where_the_request_puts_it(self) -> None:
        """The loudest sample lies within 20 ms of the sample for t = 0."""
        result = self.make(self.signals())
        loudest = np.argmax(np.hypot(result.plus, result.cross), axis=1)
        assert (np.abs(loudest - self.request.reference_index) <= 0.02 * self.request.sample_rate).all()

    def test_amplitude_falls_with_distance(self) -> None:
        """As one over the luminosity distance."""
        signals = self.signals()
        far = {**signals, "luminosity_distance": 2 * signals["luminosity_distance"]}
        np.testing.assert_allclose(self.make(far).plus, self.make(signals).plus / 2, rtol=1e-6, atol=1e-30)

    def test_the_spectrum_is_that_of_the_waveforms(self) -> None:
        """Where there is one: strain per hertz, within 30 % over the middle of each signal's own power."""
        generator = self.generator()
        if not getattr(generator, "has_spectrum", False):
            pytest.skip("this generator has no spectrum")
        signals, waveforms = self.signals(), self.make(self.signals())
        frequencies = np.fft.rfftfreq(self.request.size, 1 / self.request.sample_rate)
        spectra = [
            cast("SpectrumGenerator", generator).spectrum(some, frequencies[1:])
            for some in in_batches(signals, self.record().batch)
        ]
        both = map(np.concatenate, zip(*spectra, strict=True))
        for series, spectrum in zip((waveforms.plus, waveforms.cross), both, strict=True):
            assert spectrum.shape == (len(series), len(frequencies) - 1)
            assert np.iscomplexobj(spectrum)
            power = np.abs(np.fft.rfft(series)[:, 1:] / self.request.sample_rate) ** 2
            # between a fifth and four fifths: the start, the window's edges and the ringdown do not count
            below = np.cumsum(power, axis=1) / power.sum(axis=1, keepdims=True)
            middle = (below > _MIDDLE[0]) & (below < _MIDDLE[1])
            assert np.isfinite(spectrum[middle]).all()
            expected, given = (
                np.sqrt(np.where(middle, values, 0).sum(axis=1)) for values in (power, np.abs(spectrum) ** 2)
            )
            np.testing.assert_allclose(given, expected, rtol=_SPECTRUM_TOLERANCE)

    def test_no_signal_is_louder_than_its_sketch(self) -> None:
        """Where there is one: within 30 %, in white noise, in a detector turned any way."""
        generator = self.generator()
        if not (isinstance(generator, SketchGenerator) and getattr(generator, "has_spectrum", False)):
            pytest.skip("this generator does not sketch")
        signals, waveforms = self.signals(), self.make(self.signals())
        frequencies = np.fft.rfftfreq(self.request.size, 1 / self.request.sample_rate)
        heard = slice(np.searchsorted(frequencies, signals["minimum_frequency"].max()), -1)
        parts = [generator.sketch(some, frequencies[heard]) for some in in_batches(signals, self.record().batch)]
        amplitude, plus, cross = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("amplitude", "plus", "cross")
        )
        assert amplitude.shape == (count_of(signals), len(frequencies[heard]))
        assert plus.shape == cross.shape == (count_of(signals),)
        spectra = [
            np.fft.rfft(series)[:, heard] / self.request.sample_rate for series in (waveforms.plus, waveforms.cross)
        ]
        loudest = np.sqrt((amplitude**2).sum(axis=1))
        for angle in np.linspace(0, np.pi, 8):
            response = np.cos(angle) * spectra[0] + np.sin(angle) * spectra[1]
            assert (np.sqrt((np.abs(response) ** 2).sum(axis=1)) <= (1 + _SKETCH_TOLERANCE) * loudest).all()
