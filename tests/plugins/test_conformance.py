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
    channel, other_channel = "H1", "L1"
    start, stop = START, START + 16
    sample_rate = 512


class TestStrangersStrain(StrainFetcherTests):
    name = "steps"
    channel = "L1"
    start, stop = START, START + 8
    sample_rate = 128
    value_at = (START + 3.5, START + 3.5)
    tolerance = 1e-15


class TestStrangersPrior(PriorTests):
    name = "flat"


class TestStrangersModel(WaveformGeneratorTests):
    name = "chirp"
    faded = False


class TestStrangersModelOfOneSignalAtATime(WaveformGeneratorTests):
    name = "lone-chirp"
    faded = False


class TestPrecessingModel(WaveformGeneratorTests):
    name = "lalsimulation"


class TestAlignedTimeDomainModel(WaveformGeneratorTests):
    name = "lalsimulation"
    options = {"approximant": "IMRPhenomT"}  # noqa: RUF012 - as a plugin author writes it
    request = WaveformRequest(1024, 2, 0.5)


ISOTROPIC = ("ra", "dec", "theta_jn", "phase")


class TestEndO3(PriorTests):
    name = "end_o3_ratesandpops"
    isotropic = (*ISOTROPIC, "psi")
    source_masses = (2, 100)


class TestEndO3Bns(PriorTests):
    name = "end_o3_ratesandpops_bns"
    isotropic = (*ISOTROPIC, "psi")
    source_masses = (1, 2.5)


class TestNonspin(PriorTests):
    name = "nonspin_bbh"
    isotropic = ISOTROPIC
    detector_masses = (5, 100)


class TestSpin(PriorTests):
    name = "spin_bbh"
    options = {"cosmology": "Planck18"}  # noqa: RUF012
    isotropic = ISOTROPIC


class TestGaussianMasses(PriorTests):
    name = "gaussian_masses"
    options = {"m1": 35, "m2": 30}  # noqa: RUF012
    isotropic = ISOTROPIC


class TestLogNormalMasses(PriorTests):
    name = "log_normal_masses"
    options = {"m1": 35, "m2": 30, "sigma": 0.5}  # noqa: RUF012


class TestRingdown(PriorTests):
    name = "ringdown"
    sources = "ringdown"


class TestUniformExtrinsic(PriorTests):
    name = "uniform_extrinsic"
    sources = None
    isotropic = ISOTROPIC


class TestUniformSpin(PriorTests):
    name = "uniform_spin"
    sources = None


def test_the_kit_notices_a_fetcher_that_ignores_the_span() -> None:
    class Broken(TestStrangersStrain):
        def ask(self, start: int, stop: int):  # type: ignore[no-untyped-def]
            series = super().ask(start, stop)
            object.__setattr__(series, "data", np.zeros(len(series.data) - 1))
            return series

    with pytest.raises(Exception, match="was asked for"):
        Broken().test_the_answer_is_what_was_asked_for()
