"""Newtonian chirps, in closed form at any frequency, that end smoothly above the innermost stable orbit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.plugin import Polarizations, WaveformRequest
from aframe_data.plugin.placement import place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin import FloatArray

SOLAR_MASS, MEGAPARSEC = 4.925490947641267e-06, 1.0292712503e14  # in seconds
LAST_ORBIT, HEAVIEST = 6**-1.5 / np.pi, 900.0
#: Seconds of each series, the merger in the middle; and at the rate of the request more than any signal is long.
SPAN = 16


class Chirps:
    has_spectrum = True

    def check(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> None:
        """Any signal: what is too heavy fails by itself."""

    def generate(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> Polarizations:
        size = round(SPAN * request.sample_rate)
        frequencies = np.fft.rfftfreq(size, 1 / request.sample_rate)[1:]
        spectra = np.stack(self.spectrum(parameters, frequencies))
        total = parameters["mass_1"] + parameters["mass_2"]
        failed = np.flatnonzero(total > HEAVIEST)
        spectra[:, failed] = 0
        spectra = np.concatenate([np.zeros((*spectra.shape[:2], 1)), spectra], axis=2)
        series = np.fft.irfft(spectra, size, axis=2) * request.sample_rate
        middle = size // 2
        plus, cross = place(np.roll(series, middle, axis=2), middle, request)
        return Polarizations(plus, cross, {int(index): "too heavy for this model" for index in failed})

    def spectrum(self, parameters: Mapping[str, FloatArray], frequencies: FloatArray) -> tuple[np.ndarray, np.ndarray]:
        column = {name: values[:, np.newaxis] for name, values in parameters.items()}
        total = (column["mass_1"] + column["mass_2"]) * SOLAR_MASS
        chirp = total * (column["mass_1"] * column["mass_2"] / (column["mass_1"] + column["mass_2"]) ** 2) ** 0.6
        distance = column["luminosity_distance"] * MEGAPARSEC
        size = np.sqrt(5 / 24) * np.pi ** (-2 / 3) * chirp ** (5 / 6) * frequencies ** (-7 / 6) / distance
        size = size * np.exp(-((frequencies * total / (2.5 * LAST_ORBIT)) ** 8))
        size = size / (1 + np.exp(-30 * (frequencies / column["minimum_frequency"] - 1)).clip(None, 1e30))
        phase = 3 / 128 * (np.pi * chirp * frequencies) ** (-5 / 3) - np.pi / 4 - 2 * column["phase"]
        signal = size * np.exp(-1j * phase)
        inclination = np.cos(column["theta_jn"])
        return signal * (1 + inclination**2) / 2, -1j * inclination * signal
