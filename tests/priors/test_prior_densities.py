"""Densities of bilby populations: those of closed forms, whatever is drawn in place of masses and redshift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from aframe_data.errors import UsageError
from aframe_data.plugin.code import Code
from aframe_data.plugin.protocols import PriorDensity
from aframe_data.registry.choice import choose

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 400
NUMBER = 20_000


class Late(NamedTuple):
    """A distribution of bilby's that is made when a test runs: collecting tests does not import bilby."""

    name: str
    arguments: tuple[float, ...]


def late(name: str, *arguments: float) -> Late:
    return Late(name, arguments)


def made(distributions: dict[str, Any]) -> dict[str, Any]:
    from bilby.core import prior

    return {
        name: getattr(prior, value.name)(*value.arguments) if isinstance(value, Late) else value
        for name, value in distributions.items()
    }


ANGLES = {
    "dec": late("Cosine"),
    "ra": late("Uniform", 0, 2 * np.pi),
    "theta_jn": late("Sine"),
    "psi": late("Uniform", 0, np.pi),
    "phase": late("Uniform", 0, 2 * np.pi),
}
NO_SPINS = dict.fromkeys(("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"), 0.0)


def prior_of(name: str, **options: Any) -> Any:
    return choose("prior", name, options).create()


def of_distributions(distributions: dict[str, Any], *, detector: bool = True) -> Any:
    """A prior of a PriorDict, with isotropic angles and without spins where nothing else is said."""
    from bilby.core.prior import ConditionalPriorDict

    priors = ConditionalPriorDict(made({**ANGLES, **NO_SPINS, **distributions}))
    return choose("prior", Code.of((priors, detector))).create()


def ln_angles(draw: dict[str, np.ndarray]) -> np.ndarray:
    uniform = -np.log(2 * np.pi) * 2 - np.log(np.pi)
    return uniform + np.log(np.cos(draw["dec"]) / 2) + np.log(np.sin(draw["theta_jn"]) / 2)


def ln_isotropic_spins(draw: dict[str, np.ndarray]) -> np.ndarray:
    tilts = sum(np.log(np.sin(draw[name]) / 2) for name in ("tilt_1", "tilt_2"))
    return tilts - 2 * np.log(2 * np.pi) - 2 * np.log(0.998)


def volume(redshift: np.ndarray) -> np.ndarray:
    from astropy import units
    from astropy.cosmology import Planck15

    return Planck15.differential_comoving_volume(redshift).to_value(units.Gpc**3 / units.sr)


def normalised(density: Callable[[Any], Any], low: float, high: float, values: np.ndarray) -> np.ndarray:
    return density(values) / quad(density, low, high)[0]


def test_the_reference_population_has_its_closed_form() -> None:
    prior = prior_of("end_o3_ratesandpops")
    assert isinstance(prior, PriorDensity)
    assert set(prior.variables) == set(prior.parameters)
    draw = prior.sample(COUNT, np.random.default_rng(1))
    expected = np.log(normalised(lambda m: m**-2.35, 5, 100, draw["mass_1"]))
    expected += np.log(2 * draw["mass_2"] / (draw["mass_1"] ** 2 - 25))
    expected += np.log(normalised(volume, 0, 2, draw["redshift"]))
    expected += ln_angles(draw) + ln_isotropic_spins(draw)
    np.testing.assert_allclose(prior.ln_prob(draw), expected, atol=2e-4)  # bilby interpolates the volume


def test_what_a_rule_rejects_raises_the_density_of_the_rest() -> None:
    """A uniform pair of masses has half of all draws in order: the density doubles."""
    prior = prior_of("nonspin_bbh")
    draw = prior.sample(COUNT, np.random.default_rng(1))
    expected = np.log(2 / 95**2) + ln_angles(draw) + np.log(np.pi)  # psi is fixed
    expected += np.log(normalised(lambda z: volume(z) / (1 + z), 0, 0.5, draw["redshift"]))
    # Half, counted among 200 000 draws: 0.22 % is a standard deviation.
    np.testing.assert_allclose(prior.ln_prob(draw), expected, atol=0.006)
    assert "psi" not in prior.variables
    assert "a_1" not in prior.variables


RANGES = {"redshift": (0.1, 0.8), "luminosity_distance": (500, 5000), "comoving_distance": (500, 2500)}


@pytest.mark.parametrize(
    ("masses", "distance"),
    [
        ({"chirp_mass": late("Uniform", 10, 40), "mass_ratio": late("Uniform", 0.2, 1)}, "redshift"),
        (
            {"total_mass": late("PowerLaw", -1.5, 30, 150), "mass_ratio": late("Uniform", 0.3, 1)},
            "luminosity_distance",
        ),
        (
            {"mass_1": late("Uniform", 20, 80), "mass_ratio": late("PowerLaw", 1, 0.1, 1)},
            "comoving_distance",
        ),
        (
            {"chirp_mass_source": late("Uniform", 10, 40), "mass_ratio": late("Uniform", 0.2, 1)},
            "luminosity_distance",
        ),
        (
            {"mass_1_source": late("Uniform", 40, 80), "mass_2_source": late("Uniform", 10, 40)},
            "redshift",
        ),
    ],
    ids=lambda drawn: drawn if isinstance(drawn, str) else "-".join(drawn),
)
def test_the_density_of_masses_and_redshift_integrates_over_a_box_to_the_draws_in_it(
    masses: dict[str, Any], distance: str
) -> None:
    """The only test of a Jacobian that knows no formula of it."""
    prior = of_distributions({**masses, distance: late("Uniform", *RANGES[distance])})
    assert {"mass_1", "mass_2", "redshift"} <= set(prior.variables)
    drawn = prior.sample(NUMBER, np.random.default_rng(1))
    box = {name: np.quantile(drawn[name], [0.25, 0.75]) for name in ("mass_1", "mass_2", "redshift")}
    inside = np.all([(low <= drawn[name]) & (drawn[name] < high) for name, (low, high) in box.items()], axis=0)
    rng = np.random.default_rng(2)
    points = {name: values[rng.integers(0, NUMBER, NUMBER)] for name, values in drawn.items()}
    points |= {name: rng.uniform(low, high, NUMBER) for name, (low, high) in box.items()}
    # Angles are drawn from their own density, which is taken out.
    density = np.exp(prior.ln_prob(points) - ln_angles(points)) * np.prod([high - low for low, high in box.values()])
    error = np.hypot(density.std(), inside.std()) / np.sqrt(NUMBER)
    assert inside.mean() > 0.03
    assert density.mean() == pytest.approx(inside.mean(), abs=5 * error)


