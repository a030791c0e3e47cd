"""The conformance kit, run on the built-in plugins and on a stranger's."""

from __future__ import annotations

import numpy as np
import pytest

from aframe_data.testing import PriorTests, SegmentSourceTests, StrainFetcherTests, WaveformGeneratorTests
from aframe_data.types import WaveformRequest

START = 1240579783


class TestSimulatedSegments(SegmentSourceTests):
    name = "simulated"
    flag = "H1_DATA"
    start, stop = START, START + 864_000


class TestSimulatedStrain(StrainFetcherTests):
    name = "simulated"
    channel = "H1"
    start, stop = START, START + 16
    sample_rate = 512


class TestStrangersStrain(StrainFetcherTests):
    name = "steps"
    channel = "L1"
    start, stop = START, START + 8
    sample_rate = 128


class TestStrangersPrior(PriorTests):
    name = "flat"


class TestStrangersModel(WaveformGeneratorTests):
    name = "chirp"


class TestStrangersModelOfOneSignalAtATime(WaveformGeneratorTests):
    name = "lone-chirp"


class TestPrecessingModel(WaveformGeneratorTests):
    name = "lalsimulation"


class TestAlignedTimeDomainModel(WaveformGeneratorTests):
    name = "lalsimulation"
    options = {"approximant": "IMRPhenomT"}  # noqa: RUF012 - as a plugin author writes it
    request = WaveformRequest(1024, 2, 0.5)


@pytest.mark.parametrize(
    ("name", "options", "binary"),
    [
        ("end_o3_ratesandpops", {}, True),
        ("end_o3_ratesandpops_bns", {}, True),
        ("nonspin_bbh", {}, True),
        ("spin_bbh", {"cosmology": "Planck18"}, True),
        ("gaussian_masses", {"m1": 35, "m2": 30}, True),
        ("log_normal_masses", {"m1": 35, "m2": 30, "sigma": 0.5}, True),
        ("ringdown", {}, False),
        ("uniform_extrinsic", {}, False),
        ("uniform_spin", {}, False),
    ],
)
def test_built_in_priors_keep_the_contract(name: str, options: dict[str, object], *, binary: bool) -> None:
    kit = type("Kit", (PriorTests,), {"name": name, "options": options, "binary": binary})()
    kit.test_it_is_registered_by_an_entry_point()
    kit.test_its_class_has_the_methods_of_its_kind()
    kit.test_its_choice_travels_to_worker_processes()
    kit.test_every_option_says_what_it_is()
    kit.test_record_and_object_agree()
    kit.test_a_draw_has_every_parameter(1)
    kit.test_a_draw_is_a_function_of_its_generator()
    kit.test_it_gives_what_binary_waveforms_need()


def test_the_kit_notices_a_fetcher_that_ignores_the_span() -> None:
    class Broken(TestStrangersStrain):
        def ask(self, start: int, stop: int):  # type: ignore[no-untyped-def]
            series = super().ask(start, stop)
            object.__setattr__(series, "data", np.zeros(len(series.data) - 1))
            return series

    with pytest.raises(Exception, match="was asked for"):
        Broken().test_the_answer_is_what_was_asked_for()
