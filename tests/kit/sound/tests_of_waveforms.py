from __future__ import annotations

from aframe_data.testing import WaveformGeneratorTests


class TestChirps(WaveformGeneratorTests):
    name = "sound"
    impossible = {"mass_1": 2000.0}  # noqa: RUF012
    loudness = 1.6
    spectrum_tolerance = 0.1
    seconds = 5
