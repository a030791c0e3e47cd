"""The waveforms: a sine in a Gaussian envelope, with its spectrum in closed form."""

from collections.abc import Mapping

import numpy as np

from aframe_data.plugin import FloatArray, Polarizations, UsageError, WaveformRequest

Arrays = Mapping[str, FloatArray]


class SineGaussian:
    has_spectrum = True

    def check(self, parameters: Arrays, request: WaveformRequest) -> None:
        highest = parameters["frequency"].max()
        if highest >= request.sample_rate / 2:
            raise UsageError(f"sample_rate = {request.sample_rate:g} is too low for a burst at {highest:.0f} Hz.")

    def generate(self, parameters: Arrays, request: WaveformRequest) -> Polarizations:
        plus, cross, width, frequency, phase = self._shapes(parameters)
        time = (np.arange(request.size) - request.reference_index) / request.sample_rate
        envelope = np.exp(-((time / width) ** 2) / 2)
        angle = 2 * np.pi * frequency * time - phase
        return Polarizations(plus * envelope * np.cos(angle), cross * envelope * np.sin(angle))

    def spectrum(self, parameters: Arrays, frequencies: FloatArray) -> tuple[np.ndarray, np.ndarray]:
        plus, cross, width, frequency, phase = self._shapes(parameters)
        above = np.exp(-2 * (np.pi * width * (frequencies - frequency)) ** 2 - 1j * phase)
        below = np.exp(-2 * (np.pi * width * (frequencies + frequency)) ** 2 + 1j * phase)
        area = np.sqrt(np.pi / 2) * width
        return plus * area * (above + below), cross * area * (above - below) / 1j

    def _shapes(self, parameters: Arrays) -> tuple[FloatArray, ...]:
        """Amplitudes of plus and cross, width in seconds, frequency and phase: (n, 1) each."""
        frequency, quality, hrss, eccentricity, phase = (
            parameters[name][:, np.newaxis] for name in ("frequency", "quality", "hrss", "eccentricity", "phase")
        )
        longer = 1 / np.sqrt(2 - eccentricity**2)
        shorter = longer * np.sqrt(1 - eccentricity**2)
        width = quality / (2 * np.pi * frequency)
        # The integrals of the squares of what the envelope leaves of a cosine and of a sine.
        mean, odd = np.sqrt(np.pi) * width / 2, np.cos(2 * phase) * np.exp(-(quality**2))
        plus = hrss * longer / np.sqrt(mean * (1 + odd))
        return plus, hrss * shorter / np.sqrt(mean * (1 - odd)), width, frequency, phase
