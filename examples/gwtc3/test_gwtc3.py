"""Tests of the prior: ``pytest examples/gwtc3``, with the package installed."""

import numpy as np
import pytest
from aframe_gwtc3 import Options
from aframe_gwtc3.population import PowerLawPeak
from scipy import stats

from aframe_data.errors import UsageError
from aframe_data.plugin import PriorDensity
from aframe_data.testing import PriorTests

DRAWS = 200_000


class TestGWTC3(PriorTests):
    name = "gwtc3-bbh"


@pytest.fixture(scope="module")
def prior():
    return PowerLawPeak(Options())


@pytest.fixture(scope="module")
def draw(prior):
    return prior.sample(DRAWS, np.random.default_rng(1))


def smoothed(mass, lightest=5.08, delta=4.8):
    """The paper's S(m), one mass at a time."""
    if mass <= lightest:
        return 0.0
    if mass >= lightest + delta:
        return 1.0
    above = mass - lightest
    return 1 / (np.exp(min(delta / above + delta / (above - delta), 700)) + 1)


LAW = (5.08**-2.4 - 86.9**-2.4) / 2.4
PEAK = stats.truncnorm((5.08 - 33.7) / 3.6, (100 - 33.7) / 3.6, loc=33.7, scale=3.6)


def primary(mass):
    """The paper's p(m1), not normalised after the smoothing."""
    law = mass**-3.4 / LAW if mass <= 86.9 else 0.0
    return (0.961 * law + 0.039 * PEAK.pdf(mass)) * smoothed(mass)


def test_masses_follow_the_formulae_of_the_paper(draw):
    grid = np.linspace(5.08, 100, 9501)
    density = np.array([primary(mass) for mass in grid])
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    found = stats.kstest(draw["mass_1"], lambda mass: np.interp(mass, grid, cumulative / cumulative[-1]))
    assert found.pvalue > 1e-3
    near = np.abs(draw["mass_1"] - 34) < 0.25
    ratio = draw["mass_2"][near] / draw["mass_1"][near]
    grid = np.linspace(5.08 / 34, 1, 401)
    density = np.array([q**1.1 * smoothed(34 * q) for q in grid])
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    assert stats.kstest(ratio, lambda q: np.interp(q, grid, cumulative / cumulative[-1])).pvalue > 1e-3


def test_what_the_paper_says_of_the_population(draw):
    assert 5.08 < draw["mass_2"].min() <= draw["mass_1"].max() <= 100
    assert (draw["mass_2"] <= draw["mass_1"]).all()
    # The peak stands out: more around 34 than around 27.
    around = [np.mean(np.abs(draw["mass_1"] - mass) < 2) for mass in (34, 27)]
    assert around[0] > 1.5 * around[1]


def test_the_density_is_that_of_the_draws(prior, draw):
    assert isinstance(prior, PriorDensity)
    density = prior.ln_prob(draw)
    assert np.isfinite(density).all()
    # With p normalised, the mean of g / p over draws of p is 1 for any density g that lies within p.
    rng = np.random.default_rng(2)
    other = PowerLawPeak(Options(alpha=3.0, peak_fraction=0.1, beta=1.5, kappa=2.0, largest_spin=0.9))
    weights = np.exp(other.ln_prob(draw) - density)
    assert weights.mean() == pytest.approx(1, abs=5 * weights.std() / np.sqrt(DRAWS))
    back = other.sample(20_000, rng)
    assert np.exp(prior.ln_prob(back) - other.ln_prob(back)).mean() == pytest.approx((0.9 / 0.998) ** 2, rel=0.02)


def test_what_is_not_drawn_has_no_density(prior, draw):
    for name, value in (("mass_1", 120.0), ("mass_2", 4.0), ("redshift", 3.0), ("a_1", 0.9995)):
        assert np.isneginf(prior.ln_prob({**draw, name: np.full(DRAWS, value)})).all()
    swapped = {**draw, "mass_1": draw["mass_2"], "mass_2": draw["mass_1"]}
    assert np.isneginf(prior.ln_prob(swapped)).all()


def test_options_that_leave_no_mass_are_refused():
    with pytest.raises(UsageError, match="must be below heaviest"):
        Options(lightest=80, smoothing=10)
