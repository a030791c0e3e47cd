"""The built-in populations: which distribution each parameter has.

Angles in radians, masses in solar masses, distances in Mpc. Spins are bilby's (a, tilt, phi_12, phi_jl).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data_priors.bilby_library import bilby
from aframe_data_priors.drawing import BilbyPrior, Population, Samples
from aframe_data_priors.options import DEFAULT_COSMOLOGY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aframe_data.plugin.records import Frame
    from aframe_data_priors.options import GaussianMassesOptions, LogNormalMassesOptions, PopulationOptions

_MINIMUM_MASS = 5.0
_NEUTRON_STAR_MINIMUM_MASS = 1.0
_MINIMUM_MASS_RATIO = 0.02


class EndO3RatesAndPops(BilbyPrior):
    """Binary black holes: mass_1 as m^-2.35 and mass_2 as m, from 5 to 100 and from 5 to mass_1 (source)."""

    def __init__(self, options: PopulationOptions) -> None:
        prior = bilby.core.prior
        masses = {
            "mass_1": prior.PowerLaw(alpha=-2.35, minimum=_MINIMUM_MASS, maximum=100),
            "mass_2": prior.ConditionalPowerLaw(
                condition_func=_up_to_mass_1, alpha=1, minimum=_MINIMUM_MASS, maximum=100
            ),
        }
        redshift = _uniform_comoving_volume(2, options.cosmology)
        super().__init__(
            _binaries("end_o3_ratesandpops", masses | redshift | _spins() | _extrinsic(), "source", options.cosmology)
        )


class EndO3RatesAndPopsBNS(BilbyPrior):
    """Binary neutron stars: mass_1 rising from 1 to 2.5, mass_2 uniform from 1 to mass_1 (source)."""

    def __init__(self, options: PopulationOptions) -> None:
        prior = bilby.core.prior
        minimum, maximum = _NEUTRON_STAR_MINIMUM_MASS, 2.5
        masses = {
            "mass_1": prior.Triangular(mode=maximum, minimum=minimum, maximum=maximum),
            "mass_2": prior.ConditionalUniform(condition_func=_up_to_mass_1, minimum=minimum, maximum=maximum),
        }
        redshift = _uniform_source_frame(0.15, options.cosmology)
        spins = _spins(maximum=0.4)
        super().__init__(
            _binaries("end_o3_ratesandpops_bns", masses | redshift | spins | _extrinsic(), "source", options.cosmology)
        )


class NonspinBBH(BilbyPrior):
    """Binary black holes without spin: a uniform pair of masses from 5 to 100 (detector), the heavier first."""

    def __init__(self, options: PopulationOptions) -> None:
        spins = dict.fromkeys(("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"), 0.0)
        super().__init__(
            _binaries("nonspin_bbh", _uniform_binaries(options.cosmology) | spins, "detector", options.cosmology)
        )


class SpinBBH(BilbyPrior):
    """As `NonspinBBH`, with spins of any magnitude up to 0.998 and any tilt; phi_12 = phi_jl = 0."""

    def __init__(self, options: PopulationOptions) -> None:
        spins = _spins() | {"phi_12": 0.0, "phi_jl": 0.0}
        super().__init__(
            _binaries("spin_bbh", _uniform_binaries(options.cosmology) | spins, "detector", options.cosmology)
        )


class GaussianMasses(BilbyPrior):
    """Positive Gaussian masses (source); pairs with mass_2 > mass_1 are drawn again, not swapped."""

    def __init__(self, options: GaussianMassesOptions) -> None:
        masses = {
            name: bilby.core.prior.TruncatedGaussian(mu=mean, sigma=options.sigma, minimum=0, maximum=np.inf)
            for name, mean in (("mass_1", options.m1), ("mass_2", options.m2))
        }
        redshift = _uniform_source_frame(2, options.cosmology)
        super().__init__(
            _binaries("gaussian_masses", masses | redshift | _spins() | _extrinsic(), "source", options.cosmology)
        )


class LogNormalMasses(BilbyPrior):
    """Log-normal masses (source) of medians m1 and m2; only pairs with 0.02 <= mass_ratio <= 1 are kept."""

    def __init__(self, options: LogNormalMassesOptions) -> None:
        masses = {
            name: bilby.core.prior.LogNormal(mu=np.log(median), sigma=options.sigma)
            for name, median in (("mass_1", options.m1), ("mass_2", options.m2))
        }
        redshift = _uniform_source_frame(2, options.cosmology)
        super().__init__(
            _binaries(
                "log_normal_masses",
                masses | redshift | _spins() | _extrinsic(),
                "source",
                options.cosmology,
                accept=_ordered_and_not_too_unequal,
                rule=f"{_MINIMUM_MASS_RATIO} <= mass_2 / mass_1 <= 1",
            )
        )


class Ringdown(BilbyPrior):
    """Damped sinusoids at a luminosity distance of 100 to 1000 Mpc, uniform in comoving volume; no binaries."""

    def __init__(self, options: PopulationOptions) -> None:
        prior = bilby.core.prior
        distributions = {
            "quality": prior.Uniform(8, 20),
            "frequency": prior.LogUniform(100, 1000),
            "distance": bilby.gw.prior.UniformComovingVolume(
                100, 1000, name="luminosity_distance", cosmology=options.cosmology
            ),
        } | _extrinsic()
        super().__init__(_part("ringdown", distributions, options.cosmology))


class UniformExtrinsic(BilbyPrior):
    """Sky position, inclination and phase; no binaries."""

    def __init__(self) -> None:
        super().__init__(_part("uniform_extrinsic", {k: v for k, v in _extrinsic().items() if k != "psi"}))


class UniformSpin(BilbyPrior):
    """Spins of any direction and the polarization angle; no binaries."""

    def __init__(self) -> None:
        super().__init__(_part("uniform_spin", {"psi": _extrinsic()["psi"]} | _spins()))


def ordered(samples: Samples) -> NDArray[np.bool_]:
    """Where 0 < mass_2 <= mass_1; False where a mass is not a number."""
    keep: NDArray[np.bool_] = (samples["mass_2"] > 0) & (samples["mass_2"] <= samples["mass_1"])
    return keep


def _ordered_and_not_too_unequal(samples: Samples) -> NDArray[np.bool_]:
    return ordered(samples) & (samples["mass_2"] >= _MINIMUM_MASS_RATIO * samples["mass_1"])


def _every_draw(samples: Samples) -> NDArray[np.bool_]:
    return np.ones(len(next(iter(samples.values()))), dtype=bool)


def _binaries(
    name: str,
    distributions: Mapping[str, Any],
    frame: Frame,
    cosmology: str,
    *,
    accept: Callable[[Samples], NDArray[np.bool_]] = ordered,
    rule: str = "0 < mass_2 <= mass_1",
) -> Population:
    return Population(
        label=f"prior {name!r}",
        priors=bilby.core.prior.ConditionalPriorDict(dict(distributions)),
        frame=frame,
        cosmology=cosmology,
        outputs=tuple(distributions),
        accept=accept,
        rule=rule,
    )


def _part(name: str, distributions: Mapping[str, Any], cosmology: str = DEFAULT_COSMOLOGY) -> Population:
    """What is no population of binaries: every draw counts, and no mass has a frame."""
    return Population(
        label=f"prior {name!r}",
        priors=bilby.core.prior.PriorDict(dict(distributions)),
        frame="detector",
        cosmology=cosmology,
        outputs=tuple(distributions),
        accept=_every_draw,
        rule="any value",
    )


def _uniform_binaries(cosmology: str) -> dict[str, Any]:
    """All of nonspin_bbh and spin_bbh but the spins."""
    masses = {name: bilby.core.prior.Uniform(_MINIMUM_MASS, 100) for name in ("mass_1", "mass_2")}
    return masses | _uniform_source_frame(0.5, cosmology) | _extrinsic() | {"psi": 0.0}


def _extrinsic() -> dict[str, Any]:
    prior = bilby.core.prior
    return {
        "dec": prior.Cosine(),
        "ra": prior.Uniform(0, 2 * np.pi),
        "theta_jn": prior.Sine(),
        "phase": prior.Uniform(0, 2 * np.pi),
        "psi": prior.Uniform(0, np.pi),
    }


def _spins(maximum: float = 0.998) -> dict[str, Any]:
    prior = bilby.core.prior
    return {
        "a_1": prior.Uniform(0, maximum),
        "a_2": prior.Uniform(0, maximum),
        "tilt_1": prior.Sine(),
        "tilt_2": prior.Sine(),
        "phi_12": prior.Uniform(0, 2 * np.pi),
        "phi_jl": prior.Uniform(0, 2 * np.pi),
    }


def _uniform_comoving_volume(maximum: float, cosmology: str) -> dict[str, Any]:
    """Give a redshift with the density dV_c/dz."""
    return {"redshift": bilby.gw.prior.UniformComovingVolume(0, maximum, name="redshift", cosmology=cosmology)}


def _uniform_source_frame(maximum: float, cosmology: str) -> dict[str, Any]:
    """Give a redshift with the density dV_c/dz / (1 + z)."""
    return {"redshift": bilby.gw.prior.UniformSourceFrame(0, maximum, name="redshift", cosmology=cosmology)}


def _up_to_mass_1(reference_params: Mapping[str, float], mass_1: Any) -> dict[str, Any]:
    # bilby finds what a distribution depends on by the names of these arguments.
    return {"minimum": reference_params["minimum"], "maximum": mass_1}
