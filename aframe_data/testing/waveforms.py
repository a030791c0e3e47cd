"""What is asked of a waveform generator: as of any signals, and what is known of binaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from aframe_data.plugin.binary import BASE_PARAMETERS, Binaries
from aframe_data.plugin.protocols import SketchGenerator
from aframe_data.registry.choice import choose
from aframe_data.registry.sources import kind_of
from aframe_data.testing.signals import both, overlap, power
from aframe_data.testing.spectra import SpectrumTests
from aframe_data.types import Polarizations, WaveformRequest
from aframe_data.waveforms.draws import count_of, in_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.protocols import WaveformGenerator
    from aframe_data.types import FloatArray

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
#: Of the power of a binary that is seen from above, what is left in cross where it is seen from the side.
_EDGE_ON = 0.05
#: How much louder than its sketch a signal may be here.
_SKETCH_TOLERANCE = 0.3
#: Hz below which two signals' turning is compared: where an inspiral is loud, and numbers are no noise.
_HIGHEST_TURN = 200.0


class WaveformGeneratorTests(SpectrumTests):
    """Tests of a waveform generator.

    Those that know binaries are skipped where the record's `signals` says that it makes others; such a test class
    has its own `parameters`.

    Attributes
    ----------
    parameters
        Signals that the model can make, as a prior draws them, (n,) each with n >= 2: binaries with masses in the
        detector frame, if nothing else is given.
    quadrupole
        Whether signals are dominated by the quadrupole, as those of ordinary binaries are: the kit then knows how
        they depend on phase and inclination.
    scale_free
        Whether masses, times and distances scale together, as in all models of black holes: the kit then knows how
        signals depend on the masses.
    reference
        A waveform generator to compare with, by name, or None: in which sense plus and cross turn, how loud they are.
    loudness
        The largest factor between the signals' amplitudes and the reference's.
    """

    parameters: ClassVar[Mapping[str, tuple[float, ...]]] = _BINARIES
    quadrupole: ClassVar[bool] = True
    scale_free: ClassVar[bool] = True
    reference: ClassVar[str | None] = "lalsimulation"
    loudness: ClassVar[float] = 4.0

    def _require_binary(self, *, quadrupole: bool = False) -> None:
        if not isinstance(kind_of(self.choice()), Binaries):
            pytest.skip(f"signals of the kind {self.record().signals!r}")
        if quadrupole and not self.quadrupole:
            pytest.skip("quadrupole = False")

    def test_amplitude_falls_with_distance(self) -> None:
        """As one over the luminosity distance."""
        self._require_binary()
        signals = self.signals()
        far = {**signals, "luminosity_distance": 2 * signals["luminosity_distance"]}
        near = self.make(signals)
        for name in ("plus", "cross"):
            expected = getattr(near, name) / 2
            tiny = 1e-9 * np.abs(expected).max()
            np.testing.assert_allclose(getattr(self.make(far), name), expected, rtol=1e-6, atol=tiny)

    def test_redshift_alone_changes_nothing(self) -> None:
        """Masses are the detector frame's and the distance is given: the redshift was applied by the core."""
        self._require_binary()
        near, far = self.make(self.signals()), self.make(self.signals(redshift=0.7))
        np.testing.assert_array_equal(far.plus, near.plus)
        np.testing.assert_array_equal(far.cross, near.cross)

    def test_the_phase_is_the_orbit_s(self) -> None:
        """A quarter of an orbit turns the signal over; a whole one gives it back."""
        self._require_binary(quadrupole=True)
        signals = self.signals()
        as_it_is = both(self.make(signals))
        quarter, whole = (
            both(self.make({**signals, "phase": signals["phase"] + turn * 2 * np.pi})) for turn in (0.25, 1.0)
        )
        turned = overlap(as_it_is, quarter)
        assert (turned < -0.8).all(), f"after a quarter of an orbit, signals overlap by {turned} and not by about -1"
        back = overlap(as_it_is, whole)
        assert (back > 1 - 1e-6).all(), f"after a whole orbit, signals overlap by {back} and not by 1"

    def test_later_phases_are_later_in_the_orbit(self) -> None:
        """A larger phase is an orbit that is further on: the signal turns with it as it turns with time."""
        self._require_binary(quadrupole=True)
        from_above = self.signals(theta_jn=0.0)
        early, late = (_turning(self.make({**from_above, "phase": from_above["phase"] + turn})) for turn in (0.0, 0.1))
        # the angle from one signal to the other, and that in which each one turns with time
        angle = np.angle((late * early.conj()).sum(axis=1))
        sense = _sense(early, self.request)
        assert (np.sign(angle) == sense).all(), f"phases are counted against the orbit: {angle} rad, turning by {sense}"
        np.testing.assert_allclose(np.abs(angle), 0.2, rtol=0.3, err_msg="0.1 rad of orbit turn the signal by 0.2 rad")

    def test_inclination_shapes_both_polarizations(self) -> None:
        """From above both are as loud; from the side plus has half the amplitude, and cross is gone."""
        self._require_binary(quadrupole=True)
        above, beside, below = (self._in_quadrature(angle) for angle in (0.0, np.pi / 2, np.pi))
        plus, cross = _rms(above.plus), _rms(above.cross)
        np.testing.assert_allclose(cross / plus, 1, rtol=0.1, err_msg="from above, cross is louder than plus by")
        np.testing.assert_allclose(
            _rms(beside.plus) / plus, 0.5, rtol=0.2, err_msg="from the side, what is left of plus"
        )
        left = _rms(beside.cross) / cross
        assert (left**2 < _EDGE_ON).all(), f"from the side, {left} is left of the amplitude of cross"
        senses = _sense(_turning(above), self.request) * _sense(_turning(below), self.request)
        assert (senses < 0).all(), "from below, the signal turns in the same sense as from above"

    def _in_quadrature(self, inclination: float) -> Polarizations:
        """The signals of two phases one after the other, so that loudness depends on neither."""
        signals = self.signals(theta_jn=inclination)
        made = [self.make({**signals, "phase": signals["phase"] + turn}) for turn in (0.0, np.pi / 4)]
        plus, cross = (np.concatenate([getattr(each, name) for each in made], axis=1) for name in ("plus", "cross"))
        return Polarizations(plus, cross)

    def test_plus_and_cross_turn_as_those_of_the_reference(self) -> None:
        """A wrong sign of cross is a binary seen from the other side."""
        self._require_binary(quadrupole=True)
        signals = self.signals(theta_jn=0.0)
        expected = _sense(_turning(self._referred(signals)), self.request)
        found = _sense(_turning(self.make(signals)), self.request)
        assert (found == expected).all(), f"plus - i cross turns by {found}; that of {self.reference} by {expected}"

    def test_signals_are_about_as_loud_as_those_of_the_reference(self) -> None:
        """Within `loudness`: in strain, at a distance in megaparsecs."""
        self._require_binary()
        signals = self.signals()
        made, referred = self.make(signals), self._referred(signals)
        ratio = np.hypot(_rms(made.plus), _rms(made.cross)) / np.hypot(_rms(referred.plus), _rms(referred.cross))
        assert (ratio < self.loudness).all(), f"amplitudes are {ratio} times those of {self.reference}"
        assert (ratio > 1 / self.loudness).all(), f"amplitudes are {ratio} times those of {self.reference}"

    def test_masses_set_the_scale(self) -> None:
        """Twice the masses at twice the distance are the same signal at half the speed."""
        self._require_binary()
        if not self.scale_free:
            pytest.skip("scale_free = False")
        signals, request = self.signals(), self.request
        heavy = dict(signals)
        for name in ("mass_1", "mass_2", "luminosity_distance"):
            heavy[name] = 2 * signals[name]
        for name in ("minimum_frequency", "reference_frequency"):
            heavy[name] = signals[name] / 2
        slower = WaveformRequest(request.sample_rate / 2, 2 * request.duration, 2 * request.right_pad)
        light, slow = both(self.make(signals)), both(self.make(heavy, slower))
        alike = overlap(light, slow)
        assert (alike > 0.97).all(), f"twice as heavy, at half the rate, signals overlap by {alike} and not by 1"
        ratio = np.sqrt(power(slow) / power(light))
        np.testing.assert_allclose(
            ratio, 1, rtol=0.05, err_msg="twice as heavy and twice as far, signals are louder by"
        )

    def test_the_mass_ratio_matters(self) -> None:
        """Of two binaries of one total mass, that of less equal masses is another signal."""
        self._require_binary()
        signals = self.signals()
        moved = {
            **signals,
            "mass_1": signals["mass_1"] + 0.3 * signals["mass_2"],
            "mass_2": 0.7 * signals["mass_2"],
        }
        assert not np.array_equal(self.make(moved).plus, self.make(signals).plus), "only the total mass matters"

    def test_the_start_frequency_is_each_signal_s_own(self) -> None:
        """`minimum_frequency` is an array: a heavy signal starts lower, and all have an inspiral."""
        self._require_binary()
        some, others = self.signals(), self.signals(minimum_frequency=30.0)
        mixed = {
            **some,
            "minimum_frequency": np.where(np.arange(len(some["phase"])) == 0, 30.0, some["minimum_frequency"]),
        }
        made = self.make(mixed)
        np.testing.assert_array_equal(made.plus[0], self.make(others).plus[0])
        np.testing.assert_array_equal(made.plus[1:], self.make(some).plus[1:])

    def test_no_signal_is_louder_than_its_sketch(self) -> None:
        """Where there is one: within 30 %, in white noise, in a detector turned any way."""
        self._require_binary()
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

    def _referred(self, signals: Mapping[str, FloatArray]) -> Polarizations:
        if self.reference is None:
            pytest.skip("reference = None")
        generator: WaveformGenerator = choose("waveforms", self.reference).create()
        return generator.generate(signals, self.request)


def _rms(series: FloatArray) -> FloatArray:
    """Root mean square of each row."""
    rms: FloatArray = np.sqrt((series**2).mean(axis=1))
    return rms


def _turning(made: Polarizations) -> FloatArray:
    """The complex strain (plus - i cross), which turns in one sense where a binary is seen from above."""
    turning: FloatArray = made.plus - 1j * made.cross
    return turning


def _sense(turning: FloatArray, request: WaveformRequest) -> FloatArray:
    """Whether complex series turn forward (1) or back (-1), by which of the two has more power."""
    power = np.abs(np.fft.fft(turning, axis=1)) ** 2
    frequencies = np.fft.fftfreq(turning.shape[1], 1 / request.sample_rate)
    forward, back = (
        power[:, (sign * frequencies > 0) & (np.abs(frequencies) < _HIGHEST_TURN)].sum(axis=1) for sign in (1, -1)
    )
    return np.where(forward > back, 1, -1)
