"""Which approximants of LALSimulation can be chosen, and how a generator of one is got."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from lalsimulation_binaries import FOUR_SECONDS, binaries, model

from aframe_data.errors import UsageError
from aframe_data.plugin.protocols import SpectrumGenerator, WaveformGenerator
from aframe_data.registry.choice import choose
from aframe_data_plugins.lalsimulation import LALSimulationOptions, approximants


def test_an_unknown_approximant_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UsageError, match=r"unknown approximant 'IMRPhenomXPMH'\. Did you mean .*'IMRPhenomXPHM'"):
        model("IMRPhenomXPMH")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SEOBNRv5PHM", "not available in LALSimulation itself: pyseobnr"),
        ("NR_hdf5", "cannot follow a prior"),
        ("EOB", "unknown approximant 'EOB'"),
        ("imrphenomd", "Did you mean 'IMRPhenomD'"),
    ],
)
def test_a_name_that_cannot_be_used_says_why(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        model(name)


def test_every_approximant_of_either_domain_can_be_chosen() -> None:
    assert len(approximants.names()) > 70
    for name in approximants.names():
        found = approximants.find(name)
        assert found.name == name
        assert not (found.conditioned_twice and name not in approximants._CONDITIONED_TWICE)


def test_it_is_found_through_its_entry_point_by_the_reference_spelling() -> None:
    choice = choose("waveforms", "lalsimulation", {"waveform_approximant": "IMRPhenomD"})
    generator = choice.create()
    assert isinstance(generator, WaveformGenerator)
    assert isinstance(generator, SpectrumGenerator)
    assert generator.generate(binaries(1), FOUR_SECONDS).failures == {}


def test_the_default_is_XPHM() -> None:  # noqa: N802
    assert LALSimulationOptions().approximant == "IMRPhenomXPHM"


def test_a_generator_travels_to_another_process() -> None:
    generator = pickle.loads(pickle.dumps(model("IMRPhenomD")))  # noqa: S301 - our own bytes
    assert generator.generate(binaries(1), FOUR_SECONDS).failures == {}


def test_listing_the_plugin_imports_neither_lal_nor_numpy() -> None:
    code = "import sys, aframe_data_plugins.lalsimulation; print({'lal', 'lalsimulation', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
