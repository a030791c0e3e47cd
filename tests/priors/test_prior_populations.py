"""Every parameter of every built-in population against the density that it should have.

The densities (prior_densities.py) know nothing of bilby. Each test is Kolmogorov-Smirnov's on 100 000 draws of
one fixed seed (a quarter of them where it is in quarters of mass_1); there are 109, and each asks for p > 1e-4:
a right sampler would fail somewhere for one seed in a hundred, and this seed is not such a one. A cumulative
distribution of all draws that is off by 0.012 anywhere fails.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prior_densities import (
    EXTRINSIC,
    PLANAR_SPINS,
    SLOW_SPINS,
    SPINS,
    WITHOUT_PSI,
    Cdf,
    bbh,
    comoving_volume,
    gaussian_pair,
    heavier_of_two,
    lighter_of_two,
    log_normal_pair,
    positive_gaussian,
    ringdown_distance,
    source_frame,
    uniform,
)
from scipy import stats

from aframe_data_priors.options import GaussianMassesOptions, LogNormalMassesOptions, PopulationOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    Draws = Callable[[str, object], dict[str, np.ndarray]]

DRAWS = 100_000
SMALLEST_P = 1e-4

GAUSSIAN = GaussianMassesOptions(m1=30, m2=29, sigma=4)
NEAR_ZERO = GaussianMassesOptions(m1=2, m2=1.5, sigma=2)
LOG_NORMAL = LogNormalMassesOptions(m1=35, m2=30, sigma=2)


@pytest.fixture(scope="module")
def draws() -> Draws:
    """Draw from a population, and keep what was drawn last: all draws are a hundred megabytes."""
    from aframe_data_priors import populations

    @lru_cache(maxsize=2)
    def draw(class_name: str, options: object) -> dict[str, np.ndarray]:
        return dict(getattr(populations, class_name)(options).sample(DRAWS, np.random.default_rng(20240607)))

    return draw


def p_value(values: np.ndarray, cdf: Cdf) -> float:
    return stats.kstest(values, cdf).pvalue


UNIFORM_PAIR = {"mass_1": heavier_of_two, "mass_2": lighter_of_two, "redshift": source_frame(0.5, "Planck15")}

MARGINALS = [
    ("EndO3RatesAndPops", PopulationOptions(), bbh("Planck15") | SPINS | EXTRINSIC),
    ("EndO3RatesAndPops", PopulationOptions(cosmology="WMAP1"), bbh("WMAP1")),
    (
        "EndO3RatesAndPopsBNS",
        PopulationOptions(),
        {"mass_1": lambda mass: ((mass - 1) / 1.5) ** 2, "redshift": source_frame(0.15, "Planck15")}
        | SLOW_SPINS
        | EXTRINSIC,
    ),
    ("NonspinBBH", PopulationOptions(), UNIFORM_PAIR | WITHOUT_PSI),
    ("SpinBBH", PopulationOptions(), UNIFORM_PAIR | PLANAR_SPINS | WITHOUT_PSI),
    (
        "GaussianMasses",
        GAUSSIAN,
        gaussian_pair(GAUSSIAN) | {"redshift": source_frame(2, "Planck15")} | SPINS | EXTRINSIC,
    ),
    ("GaussianMasses", NEAR_ZERO, gaussian_pair(NEAR_ZERO)),
    (
        "LogNormalMasses",
        LOG_NORMAL,
        log_normal_pair(LOG_NORMAL) | {"redshift": source_frame(2, "Planck15")} | SPINS | EXTRINSIC,
    ),
    (
        "Ringdown",
        PopulationOptions(),
        {
            "quality": uniform(8, 20),
            "frequency": lambda frequency: np.log10(frequency / 100),
            "distance": ringdown_distance,
        }
        | EXTRINSIC,
    ),
]


@pytest.mark.parametrize(
    ("class_name", "options", "name", "cdf"),
    [
        pytest.param(class_name, options, name, cdf, id=f"{class_name}-{number}-{name}")
        for number, (class_name, options, marginals) in enumerate(MARGINALS)
        for name, cdf in marginals.items()
    ],
)
def test_a_marginal_has_its_density(draws: Draws, class_name: str, options: object, name: str, cdf: Cdf) -> None:
    assert p_value(draws(class_name, options)[name], cdf) > SMALLEST_P


@pytest.mark.parametrize(
    ("class_name", "name", "wrong"),
    [
        ("EndO3RatesAndPopsBNS", "redshift", comoving_volume(0.15, "Planck15")),
        ("EndO3RatesAndPops", "redshift", comoving_volume(2, "WMAP1")),
        ("EndO3RatesAndPops", "a_1", uniform(0, 0.99)),
        ("EndO3RatesAndPops", "mass_1", lambda mass: (mass**-1.3 - 5**-1.3) / (100**-1.3 - 5**-1.3)),
        ("NonspinBBH", "mass_1", uniform(5, 100)),
        ("SpinBBH", "tilt_1", uniform(0, np.pi)),
    ],
)
def test_a_density_that_is_nearly_right_would_be_noticed(draws: Draws, class_name: str, name: str, wrong: Cdf) -> None:
    assert p_value(draws(class_name, PopulationOptions())[name], wrong) < SMALLEST_P


def test_mass_2_has_its_density_given_mass_1(draws: Draws) -> None:
    # The conditional distribution maps mass_2 to what is uniform, whatever mass_1.
    power = draws("EndO3RatesAndPops", PopulationOptions())
    flat = draws("EndO3RatesAndPopsBNS", PopulationOptions())
    pair = draws("SpinBBH", PopulationOptions())
    gaussian = draws("GaussianMasses", GAUSSIAN)
    log_normal = draws("LogNormalMasses", LOG_NORMAL)
    second = positive_gaussian(GAUSSIAN.m2, GAUSSIAN.sigma).cdf
    log_second = stats.norm(np.log(LOG_NORMAL.m2), LOG_NORMAL.sigma).cdf
    lowest = log_second(np.log(0.02 * log_normal["mass_1"]))
    ranks = {
        "power law": (power["mass_2"] ** 2 - 25) / (power["mass_1"] ** 2 - 25),
        "neutron stars": (flat["mass_2"] - 1) / (flat["mass_1"] - 1),
        "uniform pair": (pair["mass_2"] - 5) / (pair["mass_1"] - 5),
        "Gaussian": second(gaussian["mass_2"]) / second(gaussian["mass_1"]),
        "log-normal": (log_second(np.log(log_normal["mass_2"])) - lowest)
        / (log_second(np.log(log_normal["mass_1"])) - lowest),
    }
    sources = (power, flat, pair, gaussian, log_normal)
    for (name, rank), source in zip(ranks.items(), sources, strict=True):
        assert p_value(rank, stats.uniform.cdf) > SMALLEST_P, name
        # Uniform in every quarter of mass_1, too.
        quarters = np.digitize(source["mass_1"], np.quantile(source["mass_1"], [0.25, 0.5, 0.75]))
        for quarter in range(4):
            assert p_value(rank[quarters == quarter], stats.uniform.cdf) > SMALLEST_P, (name, quarter)


def test_gaussian_masses_are_rejected_and_not_swapped(draws: Draws) -> None:
    rng = np.random.default_rng(5)
    pair = [positive_gaussian(mean, GAUSSIAN.sigma).rvs(DRAWS, random_state=rng) for mean in (GAUSSIAN.m1, GAUSSIAN.m2)]
    swapped = np.maximum(*pair)
    expected = gaussian_pair(GAUSSIAN)["mass_1"]
    assert p_value(swapped, expected) < SMALLEST_P
    assert p_value(draws("GaussianMasses", GAUSSIAN)["mass_1"], expected) > SMALLEST_P


@pytest.mark.parametrize(("class_name", "options"), [(name, options) for name, options, _ in MARGINALS])
def test_masses_are_ordered_and_positive(draws: Draws, class_name: str, options: object) -> None:
    samples = draws(class_name, options)
    if "mass_1" not in samples:
        assert class_name == "Ringdown"
        return
    assert np.all(samples["mass_2"] <= samples["mass_1"])
    assert np.all(samples["mass_2"] > 0)


@pytest.mark.parametrize(
    ("class_name", "options", "ranges"),
    [
        (
            "EndO3RatesAndPops",
            PopulationOptions(),
            {"mass_1": (5, 100), "mass_2": (5, 100), "redshift": (0, 2)},
        ),
        (
            "EndO3RatesAndPopsBNS",
            PopulationOptions(),
            {"mass_1": (1, 2.5), "mass_2": (1, 2.5), "redshift": (0, 0.15), "a_1": (0, 0.4), "a_2": (0, 0.4)},
        ),
        ("NonspinBBH", PopulationOptions(), {"mass_1": (5, 100), "mass_2": (5, 100), "redshift": (0, 0.5)}),
        ("SpinBBH", PopulationOptions(), {"mass_1": (5, 100), "mass_2": (5, 100), "redshift": (0, 0.5)}),
        ("GaussianMasses", GAUSSIAN, {"redshift": (0, 2)}),
        ("LogNormalMasses", LOG_NORMAL, {"redshift": (0, 2)}),
        (
            "Ringdown",
            PopulationOptions(),
            {"quality": (8, 20), "frequency": (100, 1000), "distance": (100, 1000)},
        ),
    ],
)
def test_values_stay_in_their_ranges(
    draws: Draws, class_name: str, options: object, ranges: dict[str, tuple[float, float]]
) -> None:
    angles = {"dec": (-np.pi / 2, np.pi / 2), "ra": (0, 2 * np.pi), "theta_jn": (0, np.pi), "psi": (0, np.pi)}
    samples = draws(class_name, options)
    # A number like 5^2^(1/2) may be off by a rounding.
    for name, (low, high) in (angles | ranges).items():
        assert low * (1 - 1e-14) - (low < 0) * 1e-14 <= samples[name].min(), name
        assert samples[name].max() <= high * (1 + 1e-14), name


def test_log_normal_mass_ratios_stay_above_a_fiftieth(draws: Draws) -> None:
    samples = draws("LogNormalMasses", LOG_NORMAL)
    ratio = samples["mass_2"] / samples["mass_1"]
    assert 0.02 * (1 - 1e-14) <= ratio.min() < 0.021
    # As the help says: 98 % of the masses that are drawn (before the rejection) lie in 0.3 to 3700.
    low, high = stats.lognorm(LOG_NORMAL.sigma, scale=LOG_NORMAL.m1).ppf([0.01, 0.99])
    assert (round(low, 1), round(high, -2)) == (0.3, 3700)


@pytest.mark.parametrize(
    ("class_name", "zeros"),
    [
        ("NonspinBBH", {"psi", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"}),
        ("SpinBBH", {"psi", "phi_12", "phi_jl"}),
        ("EndO3RatesAndPops", set()),
    ],
)
def test_what_is_fixed_is_zero_for_every_signal(draws: Draws, class_name: str, zeros: set[str]) -> None:
    samples = draws(class_name, PopulationOptions())
    assert {name for name, values in samples.items() if np.all(values == 0)} == zeros


def test_parameters_that_should_be_independent_are_not_correlated(draws: Draws) -> None:
    samples = draws("EndO3RatesAndPops", PopulationOptions())
    names = [name for name in samples if name != "mass_2"]
    correlations = np.corrcoef(stats.rankdata([samples[name] for name in names], axis=1))
    # 78 pairs; beyond five standard deviations of 1 / sqrt(n) lies one in two million.
    for first, second in combinations(range(len(names)), 2):
        assert abs(correlations[first, second]) < 5 / np.sqrt(DRAWS), (names[first], names[second])
