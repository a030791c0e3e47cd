"""Priors that Python gives as they are: functions, PriorDicts, and PriorDicts with the frame of their masses."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from functools import partial
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import aframe_data
from aframe_data.errors import AframeDataError, UsageError
from aframe_data.formats import ledger
from aframe_data.registry.choice import Choice, choose
from aframe_data.requests.signals import prior_given
from aframe_data.requests.waveforms import TrainingWaveforms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bilby.core.prior import PriorDict

GRID: dict[str, Any] = {
    "num_signals": 3,
    "waveform_duration": 2,
    "sample_rate": 1024,
    "right_pad": 1,
    "minimum_frequency": 40,
    "seed": 1,
}


def heavy(lightest: float = 60) -> PriorDict:
    from bilby.core.prior import Uniform
    from bilby.gw.prior import BBHPriorDict

    priors = BBHPriorDict()
    for name in ("chirp_mass", "mass_ratio"):
        del priors[name]
    priors["mass_1"] = Uniform(lightest, 90)
    priors["mass_2"] = Uniform(50, 60)
    return priors


def in_the_source_frame() -> tuple[PriorDict, bool]:
    return heavy(), False


def below(reference_params: dict[str, float], mass_1: Any) -> dict[str, Any]:
    return {"minimum": reference_params["minimum"], "maximum": mass_1}


def conditional(condition: Any = below) -> PriorDict:
    from bilby.core.prior import ConditionalPriorDict, ConditionalUniform

    priors = ConditionalPriorDict(dict(heavy()))
    priors["mass_2"] = ConditionalUniform(condition_func=condition, minimum=50, maximum=90)
    return priors


def needy(lightest: float) -> PriorDict:
    return heavy(lightest)


def at_random() -> PriorDict:
    from bilby.core.utils import random

    return heavy(60 + random.rng.uniform())


class Maker:
    def __call__(self) -> PriorDict:
        return heavy()


class Later:
    """A prior that is made when its test begins: collecting tests does not import bilby."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


@pytest.fixture
def prior(request: pytest.FixtureRequest) -> Any:
    return request.param.make() if isinstance(request.param, Later) else request.param


def of_black_holes() -> type[PriorDict]:
    from bilby.gw.prior import BBHPriorDict

    return BBHPriorDict


def chosen(prior: Any, **options: Any) -> Choice:
    return choose("prior", prior_given(prior), options)


@pytest.mark.parametrize(
    ("prior", "name", "frame"),
    [
        (heavy, "test_prior_objects.heavy", "detector"),
        (Later(heavy), "bilby.gw.prior.BBHPriorDict", "detector"),
        (Later(lambda: (heavy(), False)), "bilby.gw.prior.BBHPriorDict", "source"),
        (Later(lambda: (heavy(), np.True_)), "bilby.gw.prior.BBHPriorDict", "detector"),
        (in_the_source_frame, "test_prior_objects.in_the_source_frame", "source"),
        (partial(needy, lightest=61), "test_prior_objects.needy", "detector"),
        (lambda: heavy(60), "test_prior_objects.<lambda>", "detector"),
        (Maker(), "test_prior_objects.Maker", "detector"),
        pytest.param(
            *(Later(of_black_holes), "bilby.gw.prior.BBHPriorDict", "detector"),
            id="BBHPriorDict-bilby.gw.prior.BBHPriorDict-detector",
        ),
        (Later(conditional), "bilby.core.prior.dict.ConditionalPriorDict", "detector"),
    ],
    indirect=["prior"],
)
def test_functions_and_prior_dicts_are_priors(prior: Any, name: str, frame: str) -> None:
    choice = chosen(prior)
    made = choice.create()
    assert made.frame == frame
    drawn = made.sample(20, np.random.default_rng(1))
    assert np.all(drawn["mass_1"] >= drawn["mass_2"])
    there = pickle.loads(pickle.dumps(choice))  # noqa: S301 - our own bytes
    assert there == choice
    assert there.create().sample(20, np.random.default_rng(1))["mass_1"].tolist() == drawn["mass_1"].tolist()
    described = choice.describe()
    assert described["options"]["target"] == name
    assert described["code"][name] == {"sha256": choice.identity["sha256"]["target"]}
    assert not re.search(r"0x[0-9a-f]{6}", repr(described) + repr(choice.identity))


def test_options_of_functions_by_path_hold_for_objects_too() -> None:
    assert chosen(heavy, frame="source", cosmology="Planck15").create().frame == "source"
    with pytest.raises(UsageError, match="says that its masses are in the source frame"):
        chosen(in_the_source_frame, frame="detector").create()


@pytest.mark.slow
def test_equal_priors_have_one_identity_and_others_have_another() -> None:
    from bilby.core.prior import PriorDict
    from bilby.gw.prior import BBHPriorDict

    def bounded(most: float) -> Any:
        return lambda _, mass_1: {"minimum": 50, "maximum": np.minimum(mass_1, most)}

    same = [heavy, heavy(), (lambda: heavy(60)), partial(needy, 60), BBHPriorDict(dict(heavy()))]
    assert len({str(chosen(prior).identity) for prior in same}) == 1
    others = [heavy(), heavy(61), (heavy(), True), (heavy(), False), conditional(), conditional(bounded(60))]
    others += [conditional(bounded(70)), PriorDict(dict(heavy()))]
    assert len({str(chosen(prior).identity) for prior in others}) == len(others)
    assert chosen(at_random).identity == chosen(at_random).identity


