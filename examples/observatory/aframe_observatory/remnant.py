"""The ringing of the remnant: the fundamental mode of a black hole of spin 0.69 and 95 % of the binary's mass."""

from collections.abc import Mapping

import numpy as np

from aframe_data.plugin import FloatArray, Polarizations, UsageError, WaveformRequest

SOLAR_MASS, MEGAPARSEC = 4.925491e-6, 1.029271e14  # in seconds
FREQUENCY, QUALITY, AMPLITUDE = 0.53 / (2 * np.pi), 3.2, 0.4  # the amplitude is that of equal masses


class Remnant:
    def check(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> None:
        lightest = (parameters["mass_1"] + parameters["mass_2"]).min()
        highest = FREQUENCY / (0.95 * lightest * SOLAR_MASS)
        if highest > request.sample_rate / 2:
            raise UsageError(f"sample_rate = {request.sample_rate:g} is too low for a remnant at {highest:.0f} Hz.")

    def generate(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> Polarizations:
        column = {name: values[:, np.newaxis] for name, values in parameters.items()}
        mass = 0.95 * (column["mass_1"] + column["mass_2"]) * SOLAR_MASS
        ratio = 4 * column["mass_1"] * column["mass_2"] / (column["mass_1"] + column["mass_2"]) ** 2
        time = (np.arange(request.size) - request.reference_index) / request.sample_rate
        ringing = 2 * np.pi * FREQUENCY / mass * time.clip(0)
        size = (
            AMPLITUDE * ratio * mass / (MEGAPARSEC * column["luminosity_distance"]) * np.exp(-ringing / (2 * QUALITY))
        )
        size *= time >= 0
        phase, inclination = ringing + 2 * column["phase"], np.cos(column["theta_jn"])
        return Polarizations(size * (1 + inclination**2) / 2 * np.cos(phase), size * inclination * np.sin(phase))
