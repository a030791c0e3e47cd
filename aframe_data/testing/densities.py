"""What is asked of the density that a prior may have, and of its factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.protocols import PriorDensity, PriorFactors
from aframe_data.testing.base import ProviderTests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.protocols import Prior
    from aframe_data.types import FloatArray

    Draw = Mapping[str, FloatArray]

_OF_A_DENSITY = 20_000
#: Standard errors by which draws of a density may seem to move: one in a million is farther.
_FAR_FROM_REST = 5.0
#: By how much the integral of a density may miss 1: what lies outside the draws, and a sum in its place.
_FAR_FROM_WHOLE = 0.02


class DensityTests(ProviderTests):
    """Tests of a prior's density; all are skipped where it has none."""

    kind = "prior"
    contract = "aframe_data.plugin.protocols.Prior"

    def prior(self) -> Prior:
        """A new object."""
        prior: Prior = self.choice().create()
        return prior

    def draw(self, prior: Prior, count: int, seed: int) -> dict[str, FloatArray]:
        """A copy of a draw, which later ones cannot change."""
        drawn = prior.sample(count, np.random.default_rng(seed))
        return {name: np.array(values) for name, values in drawn.items()}

    def _density(self) -> tuple[PriorDensity, dict[str, FloatArray]]:
        """The prior as what its density is asked of, and draws of it; or the reason to skip."""
        prior = self.prior()
        if not isinstance(prior, PriorDensity):
            pytest.skip("this prior does not give its density")
        draw = self.draw(prior, _OF_A_DENSITY, 9)
        unknown = set(prior.variables) - set(draw)
        assert not unknown, f"`variables` names {', '.join(sorted(unknown))}, which no draw has"
        # Before the density is asked: of columns in a column it makes the square of all draws.
        for name, values in draw.items():
            assert np.shape(values) == (_OF_A_DENSITY,), f"{name} has shape {np.shape(values)}, not ({_OF_A_DENSITY},)"
        try:
            density = prior.ln_prob(draw)
        except UsageError as error:
            pytest.skip(f"its density is not known: {error}")
        assert np.shape(density) == (_OF_A_DENSITY,), f"ln_prob has shape {np.shape(density)}, not ({_OF_A_DENSITY},)"
        return prior, draw

    def test_a_density_is_that_of_each_signal(self) -> None:
        """Finite for what was drawn, and the same for a signal alone; distributions have words."""
        prior, draw = self._density()
        density = prior.ln_prob(draw)
        assert np.isfinite(density).all(), f"of {np.mean(~np.isfinite(density)):.0%} of the draws ln_prob is not finite"
        alone = prior.ln_prob({name: values[7:8] for name, values in draw.items()})
        np.testing.assert_allclose(alone, density[7:8], rtol=1e-12)
        assert prior.distributions
        assert all(prior.distributions.values())

    def test_the_density_is_that_of_the_draws(self) -> None:
        """Steps between signals that are taken as often as the density's ratio says lead nowhere, for each variable.

        Draws of a density are at rest under Metropolis' rule: neither a variable nor its square grows or shrinks.
        """
        prior, draw = self._density()
        rng = np.random.default_rng(10)
        density = prior.ln_prob(draw)
        for name in prior.variables:
            steps = np.std(draw[name]) * rng.normal(size=_OF_A_DENSITY)
            with np.errstate(all="ignore"):  # a density may be asked of what cannot be
                there = prior.ln_prob({**draw, name: draw[name] + steps})
            taken = np.exp(np.minimum(there - density, 0.0))
            assert not np.isnan(taken).any(), f"ln_prob is NaN where {name} is another one"
            middle = draw[name] - draw[name].mean()
            for grown in (steps, (middle + steps) ** 2 - middle**2):
                led = taken * grown
                away = abs(led.mean()) / max(led.std() / np.sqrt(_OF_A_DENSITY), np.finfo(float).tiny)
                assert away < _FAR_FROM_REST, f"draws of {name} are not those of ln_prob: {away:.1f} standard errors"

    def test_the_factors_are_those_of_the_density(self) -> None:
        """Where it is given in factors: each of its own variables alone, all of them once, and normalised."""
        prior, draw = self._density()
        if not isinstance(prior, PriorFactors):
            pytest.skip("this prior does not give its density in factors")
        factors = prior.ln_factors(draw)
        assert all(isinstance(of, tuple) for of in factors), f"factors are named by tuples, not by {[*factors]}"
        named = [name for of in factors for name in of]
        assert sorted(named) == sorted(prior.variables), f"the variables are {prior.variables}; factors are of {named}"
        for of, values in factors.items():
            assert np.shape(values) == (_OF_A_DENSITY,), f"the factor of {', '.join(of)} has shape {np.shape(values)}"
        np.testing.assert_allclose(sum(factors.values()), prior.ln_prob(draw), rtol=1e-9, err_msg="sum of the factors")
        rng = np.random.default_rng(11)
        for of, values in factors.items():
            others = {name: rng.permutation(draw[name]) for name in prior.variables if name not in of}
            with np.errstate(all="ignore"):  # a mass may be that of another signal
                again = prior.ln_factors({**draw, **others})[of]
            np.testing.assert_allclose(again, values, rtol=1e-9, err_msg=f"{', '.join(of)}, with others of the others")
        for of in factors:
            if len(of) == 1:
                self._require_normalised(prior, of, draw)

    @staticmethod
    def _require_normalised(prior: PriorFactors, of: tuple[str, ...], draw: Draw) -> None:
        """A factor of one variable, over what is drawn of it."""
        from scipy.integrate import trapezoid  # a second, which most priors do without

        (name,) = of
        grid = np.linspace(draw[name].min(), draw[name].max(), _OF_A_DENSITY)
        total = trapezoid(np.exp(prior.ln_factors({**draw, name: grid})[of]), grid)
        assert abs(total - 1) < _FAR_FROM_WHOLE, f"the factor of {name} has an integral of {total:g}, not of 1"
