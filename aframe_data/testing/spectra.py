"""What is asked of the spectra that a generator of waveforms may have."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np
import pytest

from aframe_data.testing.signals import SignalTests
from aframe_data.waveforms.draws import count_of, in_batches

if TYPE_CHECKING:
    from aframe_data.plugin.protocols import SpectrumGenerator
    from aframe_data.types import ComplexArray, FloatArray

#: The part of a signal's power, from low frequencies up, over which its spectrum is compared: the start, the window's
#: edges and the ringdown do not count. It is compared in as many bands of equal power.
_MIDDLE, _BANDS = (0.2, 0.8), 3


class SpectrumTests(SignalTests):
    """Tests of waveforms, and of their spectra where the generator has them.

    Attributes
    ----------
    spectrum_tolerance
        How closely the spectrum is that of the waveforms: relative, for amplitudes and for the product of plus and
        cross. Estimates of the SNR have their own, measured margin, so the default only tells a wrong unit or signal.
    """

    spectrum_tolerance: ClassVar[float] = 0.3

    def _spectrum(self, frequencies: FloatArray) -> tuple[ComplexArray, ComplexArray]:
        """Plus and cross, (n, k) each, or the reason to skip."""
        generator = self.generator()
        if not getattr(generator, "has_spectrum", False):
            pytest.skip("this generator has no spectrum")
        made = [
            cast("SpectrumGenerator", generator).spectrum(some, frequencies)
            for some in in_batches(self.signals(), self.record().batch)
        ]
        assert all(isinstance(answer, tuple) and len(answer) == 2 for answer in made), (
            f"spectrum answers with {type(made[0]).__name__}, not with plus and cross"
        )
        plus, cross = map(np.concatenate, zip(*made, strict=True))
        wanted = (count_of(self.signals()), len(frequencies))
        for spectrum in (plus, cross):
            told = f"a spectrum is {spectrum.dtype} of shape {spectrum.shape}, not numbers of shape {wanted}"
            assert spectrum.shape == wanted, told
            assert spectrum.dtype.kind in "fc", told
        return plus, cross

    def test_the_spectrum_is_that_of_the_waveforms(self) -> None:
        """Where there is one: in amplitude (strain per hertz), and in the phase between plus and cross.

        Over the middle of each signal's own power; `spectrum_tolerance` says how closely.
        """
        frequencies = np.fft.rfftfreq(self.request.size, 1 / self.request.sample_rate)[1:]
        spectra, waveforms = self._spectrum(frequencies), self.make(self.signals())
        series = [np.fft.rfft(values)[:, 1:] / self.request.sample_rate for values in (waveforms.plus, waveforms.cross)]
        power = np.abs(series[0]) ** 2 + np.abs(series[1]) ** 2
        below = np.cumsum(power, axis=1) / power.sum(axis=1, keepdims=True)
        edges = np.linspace(*_MIDDLE, _BANDS + 1)
        for low, high in itertools.pairwise(edges):
            band = (below > low) & (below <= high)
            assert np.isfinite(np.where(band, spectra[0] + spectra[1], 0)).all()
            for name, made, given in zip(("plus", "cross"), series, spectra, strict=True):
                expected, found = (np.sqrt(_sum(band, np.abs(values) ** 2)) for values in (made, given))
                where = f"the amplitude of {name} between {low:.0%} and {high:.0%} of the power"
                np.testing.assert_allclose(found, expected, rtol=self.spectrum_tolerance, err_msg=where)
            expected, found = (np.where(band, plus * cross.conj(), 0).sum(axis=1) for plus, cross in (series, spectra))
            size = np.sqrt(_sum(band, np.abs(series[0]) ** 2) * _sum(band, np.abs(series[1]) ** 2))
            away = np.abs(found - expected) / size
            # amplitudes may be off in both factors
            assert (away <= 2 * self.spectrum_tolerance).all(), f"the phase between plus and cross is off by {away}"

    def test_the_spectrum_is_a_function_of_the_frequency(self) -> None:
        """On any frequencies, not only on evenly spaced ones: the core asks at those that it needs."""
        even = np.fft.rfftfreq(self.request.size, 1 / self.request.sample_rate)[1:]
        inside = np.flatnonzero((even >= 30) & (even <= self.request.sample_rate / 4))
        uneven = np.unique(np.geomspace(inside[0], inside[-1], 40).astype(int))
        whole = self._spectrum(even)
        for some in (uneven, uneven[-3:]):
            for name, all_of_it, found in zip(("plus", "cross"), whole, self._spectrum(even[some]), strict=True):
                expected = all_of_it[:, some]
                scale = np.abs(expected[np.isfinite(expected)]).max(initial=1e-300)
                np.testing.assert_allclose(
                    np.abs(found), np.abs(expected), rtol=1e-3, atol=1e-3 * scale, err_msg=f"{name}, uneven frequencies"
                )


def _sum(band: FloatArray, values: FloatArray) -> FloatArray:
    total: FloatArray = np.where(band, values, 0).sum(axis=1)
    return total
