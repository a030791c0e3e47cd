"""A stranger's prior, source kind and generator of bells: no binaries, and with a parameter of their own.

`conftest.bell_package` installs it, perhaps changed.
"""

import numpy as np

from aframe_data.plugin import AsDrawn, WaveformError  # noqa: F401 - a changed copy raises it
from aframe_data.types import Polarizations

WIDTH = 0.01


class Tower:
    parameters = ("frequency", "strain", "ra", "dec", "psi", "colour")
    frame = "detector"

    def sample(self, n, rng):
        angles = {"ra": rng.uniform(0, 2 * np.pi, n), "dec": np.arcsin(rng.uniform(-1, 1, n))}
        bells = {"frequency": rng.uniform(60, 160, n), "strain": 3e-22 * rng.uniform(0.05, 1, n) ** -0.3}
        return {**angles, **bells, "psi": rng.uniform(0, np.pi, n), "colour": rng.uniform(0, 1, n)}


class QuietTower(Tower):
    parameters = ("frequency", "ra", "dec", "psi")


class Bells(AsDrawn):
    parameters = ("frequency", "strain", "ra", "dec", "psi")
    added = ("loud",)
    described_by = ("frequency", "strain")
    example = {"frequency": 100.0, "strain": 1e-22, **AsDrawn.example}  # noqa: RUF012

    def complete(self, samples, **asked):
        return {**super().complete(samples, **asked), "loud": np.full(len(samples["ra"]), 2.0)}


class Bell:
    has_spectrum = True

    def check(self, parameters, request):
        pass

    def generate(self, parameters, request):
        time = (np.arange(request.size) - request.reference_index) / request.sample_rate
        size = (parameters["loud"] * parameters["strain"])[:, np.newaxis] * np.exp(-0.5 * (time / WIDTH) ** 2)
        phase = 2 * np.pi * parameters["frequency"][:, np.newaxis] * time
        failures = {int(index): "cracked" for index in np.flatnonzero(parameters["frequency"] > 155)}
        return Polarizations(size * np.cos(phase), size * np.sin(phase), failures)

    def spectrum(self, parameters, frequencies):
        size = (parameters["loud"] * parameters["strain"])[:, np.newaxis] * WIDTH * np.sqrt(np.pi / 2)
        frequency = parameters["frequency"][:, np.newaxis]
        up = size * np.exp(-2 * (np.pi * WIDTH * (frequencies - frequency)) ** 2) + 0j
        down = size * np.exp(-2 * (np.pi * WIDTH * (frequencies + frequency)) ** 2)
        return up + down, (up - down) / 1j
