"""Functions of the user's own as priors: found by their dotted path, called, and refused in one line."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.plugin.values import resolve
from aframe_data_priors.options import BilbyCallableOptions

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data_priors.user_priors import BilbyCallable

MODULE = '''
    """Priors of a user."""
    import math

    from bilby.core.prior import Constraint, Cosine, PriorDict, Sine, Uniform
    from bilby.core.utils import random
    from bilby.gw.prior import UniformSourceFrame

    NUMBER = 5

    def bare(cosmology=None, *extra, **more):
        angles = {name: Uniform(0, 2 * math.pi) for name in ("ra", "phase", "psi", "phi_12", "phi_jl")}
        tilts = {name: Sine() for name in ("theta_jn", "tilt_1", "tilt_2")}
        redshift = UniformSourceFrame(0, 1, name="redshift", cosmology=cosmology)
        return PriorDict(
            angles | tilts
            | dict(mass_1=Uniform(5, 50), mass_2=Uniform(5, 50), redshift=redshift)
            | dict(dec=Cosine(), a_1=Uniform(0, 1), a_2=0)
        )

    def source():
        return bare(), False

    def detector():
        return bare(), True

    def unequal():
        priors = bare()
        priors["mass_ratio"] = Constraint(0.1, 0.5)
        return priors

    def own_conversion():
        def convert(sample):
            return sample | {"difference": sample["mass_1"] - sample["mass_2"]}

        priors = bare()
        priors["difference"] = Constraint(10, 12)
        return PriorDict(dict(priors), conversion_function=convert)

    def planck18():
        return bare("Planck18")

    def random_range():
        priors = bare()
        priors["mass_1"] = Uniform(50, 60 + random.rng.uniform())
        return priors

    def with_arguments(m1, m2=3, *, sigma):
        return bare()

    def a_dict():
        return dict(bare())

    def wrong_pair():
        return bare(), "source"

    def nothing():
        pass

    def failing():
        raise RuntimeError("no such\\ntable")
'''


@pytest.fixture(autouse=True)
def in_a_folder_with_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "users_priors.py").write_text(dedent(MODULE))
    (tmp_path / "users_broken.py").write_text("import no_such_package\n")
    monkeypatch.chdir(tmp_path)
    for name in ("users_priors", "users_broken"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def make(target: str, **options: str) -> BilbyCallable:
    from aframe_data_priors.user_priors import BilbyCallable

    return BilbyCallable(resolve(BilbyCallableOptions, {"target": target, **options}, owner="bilby-callable"))


def sample(prior: BilbyCallable, n: int = 300) -> dict[str, np.ndarray]:
    return dict(prior.sample(n, np.random.default_rng(11)))


def test_a_function_in_the_working_directory_is_found() -> None:
    path = list(sys.path)
    prior = make("users_priors.bare")
    assert sys.path == path
    assert prior.parameters == (*BASE_PARAMETERS, "luminosity_distance")
    for n in (1, 128):
        for name, values in sample(prior, n).items():
            assert (values.shape, values.dtype) == ((n,), np.float64), name


@pytest.mark.slow
def test_the_working_directory_is_searched_by_a_console_script_too(tmp_path: Path) -> None:
    script = tmp_path / "elsewhere" / "program.py"
    script.parent.mkdir()
    script.write_text(
        "import sys\nfrom aframe_data_priors.user_priors import BilbyCallable\n"
        "from aframe_data.plugin.code import Code\n"
        "from aframe_data_priors.options import BilbyCallableOptions\n"
        "assert not any(entry in ('', sys.argv[1]) for entry in sys.path)\n"
        "print(BilbyCallable(BilbyCallableOptions(target=Code.at('users_priors.source'))).frame)\n"
    )
    answer = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert answer.stdout.strip() == "source"


def test_the_same_generator_gives_the_same_bytes() -> None:
    first, second = sample(make("users_priors.bare")), sample(make("users_priors.bare"))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


def test_what_a_function_draws_itself_is_the_same_each_time() -> None:
    first, second = (sample(make("users_priors.random_range")) for _ in range(2))
    assert np.array_equal(first["mass_1"], second["mass_1"])


@pytest.mark.parametrize(
    ("function", "asked", "frame"),
    [
        ("bare", None, "detector"),
        ("bare", "source", "source"),
        ("source", None, "source"),
        ("source", "source", "source"),
        ("detector", None, "detector"),
    ],
)
def test_the_function_says_the_frame_or_else_the_option(function: str, asked: str | None, frame: str) -> None:
    assert make(f"users_priors.{function}", frame=asked).frame == frame


def test_an_option_that_contradicts_the_function_is_refused() -> None:
    with pytest.raises(UsageError, match="says that its masses are in the source frame"):
        make("users_priors.source", frame="detector")


def test_masses_are_ordered() -> None:
    samples = sample(make("users_priors.bare"))
    assert np.all(samples["mass_1"] >= samples["mass_2"])


def test_a_constraint_holds_although_the_function_gave_no_conversion() -> None:
    samples = sample(make("users_priors.unequal"))
    ratio = samples["mass_2"] / samples["mass_1"]
    assert ratio.min() >= 0.1
    assert ratio.max() <= 0.5


def test_a_constraint_on_what_the_users_own_conversion_gives_holds() -> None:
    samples = sample(make("users_priors.own_conversion"))
    difference = samples["mass_1"] - samples["mass_2"]
    assert difference.min() >= 10
    assert difference.max() <= 12


def test_the_cosmology_is_that_of_the_function() -> None:
    assert make("users_priors.bare").cosmology == "Planck15"
    assert make("users_priors.bare", cosmology="WMAP9").cosmology == "WMAP9"
    assert make("users_priors.planck18").cosmology == "Planck18"


def test_a_class_of_bilby_is_a_function_too() -> None:
    assert "mass_1" in make("bilby.gw.prior.BBHPriorDict").parameters


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("users_priors.bear", r"there is no 'bear' in users_priors\. Did you mean .*'bare'"),
        (
            "users_prior.bare",
            r"ModuleNotFoundError: No module named 'users_prior'\. Allowed are .*\.prior file",
        ),
        ("users_broken.bare", r"ModuleNotFoundError: No module named 'no_such_package'"),
        ("priors.priors.spinbbh", r"Did you mean 'spin_bbh'"),
        ("users_priors.NUMBER", r"is not a function but int"),
        ("users_priors.with_arguments", r"needs arguments \(m1, sigma\)"),
        ("users_priors.a_dict", r"returned dict, not a bilby PriorDict"),
        ("users_priors.wrong_pair", r"returned \(PriorDict, str\), not a bilby PriorDict"),
        ("users_priors.nothing", r"returned NoneType, not a bilby PriorDict"),
        ("users_priors.failing", r"failed: RuntimeError: no such table\."),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(target: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        make(target)
    assert "\n" not in str(error.value)
    assert target in str(error.value)
