"""What is asked of a prior."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import luminosity_distance
from aframe_data.plugin.protocols import OrderedPrior
from aframe_data.plugin.records import USUAL_SIGNALS, PriorProvider
from aframe_data.registry.choice import choose
from aframe_data.registry.sources import completed
from aframe_data.testing.base import ASKED
from aframe_data.testing.densities import DensityTests
from aframe_data.waveforms.recipe import cosmology_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aframe_data.types import FloatArray

    Draw = Mapping[str, FloatArray]

_TURN = 2 * np.pi
#: What angles in radians, spins and distances can be, by the names that files know. Both ends belong to it.
_RANGES: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(("ra", "phase", "phi_12", "phi_jl"), (0.0, _TURN)),
    **dict.fromkeys(("theta_jn", "tilt_1", "tilt_2"), (0.0, np.pi)),
    "psi": (0.0, _TURN),
    "dec": (-np.pi / 2, np.pi / 2),
    **dict.fromkeys(("a_1", "a_2"), (0.0, np.nextafter(1.0, 0.0))),
    **dict.fromkeys(("mass_1", "mass_2", "redshift", "luminosity_distance"), (np.nextafter(0.0, 1.0), np.inf)),
}
#: From an angle to what is uniform between 0 and 1 where directions are isotropic.
_UNIFORM: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    **dict.fromkeys(("ra", "phase", "phi_12", "phi_jl"), lambda angle: angle / _TURN),
    **dict.fromkeys(("theta_jn", "tilt_1", "tilt_2"), lambda angle: (1 - np.cos(angle)) / 2),
    "psi": lambda angle: angle / np.pi,
    "dec": lambda angle: (1 + np.sin(angle)) / 2,
}
#: Of 2000 draws of what is uniform, 1 set in 10^5 is farther from it: the largest distance of Kolmogorov and Smirnov
#: times the root of their number.
_FAR_FROM_UNIFORM = 2.5
_MANY = 2000
#: By how much distances of one redshift may differ: cosmologies of one name, interpolated.
_DISTANCE_TOLERANCE = 0.01


class PriorTests(DensityTests):
    """Tests of a prior.

    Attributes
    ----------
    sources
        The name of the kind of sources that it is a population of; None for a prior that does not give all parameters
        of any kind.
    source_masses, detector_masses
        Between what all component masses lie in one frame, in solar masses, or None. With one of them the kit sees
        masses that are in another frame than the prior says.
    ranges
        Between what other parameters lie, as drawn.
    isotropic
        Names of angles whose directions are drawn isotropically.
    """

    sources: ClassVar[str | None] = USUAL_SIGNALS
    source_masses: ClassVar[tuple[float, float] | None] = None
    detector_masses: ClassVar[tuple[float, float] | None] = None
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {}
    isotropic: ClassVar[tuple[str, ...]] = ()

    def ask_something_small(self) -> Draw:
        """Some draws."""
        return self.draw(self.prior(), 20, 1)

    def test_record_and_object_agree(self) -> None:
        """On parameters and frame, where the record tells them."""
        provider, prior = self.entry().provider, self.prior()
        assert isinstance(provider, PriorProvider)
        assert provider.parameters is None or set(provider.parameters) == set(prior.parameters)
        assert provider.frame in (None, prior.frame)
        assert prior.frame in ("source", "detector")

    @pytest.mark.parametrize("count", [1, 50])
    def test_a_draw_has_every_parameter(self, count: int) -> None:
        """Exactly those that the prior names, as arrays (n,) of finite real numbers."""
        prior = self.prior()
        draw = prior.sample(count, np.random.default_rng(1))
        assert set(draw) == set(prior.parameters), "`parameters` and the names of a draw differ"
        assert len(set(prior.parameters)) == len(tuple(prior.parameters))
        for name, values in draw.items():
            assert np.shape(values) == (count,), f"{name} of {count} signals has shape {np.shape(values)}"
            assert np.isfinite(np.asarray(values, dtype=np.float64)).all(), f"{name} is not finite everywhere"

    def test_a_draw_is_a_function_of_its_generator(self) -> None:
        """The same generator gives the same draw, of one object twice and of a new one: a prior has no state."""
        prior = self.prior()
        first = self.draw(prior, 20, 1)
        self.draw(prior, 7, 2)
        for other, whose in ((self.draw(prior, 20, 1), "the same"), (self.draw(self.prior(), 20, 1), "a new")):
            differing = [name for name in first if not np.array_equal(first[name], other[name])]
            assert not differing, f"{whose} object draws other values of the same generator: {', '.join(differing)}"

    def test_every_column_comes_from_the_generator(self) -> None:
        """Another generator gives other values of everything that varies: nothing has a seed of its own."""
        prior = self.prior()
        first, other = self.draw(prior, 20, 1), self.draw(prior, 20, 2)
        for name, values in first.items():
            if np.array_equal(values, other[name]):
                assert np.ptp(values) == 0, f"{name} varies, but not with the generator"
            else:
                assert np.ptp(values) > 0, f"{name} is one number for all signals of a draw, and another in the next"

    def test_a_draw_is_left_alone_by_the_next(self) -> None:
        """An answer belongs to whoever asked: the next draw goes elsewhere."""
        prior = self.prior()
        first = prior.sample(20, np.random.default_rng(1))
        before = {name: np.array(values) for name, values in first.items()}
        prior.sample(20, np.random.default_rng(2))
        assert all(np.array_equal(before[name], first[name]) for name in before)

    def test_it_leaves_the_global_generator_alone(self) -> None:
        """Whatever else runs in the process has its own randomness."""
        prior = self.prior()
        prior.sample(2, np.random.default_rng(1))  # a library may draw from it while it is imported
        np.random.seed(20)  # noqa: NPY002 - a state that no plugin leaves behind
        before = _global_state()
        prior.sample(20, np.random.default_rng(1))
        assert _global_state() == before, "numpy's global generator was used or seeded"

    def test_values_are_in_the_range_of_their_names(self) -> None:
        """Angles in radians, spins below 1, redshifts above 0; and as `ranges` says."""
        draw = self.draw(self.prior(), _MANY, 4)
        unknown = set(self.ranges) - set(draw)
        assert not unknown, f"`ranges` names what is not drawn: {', '.join(sorted(unknown))}"
        for name, (low, high) in {**_RANGES, **self.ranges}.items():
            if name in draw:
                least, most = draw[name].min(), draw[name].max()
                assert low <= least, f"{name} is drawn from {least:g} on, and begins at {low:g}"
                assert most <= high, f"{name} is drawn up to {most:g}, and ends at {high:g}"

    def test_masses_are_ordered_and_consistent(self) -> None:
        """The first mass is the larger; what else is drawn of masses is computed from the two."""
        draw = self.draw(self.prior(), _MANY, 5)
        if not {"mass_1", "mass_2"} <= set(draw):
            pytest.skip("this prior draws no component masses")
        first, second = draw["mass_1"], draw["mass_2"]
        assert (second <= first).all(), f"mass_2 > mass_1 in {np.mean(second > first):.0%} of the draws"
        derived = {
            "total_mass": first + second,
            "mass_ratio": second / first,
            "chirp_mass": (first * second) ** 0.6 / (first + second) ** 0.2,
        }
        for name in derived.keys() & draw.keys():
            np.testing.assert_allclose(
                draw[name], derived[name], rtol=1e-6, err_msg=f"{name} is not that of the masses"
            )

    @pytest.mark.parametrize("frame", ["source", "detector"])
    def test_masses_are_in_the_frame_that_the_prior_says(self, frame: str) -> None:
        """Within the author's bounds, once they are brought into the frame of the bounds."""
        bounds = self.source_masses if frame == "source" else self.detector_masses
        if bounds is None:
            pytest.skip(f"no {frame}_masses are given")
        prior = self.prior()
        draw = self.draw(prior, _MANY, 6)
        redshifted = {("source", "detector"): 1, ("detector", "source"): -1}.get((prior.frame, frame), 0)
        for name in ("mass_1", "mass_2"):
            masses = draw[name] * (1 + draw["redshift"]) ** redshifted if redshifted else draw[name]
            # a rounding of the factor (1 + z) is no other frame
            low, high = bounds[0] * (1 - 1e-9), bounds[1] * (1 + 1e-9)
            assert masses.min() >= low, f"{name} in the {frame} frame begins at {masses.min():g}, below {low:g}"
            assert masses.max() <= high, f"{name} in the {frame} frame ends at {masses.max():g}, above {high:g}"

    def test_the_distance_is_that_of_the_redshift(self) -> None:
        """By the prior's own cosmology, in Mpc, where it draws both."""
        prior = self.prior()
        draw = self.draw(prior, 200, 7)
        if not {"redshift", "luminosity_distance"} <= set(draw):
            pytest.skip("this prior leaves the distance to the core")
        expected = luminosity_distance(draw["redshift"], cosmology_of(prior))
        np.testing.assert_allclose(draw["luminosity_distance"], expected, rtol=_DISTANCE_TOLERANCE)

    def test_the_cosmology_exists(self) -> None:
        """It is the name of one of astropy's, from which the core computes distances."""
        assert luminosity_distance(np.array([0.1]), cosmology_of(self.prior()))[0] > 0

    def test_directions_are_isotropic_where_the_author_says_so(self) -> None:
        """Declinations and inclinations are uniform in their sine and cosine, not in the angle."""
        draw = self.draw(self.prior(), _MANY, 8)
        if not self.isotropic:
            pytest.skip("no isotropic angles are given")
        for name in self.isotropic:
            uniform = np.sort(_UNIFORM[name](draw[name]))
            steps = np.arange(_MANY + 1) / _MANY
            distance = max(np.abs(uniform - steps[1:]).max(), np.abs(uniform - steps[:-1]).max())
            assert distance * np.sqrt(_MANY) < _FAR_FROM_UNIFORM, f"{name} is not drawn isotropically"

    def test_it_gives_what_waveforms_need(self) -> None:
        """All parameters of its kind of sources; of binaries, ordered masses in either frame."""
        prior = self.prior()
        if self.sources is None:
            usual = choose("source-kind", USUAL_SIGNALS)
            assert set(usual.create().parameters) - set(prior.parameters), f"`sources` could be {usual.key!r}"
            return
        kind = choose("source-kind", self.sources)
        draw = prior.sample(200, np.random.default_rng(3))
        lacking = set(kind.create().parameters) - set(draw)
        assert not lacking, f"{kind.key} waveforms need {', '.join(sorted(lacking))}, which this prior does not draw"
        done = completed(kind, draw, **{**ASKED, "frame": prior.frame, "cosmology": cosmology_of(prior)})
        assert (done.get("mass_2", 1) > np.zeros(200)).all()

    def test_signals_in_order_are_those_of_their_numbers(self) -> None:
        """Where the signals of a prior have an order: whoever asks, for however many at once, up to the last."""
        prior = self.prior()
        if not (isinstance(prior, OrderedPrior) and prior.has_order):
            pytest.skip("the signals of this prior have no order")
        assert prior.length >= 3, f"the test needs three signals, and `length` is {prior.length}"
        whole = {name: np.array(values) for name, values in prior.take(0, 3).items()}
        assert set(whole) == set(prior.parameters), "`parameters` and the names of signals in order differ"
        for number in (2, 0, 1):
            for name, values in prior.take(number, number + 1).items():
                np.testing.assert_array_equal(values, whole[name][number : number + 1], err_msg=name)
        last = prior.take(prior.length - 1, prior.length)
        assert all(len(values) == 1 for values in last.values()), "`length` counts more signals than there are"
        with pytest.raises(UsageError):
            prior.take(prior.length, prior.length + 1)


def _global_state() -> bytes:
    """Of numpy's global generator, which is only looked at."""
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    return pickle.dumps(state)
