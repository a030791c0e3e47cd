"""The bursts: of any frequency and energy alike on logarithmic scales, anywhere in the neighbourhood."""

from collections.abc import Mapping

import numpy as np

from aframe_data.plugin import FloatArray


class Nearby:
    parameters = ("frequency", "quality", "eccentricity", "phase", "energy", "distance", "ra", "dec", "psi")
    frame = "detector"

    def sample(self, n: int, rng: np.random.Generator) -> Mapping[str, FloatArray]:
        return {
            "frequency": np.exp(rng.uniform(np.log(64), np.log(1024), n)),
            "quality": np.exp(rng.uniform(np.log(3), np.log(100), n)),
            "eccentricity": rng.uniform(0, 1, n),
            "phase": rng.uniform(0, 2 * np.pi, n),
            "energy": np.exp(rng.uniform(np.log(1e-4), np.log(1e-2), n)),
            "distance": 20 * np.cbrt(rng.uniform(0, 1, n)),
            "ra": rng.uniform(0, 2 * np.pi, n),
            "dec": np.arcsin(rng.uniform(-1, 1, n)),
            "psi": rng.uniform(0, np.pi, n),
        }