def test_what_was_given_is_neither_changed_nor_listened_to_any_more() -> None:
    from bilby.core.prior import Uniform

    priors = heavy()
    priors.pop("a_1")
    dict.__setitem__(priors, "a_1", 0.5)
    choice = chosen(priors)
    assert priors["a_1"] == 0.5
    before = choice.identity
    priors["mass_1"] = Uniform(10, 20)
    assert choice.identity == before
    assert choice.create().sample(5, np.random.default_rng(1))["mass_1"].min() >= 60


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (Later(lambda: dict(heavy())), "prior 'builtins.dict' is dict, not a bilby PriorDict"),
        (lambda: dict(heavy()), "returned dict, not a bilby PriorDict"),
        (Later(lambda: (heavy(), "source")), "not a bilby PriorDict or (PriorDict, detector_frame: bool)"),
        (needy, "needs arguments (lightest)"),
        (lambda: 1 / 0, "failed: ZeroDivisionError: division by zero."),
        (None, "prior = None is not allowed: the option must have a value."),
        (5, "prior = 5 is not allowed: it is neither a name nor a function nor a bilby PriorDict."),
    ],
    indirect=["prior"],
)
def test_what_is_no_prior_is_refused_in_one_line(prior: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        aframe_data.training_waveforms(prior=prior, output_file=tmp_path / "w.hdf5", workers=0, **GRID)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_request_holds_the_name_for_its_record() -> None:
    request = TrainingWaveforms(prior=heavy, output_file="w.hdf5", **GRID)
    assert request.arguments["prior"] == "test_prior_objects.heavy"
    assert request == TrainingWaveforms(prior=heavy, output_file="w.hdf5", **GRID)
    assert TrainingWaveforms(prior="nonspin_bbh", output_file="w.hdf5", **GRID).prior == "nonspin_bbh"


@pytest.mark.parametrize("workers", [0, 1])
def test_waveforms_are_made_of_a_function(tmp_path: Path, workers: int) -> None:
    """A lambda too: what it returns travels, not the lambda."""

    def make(prior: Any, *, path: Path, present: bool) -> None:
        report = aframe_data.training_waveforms(prior=prior, output_file=path, workers=workers, **GRID)
        assert (report.num_signals, report.present) == (3, present)

    path = tmp_path / "w.hdf5"
    make(lambda: heavy(60), path=path, present=False)
    make(heavy(), path=path, present=True)
    with pytest.raises(AframeDataError, match="another prior"):
        make(heavy(61), path=path, present=True)
    assert ledger.read_parameters(path)["mass_1"].min() >= 60
    record = ledger.read_record(path) or {}
    name = "test_prior_objects.test_waveforms_are_made_of_a_function.<locals>.<lambda>"
    assert record["arguments"]["prior"] == name
    assert record["prior"]["code"].keys() == {name}


def test_what_cannot_travel_needs_this_process(tmp_path: Path) -> None:
    prior = conditional(lambda _, mass_1: {"minimum": 50, "maximum": mass_1})
    with pytest.raises(UsageError, match=r"cannot be sent to worker processes: .* Use workers=0") as caught:
        aframe_data.training_waveforms(prior=prior, output_file=tmp_path / "w.hdf5", workers=1, **GRID)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    aframe_data.training_waveforms(prior=prior, output_file=tmp_path / "w.hdf5", workers=0, **GRID)
    assert ledger.read_parameters(tmp_path / "w.hdf5")["mass_2"].min() >= 50


@pytest.mark.slow
def test_a_session_can_send_a_function_and_no_functions_inside_of_a_prior(tmp_path: Path) -> None:
    session = """
        import aframe_data
        from aframe_data.errors import UsageError
        from bilby.core.prior import ConditionalPriorDict, ConditionalUniform
        from bilby.gw.prior import BBHPriorDict

        def below(reference_params, mass_1):
            return dict(minimum=5, maximum=mass_1)

        def make(prior, name):
            return aframe_data.training_waveforms(
                prior=prior, num_signals=1, waveform_duration=4, sample_rate=512, output_file=name, workers=1
            )

        print(make(lambda: BBHPriorDict(), "function.hdf5").num_signals)
        priors = ConditionalPriorDict(dict(BBHPriorDict()))
        priors["mass_2"] = ConditionalUniform(condition_func=below, minimum=5, maximum=90)
        try:
            make(priors, "conditions.hdf5")
        except UsageError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(session)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    first, second = done.stdout.splitlines()
    assert first == "1"
    assert "cannot be sent to worker processes: it needs what was typed into this session" in second
    assert [path.name for path in tmp_path.iterdir()] == ["function.hdf5"]
