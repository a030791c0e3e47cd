"""Damped sinusoids: the ringing of a perturbed Kerr black hole in its fundamental mode l = m = 2.

The mode's frequency and quality give the hole's spin and mass by Echeverria's fits (Phys. Rev. D 40, 3194), and with
the radiated part of the mass the amplitude, as in LIGO's searches for ringdowns (Abbott et al., Phys. Rev. D 80,
062001):

    h₊ = A / r (1 + cos² i) exp(-π f t / Q) cos(2π f t + φ),   hₓ = A / r · 2 cos i exp(-π f t / Q) sin(2π f t + φ)

for t >= 0, and nothing before. They are sampled as they are, as in PyCBC; what lies above the Nyquist frequency in the
jump at t = 0 folds back, and is worth up to a hundredth of the SNR at 4096 Hz. The frequency is the detectors', so the
mass is too, and r is the luminosity distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.types import Polarizations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import ComplexArray, FloatArray, WaveformRequest
    from aframe_data_plugins.ringdown import DampedSinusoidOptions

#: Of light, in seconds: a megaparsec's way.
_MEGAPARSEC = 3.085677581491367e22 / 299792458.0
#: The quality of a black hole without spin, by the fit: none is lower.
_LEAST_QUALITY = 2.0


class _Ringing(NamedTuple):
    """Of n signals, (n, 1) each: amplitudes, angular frequency and rate of decay per second, phase at t = 0."""

    plus: FloatArray
    cross: FloatArray
    turning: FloatArray
    decay: FloatArray
    phase: FloatArray


class DampedSinusoid:
    """The waveform generator ``damped-sinusoid``."""

    has_spectrum = True

    def __init__(self, options: DampedSinusoidOptions) -> None:
        self._epsilon = options.epsilon

    def check(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> None:
        """Refuse signals that are no black hole's, or too high for the grid; see `WaveformGenerator.check`."""
        for reason in self._failures(parameters, request).values():
            raise UsageError(f"damped-sinusoid cannot make these signals: {reason}.")

    def generate(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> Polarizations:
        """Generate the polarizations of n signals; see `WaveformGenerator.generate`."""
        failures = self._failures(parameters, request)
        after = (np.arange(request.size) - request.reference_index).clip(0) / request.sample_rate
        with np.errstate(invalid="ignore"):  # of signals that fail
            ringing = self._ringing(parameters)
            envelope = np.exp(-ringing.decay * after)
            angle = ringing.turning * after + ringing.phase
            plus, cross = ringing.plus * envelope * np.cos(angle), ringing.cross * envelope * np.sin(angle)
        for values in (plus, cross):
            values[:, : request.reference_index] = 0
            values[[*failures]] = 0
        return Polarizations(plus, cross, failures)

    def spectrum(
        self, parameters: Mapping[str, FloatArray], frequencies: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """Return the Fourier transforms in closed form; see `SpectrumGenerator.spectrum`."""
        with np.errstate(invalid="ignore"):
            ringing = self._ringing(parameters)
        there = 2j * np.pi * frequencies
        # The sinusoid is half of each of two exponentials, which turn in opposite senses.
        forwards = np.exp(1j * ringing.phase) / (ringing.decay + there - 1j * ringing.turning)
        backwards = np.exp(-1j * ringing.phase) / (ringing.decay + there + 1j * ringing.turning)
        return ringing.plus * (forwards + backwards) / 2, ringing.cross * (forwards - backwards) / 2j

    def _ringing(self, parameters: Mapping[str, FloatArray]) -> _Ringing:
        frequency, quality, distance, inclination, phase = (
            np.asarray(parameters[name])[:, np.newaxis]
            for name in ("frequency", "quality", "distance", "theta_jn", "phase")
        )
        epsilon = np.asarray(parameters["epsilon"])[:, np.newaxis] if "epsilon" in parameters else self._epsilon
        spin = 1 - (_LEAST_QUALITY / quality) ** (20 / 9)
        fit = 1 - 0.63 * (1 - spin) ** 0.3
        mass = fit / (2 * np.pi * frequency)  # in seconds
        amplitude = np.sqrt(2.5 * epsilon / quality / (1 + 7 / (24 * quality**2)) / fit) * mass
        amplitude = amplitude / (_MEGAPARSEC * distance)
        cosine = np.cos(inclination)
        return _Ringing(
            amplitude * (1 + cosine**2),
            amplitude * 2 * cosine,
            2 * np.pi * frequency,
            np.pi * frequency / quality,
            phase,
        )

    def _failures(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> dict[int, str]:
        """Index of each signal that cannot be made, and why."""
        highest = request.sample_rate / 2
        failures: dict[int, str] = {}
        for name, low, high in (
            ("frequency", 0.0, highest),
            ("quality", _LEAST_QUALITY, np.inf),
            ("distance", 0.0, np.inf),
            ("epsilon", 0.0, 1.0),
        ):
            values = np.asarray(parameters.get(name, ()))
            for index in np.flatnonzero(~((values > low) & (values < high))).tolist():
                failures.setdefault(index, f"{name} = {values[index]:g} does not lie between {low:g} and {high:g}")
        return failures
