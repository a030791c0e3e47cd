"""What is asked of a prior."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from aframe_data.plugin.binary import BASE_PARAMETERS, complete, missing_parameters
from aframe_data.plugin.records import PriorProvider
from aframe_data.testing.base import ProviderTests

if TYPE_CHECKING:
    from aframe_data.plugin.protocols import Prior


class PriorTests(ProviderTests):
    """Tests of a prior.

    Attributes
    ----------
    binary
        Whether it gives all that binary waveforms need.
    """

    kind = "prior"
    binary: ClassVar[bool] = True

    def prior(self) -> Prior:
        """A new object."""
        prior: Prior = self.choice().create()
        return prior

    def test_record_and_object_agree(self) -> None:
        """On parameters and frame, where the record tells them."""
        provider, prior = self.entry().provider, self.prior()
        assert isinstance(provider, PriorProvider)
        assert provider.parameters is None or set(provider.parameters) == set(prior.parameters)
        assert provider.frame in (None, prior.frame)
        assert prior.frame in ("source", "detector")

    @pytest.mark.parametrize("count", [1, 50])
    def test_a_draw_has_every_parameter(self, count: int) -> None:
        """As arrays (n,) of finite numbers."""
        prior = self.prior()
        draw = prior.sample(count, np.random.default_rng(1))
        assert set(prior.parameters) <= set(draw)
        for values in draw.values():
            assert np.shape(values) == (count,)
            assert np.isfinite(values).all()

    def test_a_draw_is_a_function_of_its_generator(self) -> None:
        """The same generator gives the same draw, whatever was drawn before; another one another draw."""
        prior = self.prior()
        first = prior.sample(20, np.random.default_rng(1))
        other = prior.sample(20, np.random.default_rng(2))
        again = self.prior().sample(20, np.random.default_rng(1))
        assert all(np.array_equal(first[name], again[name]) for name in first)
        assert any(not np.array_equal(first[name], other[name]) for name in first)

    def test_it_gives_what_binary_waveforms_need(self) -> None:
        """All base parameters, with ordered masses in either frame."""
        prior = self.prior()
        if not self.binary:
            assert missing_parameters(prior.parameters)
            return
        draw = prior.sample(200, np.random.default_rng(3))
        cosmology = str(getattr(prior, "cosmology", "Planck15"))
        completed = complete(draw, frame=prior.frame, cosmology=cosmology, minimum_frequency=20, reference_frequency=50)
        assert set(BASE_PARAMETERS) <= set(completed)
        assert (completed["mass_2"] > 0).all()
