"""Where a prior's randomness comes from, and what it leaves behind in the process."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data_priors.options import GaussianMassesOptions, LogNormalMassesOptions, PopulationOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from aframe_data_priors.drawing import BilbyPrior

NAMES = ("EndO3RatesAndPops", "EndO3RatesAndPopsBNS", "NonspinBBH", "SpinBBH", "Ringdown")
CASES = [(name, PopulationOptions()) for name in NAMES] + [
    ("GaussianMasses", GaussianMassesOptions(m1=35, m2=30)),
    ("LogNormalMasses", LogNormalMassesOptions(m1=35, m2=30)),
]
each_population = pytest.mark.parametrize(("class_name", "options"), CASES, ids=[name for name, _ in CASES])

#: Given bilby, which collecting tests does not import.
ONE_OF_EACH_KIND: dict[str, Callable[[Any], Any]] = {
    "analytic": lambda bilby: bilby.core.prior.Uniform(0, 1),
    "gaussian": lambda bilby: bilby.core.prior.Gaussian(0, 1),
    "gamma": lambda bilby: bilby.core.prior.Gamma(k=2, theta=1),
    "beta": lambda bilby: bilby.core.prior.Beta(alpha=2, beta=3),
    "student": lambda bilby: bilby.core.prior.StudentT(df=3),
    "interpolated": lambda bilby: bilby.core.prior.Interped(xx=np.linspace(0, 1, 11), yy=np.linspace(1, 2, 11)),
    "aligned": lambda bilby: bilby.gw.prior.AlignedSpin(),
    "cosmological": lambda bilby: bilby.gw.prior.UniformSourceFrame(0, 1, name="redshift"),
    "slab_and_spike": lambda bilby: bilby.core.prior.SlabSpikePrior(
        slab=bilby.core.prior.Uniform(0, 1), spike_location=0.5, spike_height=0.3
    ),
}


def as_bytes(samples: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    return {name: values.tobytes() for name, values in samples.items()}


def make(class_name: str, options: object) -> BilbyPrior:
    from aframe_data_priors import populations

    return getattr(populations, class_name)(options)


@each_population
@pytest.mark.parametrize("n", [1, 2, 128])
def test_every_parameter_is_an_array_of_doubles(class_name: str, options: object, n: int) -> None:
    prior = make(class_name, options)
    samples = prior.sample(n, np.random.default_rng(1))
    assert tuple(samples) == prior.parameters
    for name, values in samples.items():
        assert (values.shape, values.dtype) == ((n,), np.float64), name
        assert np.all(np.isfinite(values)), name


@each_population
def test_the_same_generator_gives_the_same_bytes(class_name: str, options: object) -> None:
    prior = make(class_name, options)
    first = as_bytes(prior.sample(128, np.random.default_rng(1)))
    # Neither what was drawn before nor numpy's own seed matters; nor which object is asked.
    prior.sample(3, np.random.default_rng(7))
    np.random.seed(3)  # noqa: NPY002 - to show that it does nothing
    assert as_bytes(prior.sample(128, np.random.default_rng(1))) == first
    assert as_bytes(make(class_name, options).sample(128, np.random.default_rng(1))) == first


@each_population
def test_another_generator_gives_other_values(class_name: str, options: object) -> None:
    prior = make(class_name, options)
    first, second = (prior.sample(128, np.random.default_rng(seed)) for seed in (1, 2))
    for name in prior.parameters:
        fixed = np.all(first[name] == 0)
        assert fixed or not np.any(first[name] == second[name]), name


@each_population
def test_the_generator_moves_on(class_name: str, options: object) -> None:
    prior, rng = make(class_name, options), np.random.default_rng(1)
    first, second = prior.sample(16, rng), prior.sample(16, rng)
    assert not np.any(first["ra"] == second["ra"])


@each_population
def test_bilbys_own_generator_is_left_alone(class_name: str, options: object, bilby: ModuleType) -> None:
    random = bilby.core.utils.random
    notes = bilby.core.utils.meta_data.global_meta_data
    bilby.gw.cosmology.get_cosmology()  # bilby writes its default cosmology down when first asked
    generator, state, noted = random.rng, random.rng.bit_generator.state, dict(notes)
    make(class_name, options).sample(32, np.random.default_rng(1))
    assert random.rng is generator
    assert generator.bit_generator.state == state
    assert dict(notes) == noted


def test_bilbys_state_is_put_back_after_an_error(bilby: ModuleType) -> None:
    from aframe_data_priors.bilby_library import process_state

    random, cosmologies = bilby.core.utils.random, bilby.gw.cosmology
    generator, cosmology = random.rng, cosmologies.get_cosmology()
    inside = []

    def fail() -> None:
        with process_state(rng=np.random.default_rng(1), cosmology="WMAP5"):
            inside.append(cosmologies.get_cosmology().name)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert inside == ["WMAP5"]
    assert random.rng is generator
    assert cosmologies.get_cosmology() is cosmology


def test_a_generator_held_by_a_module_raises_no_warning() -> None:
    module = sys.modules[__name__]
    module.rng = np.random.default_rng(1)  # as in a notebook
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            make("SpinBBH", PopulationOptions()).sample(4, module.rng)
    finally:
        del module.rng


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_every_kind_of_bilby_distribution_draws_from_the_given_generator(name: str, bilby: ModuleType) -> None:
    from aframe_data_priors.bilby_library import process_state
    from aframe_data_priors.drawing import draw

    priors = bilby.core.prior.PriorDict({name: ONE_OF_EACH_KIND[name](bilby)})
    values = []
    for seed in (1, 1, 2):
        with process_state(rng=np.random.default_rng(seed)):
            values.append(draw(priors, 64)[name])
    assert values[0].tobytes() == values[1].tobytes()
    assert not np.array_equal(values[0], values[2])


def test_joint_distributions_draw_from_the_given_generator(bilby: ModuleType) -> None:
    from aframe_data_priors.bilby_library import process_state
    from aframe_data_priors.drawing import draw

    gaussian = bilby.core.prior.MultivariateGaussianDist(
        names=["x", "y"], nmodes=2, mus=[[0, 0], [9, 9]], sigmas=[[1, 1], [1, 1]], weights=[0.5, 0.5]
    )
    priors = bilby.core.prior.PriorDict(
        {name: bilby.core.prior.MultivariateGaussian(gaussian, name=name) for name in ("x", "y")}
    )
    values = []
    for seed in (1, 1, 2):
        with process_state(rng=np.random.default_rng(seed)):
            values.append(draw(priors, 64))
    assert as_bytes(values[0]) == as_bytes(values[1])
    assert not np.any(values[0]["x"] == values[2]["x"])


def test_a_population_that_cannot_be_drawn_is_refused_when_made() -> None:
    from aframe_data_priors.drawing import MINIMUM_DRAWS

    with pytest.raises(UsageError, match=r"0 of \d+ draws had 0 < mass_2 <= mass_1") as error:
        make("GaussianMasses", GaussianMassesOptions(m1=30, m2=100))
    assert "\n" not in str(error.value)
    drawn = int(str(error.value).split(" draws")[0].split()[-1])
    assert MINIMUM_DRAWS <= drawn < 2 * MINIMUM_DRAWS


def test_a_population_that_is_hard_to_draw_is_drawn() -> None:
    # mass_1 >= mass_2 in one draw of two hundred.
    prior = make("GaussianMasses", GaussianMassesOptions(m1=30, m2=37.3, sigma=2))
    samples = prior.sample(200, np.random.default_rng(1))
    assert len(samples["mass_1"]) == 200
    assert np.all(samples["mass_1"] >= samples["mass_2"])


@pytest.mark.slow
def test_bilby_does_not_see_the_command_line() -> None:
    code = (
        "import sys; before = list(sys.argv)\n"
        "from aframe_data_priors.bilby_library import bilby\n"
        "assert sys.argv == before, sys.argv\n"
        "print(sorted(vars(bilby.core.utils.command_line_args).items()))"
    )
    seen = [
        subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True).stdout
        for arguments in (
            [],
            ["-v", "-q", "-c", "-u", "--bilby-test-mode", "--help", "--sampler-help", "dynesty"],
        )
    ]
    assert "'verbose', False" in seen[0]
    assert seen[0] == seen[1]
