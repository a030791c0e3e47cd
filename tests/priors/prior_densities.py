"""The densities that the built-in populations should have: closed forms, or quadrature over scipy and astropy.

No test, and nothing of bilby's. A cumulative distribution takes and gives arrays, (n,); one that needs astropy imports
it when it is asked, for these are made while tests are collected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats
from scipy.integrate import cumulative_trapezoid

if TYPE_CHECKING:
    from aframe_data_priors.options import GaussianMassesOptions, LogNormalMassesOptions

Cdf = Callable[[np.ndarray], np.ndarray]


def uniform(low: float, high: float) -> Cdf:
    return stats.uniform(low, high - low).cdf


def sine(angle: np.ndarray) -> np.ndarray:
    return (1 - np.cos(angle)) / 2


def cosine(angle: np.ndarray) -> np.ndarray:
    return (1 + np.sin(angle)) / 2


def of_density(grid: np.ndarray, density: np.ndarray) -> Cdf:
    """The cumulative distribution of a density (not normalised) on a fine grid."""
    cumulative = cumulative_trapezoid(density, grid, initial=0)
    return lambda values: np.interp(values, grid, cumulative / cumulative[-1])


def comoving_volume(maximum: float, cosmology: str) -> Cdf:
    """The redshift of what is uniform in comoving volume: V_c(z) / V_c(maximum)."""
    grid = np.linspace(0, maximum, 20_001)

    def cdf(redshift: np.ndarray) -> np.ndarray:
        import astropy.cosmology

        volume = getattr(astropy.cosmology, cosmology).comoving_volume
        return np.interp(redshift, grid, volume(grid).value) / volume(maximum).value

    return cdf


def source_frame(maximum: float, cosmology: str) -> Cdf:
    """The redshift of what is uniform in comoving volume and in time at the source: dV_c/dz / (1 + z)."""
    grid = np.linspace(0, maximum, 20_001)

    def cdf(redshift: np.ndarray) -> np.ndarray:
        import astropy.cosmology

        volume = getattr(astropy.cosmology, cosmology).differential_comoving_volume(grid).value
        return of_density(grid, volume / (1 + grid))(redshift)

    return cdf


def ringdown_distance(distance: np.ndarray) -> np.ndarray:
    """Luminosity distance, 100 to 1000 Mpc, of what is uniform in comoving volume."""
    import astropy.cosmology

    redshift = np.linspace(0.01, 0.3, 20_001)
    distances = astropy.cosmology.Planck15.luminosity_distance(redshift).value
    volumes = astropy.cosmology.Planck15.comoving_volume(redshift).value
    low, high, here = (np.interp(value, distances, volumes) for value in (100, 1000, distance))
    return (here - low) / (high - low)


EXTRINSIC = {
    "dec": cosine,
    "ra": uniform(0, 2 * np.pi),
    "theta_jn": sine,
    "phase": uniform(0, 2 * np.pi),
    "psi": uniform(0, np.pi),
}
SPINS = {
    "a_1": uniform(0, 0.998),
    "a_2": uniform(0, 0.998),
    "tilt_1": sine,
    "tilt_2": sine,
    "phi_12": uniform(0, 2 * np.pi),
    "phi_jl": uniform(0, 2 * np.pi),
}
SLOW_SPINS = SPINS | {"a_1": uniform(0, 0.4), "a_2": uniform(0, 0.4)}
WITHOUT_PSI = {name: cdf for name, cdf in EXTRINSIC.items() if name != "psi"}
PLANAR_SPINS = {name: cdf for name, cdf in SPINS.items() if not name.startswith("phi")}


def power_law(mass: np.ndarray) -> np.ndarray:
    """m^-2.35 from 5 to 100."""
    return (mass**-1.35 - 5**-1.35) / (100**-1.35 - 5**-1.35)


def heavier_of_two(mass: np.ndarray) -> np.ndarray:
    """The maximum of two masses uniform from 5 to 100."""
    return ((mass - 5) / 95) ** 2


def lighter_of_two(mass: np.ndarray) -> np.ndarray:
    """The minimum of two masses uniform from 5 to 100."""
    return 1 - (1 - (mass - 5) / 95) ** 2


def positive_gaussian(mean: float, sigma: float) -> stats.rv_continuous:
    return stats.truncnorm(-mean / sigma, np.inf, mean, sigma)


def gaussian_pair(options: GaussianMassesOptions) -> dict[str, Cdf]:
    """The marginals of two positive Gaussians, given that the first is the larger one."""
    first, second = (positive_gaussian(mean, options.sigma) for mean in (options.m1, options.m2))
    grid = np.linspace(0, max(options.m1, options.m2) + 8 * options.sigma, 20_001)
    return {
        "mass_1": of_density(grid, first.pdf(grid) * second.cdf(grid)),
        "mass_2": of_density(grid, second.pdf(grid) * first.sf(grid)),
    }


def log_normal_pair(options: LogNormalMassesOptions) -> dict[str, Cdf]:
    """The marginals of two log-normal masses, given that their ratio lies in 0.02 to 1."""
    first, second = (stats.norm(np.log(median), options.sigma) for median in (options.m1, options.m2))
    grid = np.linspace(np.log(30) - 10 * options.sigma, np.log(35) + 10 * options.sigma, 40_001)
    width = -np.log(0.02)
    heavier = of_density(grid, first.pdf(grid) * (second.cdf(grid) - second.cdf(grid - width)))
    lighter = of_density(grid, second.pdf(grid) * (first.cdf(grid + width) - first.cdf(grid)))
    return {"mass_1": lambda mass: heavier(np.log(mass)), "mass_2": lambda mass: lighter(np.log(mass))}


def bbh(cosmology: str) -> dict[str, Cdf]:
    return {"mass_1": power_law, "redshift": comoving_volume(2, cosmology)}
