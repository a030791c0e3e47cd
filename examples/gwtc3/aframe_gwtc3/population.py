"""Power Law + Peak, with the medians that GWTC-3 gives.

Model and values: LIGO-Virgo-KAGRA, "The population of merging compact binaries inferred using gravitational waves
through GWTC-3", arXiv:2111.03634 (astro-ph.HE), Phys. Rev. X 13, 011048: the mass model is that of its appendix B
(eqs. B4 to B6), with alpha 3.40, beta 1.1, masses from 5.08 to 86.9, a peak of 3.9 % at 33.7 with a width of 3.6, and a
smoothing of 4.8 (solar masses); the rate grows as (1 + z)^2.9. The spins are not fitted: isotropic, uniform magnitudes.

The README says what these were compared with.
"""

import numpy as np
from astropy import units
from astropy.cosmology import Planck15

from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_gwtc3 import Options

#: Points of the tables that distributions are inverted by, and the largest mass that is in the peak.
POINTS, TOP = 20_000, 100.0
ANGLES = {"phi_12": 2 * np.pi, "phi_jl": 2 * np.pi, "ra": 2 * np.pi, "phase": 2 * np.pi, "psi": np.pi}


class Tabulated:
    """A distribution of one variable, from a density on a grid that need not be normalised."""

    def __init__(self, grid: np.ndarray, density: np.ndarray) -> None:
        steps = np.diff(grid) * (density[1:] + density[:-1]) / 2
        self.grid = grid
        self.integral = np.concatenate([[0.0], np.cumsum(steps)])
        self._density = density

    def density(self, values: np.ndarray) -> np.ndarray:
        """Normalised, (n,); zero outside the grid."""
        return np.interp(values, self.grid, self._density, left=0, right=0) / self.integral[-1]

    def below(self, values: np.ndarray) -> np.ndarray:
        """The integral of the density as it was given, up to values (n,)."""
        return np.interp(values, self.grid, self.integral)

    def inverse(self, integrals: np.ndarray) -> np.ndarray:
        """The values (n,) below which the integral is as given."""
        return np.interp(integrals, self.integral, self.grid)


class PowerLawPeak:
    parameters = BASE_PARAMETERS
    frame = "source"
    cosmology = "Planck15"
    variables = BASE_PARAMETERS

    def __init__(self, options: Options) -> None:
        self.options = options
        mass = np.linspace(options.lightest, max(options.heaviest, TOP), POINTS)
        self._mass_1 = Tabulated(mass, self._primary(mass) * self._rise(mass))
        # Of a given mass_1, q^beta dq is mass_2^beta dmass_2: one table for all, cut off at mass_1.
        self._mass_2 = Tabulated(mass, mass**options.beta * self._rise(mass))
        redshift = np.linspace(0, options.largest_redshift, 2000)
        volume = Planck15.differential_comoving_volume(redshift).to_value(units.Gpc**3 / units.sr)
        self._redshift = Tabulated(redshift, volume * (1 + redshift) ** (options.kappa - 1))

    @property
    def distributions(self) -> dict[str, str]:
        o = self.options
        spin, angle = f"Uniform(0, {o.largest_spin:g})", "isotropic"
        return {
            "mass_1": f"{1 - o.peak_fraction:g} PowerLaw(-{o.alpha:g}, {o.lightest:g}, {o.heaviest:g}) + "
            f"{o.peak_fraction:g} Gaussian({o.peak_mass:g}, {o.peak_width:g}), smoothed over {o.smoothing:g}",
            "mass_2": f"PowerLaw({o.beta:g}) up to mass_1, smoothed over {o.smoothing:g}",
            "redshift": f"dV/dz (1 + z)^{o.kappa - 1:g} up to {o.largest_redshift:g}",
            "a_1": spin,
            "a_2": spin,
            **dict.fromkeys(("tilt_1", "tilt_2", "theta_jn", "dec"), angle),
            **{name: f"Uniform(0, {width:.4g})" for name, width in ANGLES.items()},
        }

    def sample(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        mass_1 = self._mass_1.inverse(rng.uniform(0, self._mass_1.integral[-1], n))
        mass_2 = self._mass_2.inverse(rng.uniform(0, 1, n) * self._mass_2.below(mass_1))
        draw = {"mass_1": mass_1, "mass_2": np.minimum(mass_1, mass_2)}
        draw["redshift"] = self._redshift.inverse(rng.uniform(0, self._redshift.integral[-1], n))
        draw |= {name: rng.uniform(0, self.options.largest_spin, n) for name in ("a_1", "a_2")}
        draw |= {name: np.arccos(rng.uniform(-1, 1, n)) for name in ("tilt_1", "tilt_2", "theta_jn")}
        draw |= {name: rng.uniform(0, width, n) for name, width in ANGLES.items()}
        draw["dec"] = np.arcsin(rng.uniform(-1, 1, n))
        return draw

    def ln_prob(self, parameters: dict[str, np.ndarray]) -> np.ndarray:
        return sum(self.ln_factors(parameters).values())

    def ln_factors(self, parameters: dict[str, np.ndarray]) -> dict[tuple[str, ...], np.ndarray]:
        """Everything is independent of everything else, but for the two masses."""
        mass_1, mass_2 = parameters["mass_1"], parameters["mass_2"]
        with np.errstate(divide="ignore", invalid="ignore"):
            secondary = self._mass_2.density(mass_2) * self._mass_2.integral[-1] / self._mass_2.below(mass_1)
            masses = np.log(self._mass_1.density(mass_1)) + np.log(np.where(mass_2 <= mass_1, secondary, 0))
            factors = {("mass_1", "mass_2"): np.where(np.isnan(masses), -np.inf, masses)}
            factors["redshift",] = np.log(self._redshift.density(parameters["redshift"]))
            for name in ("a_1", "a_2"):
                inside = (parameters[name] >= 0) & (parameters[name] <= self.options.largest_spin)
                factors[name,] = np.log(inside / self.options.largest_spin)
            for name, start in (("tilt_1", 0.0), ("tilt_2", 0.0), ("theta_jn", 0.0), ("dec", -np.pi / 2)):
                angle = parameters[name] - start
                factors[name,] = np.log(np.where((angle >= 0) & (angle <= np.pi), np.sin(angle), 0) / 2)
            for name, width in ANGLES.items():
                factors[name,] = np.log(((parameters[name] >= 0) & (parameters[name] <= width)) / width)
        return factors

    def _primary(self, mass: np.ndarray) -> np.ndarray:
        """Power law and peak, each normalised between the lightest mass and its end."""
        o = self.options
        law = np.where(mass <= o.heaviest, mass**-o.alpha, 0)
        peak = np.exp(-0.5 * ((mass - o.peak_mass) / o.peak_width) ** 2)
        return sum(
            fraction * part / np.trapezoid(part, mass)
            for fraction, part in ((1 - o.peak_fraction, law), (o.peak_fraction, peak))
        )

    def _rise(self, mass: np.ndarray) -> np.ndarray:
        """From 0 at the lightest mass to 1 at the end of the smoothing."""
        above = mass - self.options.lightest
        inside = (above > 0) & (above < self.options.smoothing)
        x = np.where(inside, above, self.options.smoothing / 2)
        exponent = self.options.smoothing / x + self.options.smoothing / (x - self.options.smoothing)
        rise = 1 / (np.exp(np.clip(exponent, -700, 700)) + 1)
        return np.where(inside, rise, np.where(above >= self.options.smoothing, 1.0, 0.0))
