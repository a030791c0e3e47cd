"""Binaries with a power law of masses in the source frame, and spins in all directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.plugin.binary import BASE_PARAMETERS, luminosity_distance

if TYPE_CHECKING:
    from sound import PopulationOptions

HEAVIEST = 80.0


class Population:
    parameters = (*BASE_PARAMETERS, "chirp_mass", "luminosity_distance")
    frame = "source"
    cosmology = "Planck18"

    def __init__(self, options: PopulationOptions) -> None:
        self.lightest = options.lightest
        self.aligned = options.spins == "aligned"

    @property
    def variables(self) -> tuple[str, ...]:
        fixed = ("tilt_1", "tilt_2") if self.aligned else ()
        return tuple(name for name in BASE_PARAMETERS if name not in fixed)

    @property
    def distributions(self) -> dict[str, str]:
        return {"mass_1": f"m^-2.5 from {self.lightest:g} to {HEAVIEST:g}, the larger of two"}

    def ln_prob(self, parameters: dict[str, np.ndarray]) -> np.ndarray:
        return sum(self.ln_factors(parameters).values())

    def ln_factors(self, parameters: dict[str, np.ndarray]) -> dict[tuple[str, ...], np.ndarray]:
        z = parameters["redshift"]
        with np.errstate(divide="ignore"):
            volume = np.log(np.where((z >= 0.02) & (z <= 0.82), 3 * (z - 0.02) ** 2 / 0.8**3, 0))
        others = tuple(name for name in self.variables if name != "redshift")
        return {("redshift",): volume, others: self._ln_others(parameters)}

    def _ln_others(self, parameters: dict[str, np.ndarray]) -> np.ndarray:
        def uniform(name: str, high: float, low: float = 0.0) -> np.ndarray:
            return np.where((parameters[name] >= low) & (parameters[name] <= high), 1 / (high - low), 0)

        first, second = parameters["mass_1"], parameters["mass_2"]
        norm = 1.5 / (self.lightest**-1.5 - HEAVIEST**-1.5)
        inside = (self.lightest <= second) & (second <= first) & (first <= HEAVIEST)
        density = np.where(inside, 2 * norm**2 * (first * second) ** -2.5, 0)
        for name in ("a_1", "a_2"):
            density = density * uniform(name, 0.99)
        for name in ("phi_12", "phi_jl", "ra", "phase"):
            density = density * uniform(name, 2 * np.pi)
        density = density * uniform("psi", np.pi)
        for name in ("theta_jn",) if self.aligned else ("theta_jn", "tilt_1", "tilt_2"):
            density = density * uniform(name, np.pi) * np.pi * np.sin(parameters[name]) / 2
        density = density * uniform("dec", np.pi / 2, -np.pi / 2) * np.pi * np.cos(parameters["dec"]) / 2
        with np.errstate(divide="ignore"):
            return np.log(density)

    def sample(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        low, high = self.lightest**-1.5, HEAVIEST**-1.5
        masses = np.sort((low + (high - low) * rng.uniform(size=(n, 2))) ** (-1 / 1.5), axis=1)
        mass_1, mass_2 = masses[:, 1], masses[:, 0]
        redshift = 0.02 + 0.8 * rng.uniform(size=n) ** (1 / 3)
        tilts = np.zeros((2, n)) if self.aligned else np.arccos(rng.uniform(-1, 1, (2, n)))
        turns = rng.uniform(0, 2 * np.pi, (4, n))
        return {
            "mass_1": mass_1,
            "mass_2": mass_2,
            "chirp_mass": (mass_1 * mass_2) ** 0.6 / (mass_1 + mass_2) ** 0.2,
            "a_1": rng.uniform(0, 0.99, n),
            "a_2": rng.uniform(0, 0.99, n),
            "tilt_1": tilts[0],
            "tilt_2": tilts[1],
            "phi_12": turns[0],
            "phi_jl": turns[1],
            "ra": turns[2],
            "dec": np.arcsin(rng.uniform(-1, 1, n)),
            "psi": rng.uniform(0, np.pi, n),
            "theta_jn": np.arccos(rng.uniform(-1, 1, n)),
            "phase": turns[3],
            "redshift": redshift,
            "luminosity_distance": luminosity_distance(redshift, self.cosmology),
        }
