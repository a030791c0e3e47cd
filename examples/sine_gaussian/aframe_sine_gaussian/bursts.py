"""What the core has to know of the sources: their parameters, and how a draw is completed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from aframe_data.plugin import AsDrawn, FloatArray, WaveformError

SOLAR_MASS, MEGAPARSEC = 4.925491e-6, 1.029271e14  # in seconds


class SineGaussians(AsDrawn):
    parameters = ("frequency", "quality", "eccentricity", "phase", "ra", "dec", "psi")
    added = ("hrss",)
    described_by = ("frequency", "quality", "hrss")
    example: Mapping[str, float] = {
        "frequency": 150.0,
        "quality": 9.0,
        "hrss": 1e-22,
        "eccentricity": 0.5,
        "phase": 1.0,
        **AsDrawn.example,
    }

    def complete(self, samples: Mapping[str, FloatArray], **asked: Any) -> dict[str, FloatArray]:
        burst = super().complete(samples, **asked)
        if "hrss" not in burst:
            if not {"energy", "distance"} <= burst.keys():
                raise WaveformError("a burst needs hrss, or energy and distance.")
            # As if it radiated alike in all directions: E = (π² c³ / G) r² f² hrss².
            far = np.pi * burst["frequency"] * MEGAPARSEC * burst["distance"]
            burst["hrss"] = np.sqrt(SOLAR_MASS * burst["energy"]) / far
        if not ((burst["eccentricity"] >= 0) & (burst["eccentricity"] <= 1)).all():
            raise WaveformError("an eccentricity lies between 0 and 1.")
        return burst