def test_cosines_and_aligned_spins_are_known() -> None:
    from bilby.core.prior import PriorDict

    spins = {"chi_1": late("Uniform", -0.9, 0.9), "chi_2": late("Uniform", -0.5, 0.5)}
    masses = {"mass_1": late("Uniform", 40, 80), "mass_2": late("Uniform", 10, 40)}
    distributions = {**ANGLES, **masses, **spins, "redshift": late("Uniform", 0.1, 0.5)}
    del distributions["theta_jn"]
    distributions["cos_theta_jn"] = late("Uniform", -1, 1)
    prior = choose("prior", Code.of(PriorDict(made(distributions)))).create()
    assert {"chi_1", "chi_2", "theta_jn"} <= set(prior.variables)
    draw = prior.sample(COUNT, np.random.default_rng(1))
    expected = -np.log(1.8) - np.log(40) - np.log(30) - np.log(0.4)
    np.testing.assert_allclose(prior.ln_prob(draw), expected + ln_angles(draw), atol=1e-9)
    tilted = {**draw, "tilt_1": np.full(COUNT, 1.0)}
    assert np.isneginf(prior.ln_prob(tilted)).all()


def test_constraints_are_kept() -> None:
    masses = {name: late("Uniform", 10, 50) for name in ("mass_1", "mass_2")}
    ratio = late("Constraint", 0.5, 1)
    prior = of_distributions({**masses, "redshift": late("Uniform", 0.1, 0.5), "mass_ratio": ratio})
    draw = prior.sample(COUNT, np.random.default_rng(1))
    # Of a square of 40 by 40, ordered and above a half: 800 less the triangle below mass_2 = mass_1 / 2.
    area = 800 - quad(lambda mass: mass / 2 - 10, 20, 50)[0]
    np.testing.assert_allclose(prior.ln_prob(draw) - ln_angles(draw), -np.log(area) - np.log(0.4), atol=0.006)
    assert np.isneginf(prior.ln_prob({**draw, "mass_2": draw["mass_1"] / 3})).all()


def test_what_is_not_drawn_has_no_density() -> None:
    prior = prior_of("gaussian_masses", m1=35, m2=30)
    draw = prior.sample(COUNT, np.random.default_rng(1))
    for name, value in (("redshift", 5.0), ("a_1", 0.9999), ("mass_2", 90.0)):
        assert np.isneginf(prior.ln_prob({**draw, name: np.full(COUNT, value)})).all()
    spinning = {**prior_of("nonspin_bbh").sample(COUNT, np.random.default_rng(1)), "a_1": np.full(COUNT, 0.1)}
    assert np.isneginf(prior_of("nonspin_bbh").ln_prob(spinning)).all()


def test_gaussian_masses_have_the_density_of_truncated_gaussians() -> None:
    prior = prior_of("gaussian_masses", m1=35, m2=20)  # far apart: always in order
    draw = prior.sample(COUNT, np.random.default_rng(1))
    expected = stats.norm(35, 2).logpdf(draw["mass_1"]) + stats.norm(20, 2).logpdf(draw["mass_2"])
    expected += np.log(normalised(lambda z: volume(z) / (1 + z), 0, 2, draw["redshift"]))
    np.testing.assert_allclose(prior.ln_prob(draw), expected + ln_angles(draw) + ln_isotropic_spins(draw), atol=2e-4)


@pytest.mark.parametrize(
    ("distributions", "told"),
    [
        ({"chirp_mass": late("Uniform", 10, 40), "symmetric_mass_ratio": late("Uniform", 0.1, 0.25)},
         "has no known density: it draws chirp_mass, symmetric_mass_ratio"),
        ({"chirp_mass": late("Uniform", 10, 40), "mass_ratio": 1.0}, "mass_ratio is fixed"),
    ],
)  # fmt: skip
def test_a_density_that_nobody_knows_is_refused(distributions: dict[str, Any], told: str) -> None:
    prior = of_distributions({**distributions, "redshift": late("Uniform", 0.1, 0.5)})
    with pytest.raises(UsageError, match=told):
        prior.ln_prob(prior.sample(5, np.random.default_rng(1)))


def test_distributions_are_said_in_words() -> None:
    said = prior_of("end_o3_ratesandpops").distributions
    assert said["mass_1"] == "PowerLaw(alpha=-2.35, minimum=5, maximum=100)"
    assert said["mass_2"] == "ConditionalPowerLaw(alpha=1, minimum=5, maximum=100) given mass_1"
    assert said["redshift"] == "UniformComovingVolume(minimum=0, maximum=2, cosmology=Planck15)"
    assert prior_of("nonspin_bbh").distributions["a_1"] == "0"
