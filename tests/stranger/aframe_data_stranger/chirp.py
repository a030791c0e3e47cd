"""A waveform generator that needs nothing but numpy."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.types import FloatArray, Polarizations, WaveformRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import ComplexArray
    from aframe_data_stranger import ChirpOptions

SOLAR_MASS_SECONDS = 4.925491025543576e-06
MEGAPARSEC_SECONDS = 1.0292712503e14


class Chirp:
    def __init__(self, options: ChirpOptions) -> None:
        self.options = options

    def check(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> None:
        """Accept everything."""

    def generate(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> Polarizations:
        total = parameters["mass_1"] + parameters["mass_2"]
        self._misbehave(total)
        seconds = SOLAR_MASS_SECONDS * (parameters["mass_1"] * parameters["mass_2"]) ** 0.6 / total**0.2
        time = (np.arange(request.size) - request.reference_index) / request.sample_rate
        before = np.clip(-time, 0, None)[np.newaxis] + 0.25 / request.sample_rate
        theta = 2 * (before / (5 * seconds[:, np.newaxis])) ** 0.625
        amplitude = (seconds / (MEGAPARSEC_SECONDS * parameters["luminosity_distance"]) * seconds**0.25)[:, np.newaxis]
        amplitude = amplitude * (5 / before) ** 0.25 * (time <= 0)
        phase = 2 * parameters["phase"][:, np.newaxis] - theta  # theta counts down to the merger
        inclination = np.cos(parameters["theta_jn"])[:, np.newaxis]
        plus = amplitude * (1 + inclination**2) / 2 * np.cos(phase)
        cross = amplitude * inclination * np.sin(phase)
        plus[total > self.options.nan_above] = np.nan
        if self.options.returns:
            return self._wrong(plus, cross)
        failed = np.flatnonzero(total > self.options.fail_above)
        plus[failed] = cross[failed] = 0
        return Polarizations(plus, cross, {int(index): "too heavy for this model" for index in failed})

    def _wrong(self, plus: FloatArray, cross: FloatArray) -> Any:
        return {
            "complex": Polarizations(plus * 1j, cross),
            "huge": Polarizations(plus * 1e100, cross),
            "nothing": None,
            "strangers": Polarizations(plus, cross, {len(plus): "not asked for"}),
        }[self.options.returns]

    def _misbehave(self, total: FloatArray) -> None:
        if (total > self.options.abort_above).any():
            os.abort()
        mark = Path(self.options.die_once) if self.options.die_once else None
        if mark is not None and len(total) > 8 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class LoneChirp(Chirp):
    has_spectrum = True

    def generate(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> Polarizations:
        (_,) = parameters["mass_1"]
        return super().generate(parameters, request)

    def spectrum(
        self, parameters: Mapping[str, FloatArray], frequencies: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        request = WaveformRequest(2048, 4, 1)
        made = self.generate(parameters, request)
        grid = np.fft.rfftfreq(request.size, 1 / request.sample_rate)
        plus, cross = (np.fft.rfft(values)[0] / request.sample_rate for values in (made.plus, made.cross))
        return np.interp(frequencies, grid, plus)[np.newaxis], np.interp(frequencies, grid, cross)[np.newaxis]
