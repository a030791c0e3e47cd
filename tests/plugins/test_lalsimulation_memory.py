"""Models that use memory which is not theirs are warned of or kept from it: no signal depends on what it held."""

from __future__ import annotations

import platform
import sys

import numpy as np
import pytest
from lalsimulation_binaries import FOUR_SECONDS, binaries, model, run_with_binaries


def test_a_model_with_errors_in_LAL_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:  # noqa: N802
    """TaylorT3 of 30 and 25 solar masses differs from process to process: who uses it must know."""
    light = binaries(1, mass_1=12.0, mass_2=10.0, a_1=0.0, a_2=0.0)
    with caplog.at_level("WARNING", logger="aframe_data"):
        model("TaylorT2").check(light, FOUR_SECONDS)
        assert "'TaylorT2' has errors in LALSimulation" in caplog.text
        caplog.clear()
        model("TaylorT4").check(light, FOUR_SECONDS)
        assert caplog.text == ""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the memory is checked by glibc")
@pytest.mark.parametrize("approximant", ["IMRPhenomPv2_NRTidal", "IMRPhenomPv2_NRTidalv2"])
def test_spectra_beyond_the_end_of_a_model_write_into_no_memory_of_others(approximant: str) -> None:
    """LALSimulation ends the process here: of black holes, most nodes of an estimate lie beyond this model's end."""
    code = (
        "nodes = [np.geomspace(20, 1000, 32), np.geomspace(10, 4000, 230), np.array([30.0, 5000.0]), np.array([9e3])]\n"
        "heavy = parameters | {'mass_1': np.array([30.0, 300, 1.4]), 'mass_2': np.array([25.0, 200, 1.3])}\n"
        f"generator = LALSimulation(LALSimulationOptions({approximant!r}))\n"
        "spectra = [generator.spectrum(heavy, some)[0] for some in nodes]\n"
        "print(*(np.isfinite(plus).all(axis=1).astype(int) for plus in spectra))\n"
    )
    said = run_with_binaries(code, LD_PRELOAD="libc_malloc_debug.so.0", MALLOC_CHECK_="3")
    assert said == "[1 1 1] [1 1 1] [0 0 1] [0 0 0]\n"


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the memory is filled by glibc")
@pytest.mark.parametrize("approximant", ["IMRPhenomXAS_NRTidalv3", "IMRPhenomXP_NRTidalv3"])
def test_a_spectrum_may_begin_anywhere_and_depends_on_no_memory(approximant: str) -> None:
    """LALSimulation ends the process where the first frequency is near the merger, and leaves its phase to chance."""
    code = (
        "mass = 2.7 * 4.925491e-6\n"
        "stars = parameters | {'mass_1': 0 * parameters['mass_1'] + 1.4, 'mass_2': 0 * parameters['mass_1'] + 1.3}\n"
        "stars |= {'lambda_1': 0 * stars['mass_1'] + 400, 'lambda_2': 0 * stars['mass_1'] + 600}\n"
        f"generator = LALSimulation(LALSimulationOptions({approximant!r}))\n"
        "for nodes in ([0.01], [0.01, 0.011], [0.04], [0.1, 0.2], [0.3], [0.5, 0.6]):\n"
        "    plus, cross = generator.spectrum(stars, np.array(nodes) / mass)\n"
        "    print(nodes, np.isfinite(plus).all(), plus[:, :2].tolist(), cross[:, :2].tolist())\n"
    )
    said = [run_with_binaries(code, MALLOC_PERTURB_=byte) for byte in ("0", "85", "170")]
    assert said[0].count("True") == 6
    assert said[0] == said[1] == said[2]


def test_beyond_its_end_a_spectrum_is_zero_and_below_it_what_it_was() -> None:
    """The end is G M f / c³ = 0.2, 738 Hz for 55 solar masses."""
    nodes = np.array([20.0, 60.0, 200.0, 730.0, 745.0, 2000.0])
    plus, cross = model("IMRPhenomPv2_NRTidalv2").spectrum(binaries(1), nodes)
    below = model("IMRPhenomPv2_NRTidalv2").spectrum(binaries(1), nodes[:4])
    np.testing.assert_array_equal(plus[:, :4], below[0])
    np.testing.assert_array_equal(cross[:, :4], below[1])
    assert np.all(plus[:, :3] != 0)
    assert not plus[:, 4:].any()
    assert not cross[:, 4:].any()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="MALLOC_PERTURB_ is glibc's")
def test_a_signal_does_not_depend_on_what_the_memory_held() -> None:
    """glibc fills memory with the byte of MALLOC_PERTURB_: a model that reads what it never wrote would show it."""
    code = (
        "import hashlib\n"
        "for name in ('IMRPhenomXPHM', 'IMRPhenomPv2', 'IMRPhenomXO4a', 'IMRPhenomD', 'IMRPhenomTPHM', 'TaylorT4'):\n"
        "    a = 0.0 if name == 'TaylorT4' else parameters['a_1']\n"
        "    heavy = parameters | {'mass_1': parameters['mass_1'] * [0.4, 1, 3], 'a_1': a, 'a_2': a} | {\n"
        "        'mass_2': parameters['mass_2'] * [0.4, 0.3, 3], 'minimum_frequency': np.array([20.0, 20, 11])}\n"
        "    heavy = {k: np.broadcast_to(v, 3) for k, v in heavy.items()}\n"
        "    made = LALSimulation(LALSimulationOptions(name)).generate(heavy, request)\n"
        "    print(name, made.failures, hashlib.sha256(made.plus.tobytes() + made.cross.tobytes()).hexdigest())\n"
    )
    zeros, sevens, high = (run_with_binaries(code, MALLOC_PERTURB_=byte) for byte in ("0", "7", "123"))
    assert zeros.count("{}") == 5  # TaylorT4 of the heavy ones starts too low for LAL
    assert zeros == sevens == high
