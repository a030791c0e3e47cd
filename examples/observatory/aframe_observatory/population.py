"""Black holes with masses uniform between a bound and 100 solar masses, and no spins."""

import numpy as np

from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_observatory import PopulationOptions


class HeavyBBH:
    parameters = BASE_PARAMETERS
    frame = "detector"

    def __init__(self, options: PopulationOptions) -> None:
        self.lightest = options.lightest

    def sample(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        lighter, heavier = np.sort(rng.uniform(self.lightest, 100, (n, 2)), axis=1).T
        spins = dict.fromkeys(("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"), np.zeros(n))
        return {
            **spins,
            "mass_1": heavier,
            "mass_2": lighter,
            "redshift": rng.uniform(0.1, 0.5, n),
            "ra": rng.uniform(0, 2 * np.pi, n),
            "dec": np.arcsin(rng.uniform(-1, 1, n)),
            "theta_jn": np.arccos(rng.uniform(-1, 1, n)),
            "psi": rng.uniform(0, np.pi, n),
            "phase": rng.uniform(0, 2 * np.pi, n),
        }
