"""What LALSimulation cannot do is refused before the work, or told signal by signal; the terminal stays quiet."""

from __future__ import annotations

import os
import pickle
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import lal
import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.protocols import SpectrumGenerator, WaveformGenerator
from aframe_data.registry.choice import choose
from aframe_data.types import FloatArray, WaveformRequest
from aframe_data_plugins.lalsimulation import LALSimulationOptions, approximants
from aframe_data_plugins.lalsimulation.generator import LALSimulation
from aframe_data_plugins.lalsimulation.signals import draws
from aframe_data_plugins.lalsimulation.suitability import flaw

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = WaveformRequest(sample_rate=2048, duration=4, right_pad=1)
Parameters = dict[str, FloatArray]


def model(approximant: str) -> LALSimulation:
    return LALSimulation(LALSimulationOptions(approximant=approximant))


def binaries(n: int = 3, **changed: float | list[float]) -> Parameters:
    """Equal-spin binaries of 30 and 25 solar masses, spins aligned, with some parameters replaced."""
    values: dict[str, float | list[float]] = {
        "mass_1": 30.0,
        "mass_2": 25.0,
        "a_1": 0.4,
        "a_2": 0.4,
        "tilt_1": 0.0,
        "tilt_2": 0.0,
        "phi_12": 0.3,
        "phi_jl": 0.2,
        "theta_jn": 0.7,
        "phase": 1.0,
        "luminosity_distance": 1000.0,
        "minimum_frequency": 20.0,
        "reference_frequency": 50.0,
    }
    return {name: np.full(n, 1.0) * value for name, value in (values | changed).items()}


# --- names --------------------------------------------------------------------------------------------


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
    assert generator.generate(binaries(1), REQUEST).failures == {}


def test_the_default_is_XPHM() -> None:  # noqa: N802
    assert LALSimulationOptions().approximant == "IMRPhenomXPHM"


def test_a_generator_travels_to_another_process() -> None:
    generator = pickle.loads(pickle.dumps(model("IMRPhenomD")))  # noqa: S301 - our own bytes
    assert generator.generate(binaries(1), REQUEST).failures == {}


def test_listing_the_plugin_imports_neither_lal_nor_numpy() -> None:
    code = "import sys, aframe_data_plugins.lalsimulation; print({'lal', 'lalsimulation', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- before the work ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approximant", "parameters", "said"),
    [
        ("IMRPhenomD", binaries(tilt_1=[0.0, 0.0, 0.3]), "spins in the orbital plane: use a precessing"),
        ("IMRPhenomD", binaries(tilt_2=[0.0, 1.5, 0.0]), "spins in the orbital plane: use a precessing"),
        ("SEOBNRv4_opt", binaries(tilt_1=0.3), "spins in the orbital plane"),
        ("TaylorT4", binaries(), "black holes without spin"),
        ("SpinTaylorF2", binaries(), "has one spin"),
        ("SEOBNRv4P", binaries(tilt_1=0.3), "--reference-frequency equal to --minimum-frequency"),
        ("IMRPhenomXPHM", binaries() | {"lambda_1": np.ones(3), "lambda_2": np.ones(3)}, "Non-zero tidal parameters"),
    ],
)
def test_a_prior_and_an_approximant_that_do_not_go_together_are_refused(
    approximant: str, parameters: Parameters, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        model(approximant).check(parameters, REQUEST)


@pytest.mark.parametrize(
    ("approximant", "parameters"),
    [
        ("IMRPhenomD", binaries()),
        ("IMRPhenomD", binaries(tilt_1=np.pi)),
        ("IMRPhenomD", binaries(a_1=0.0, a_2=0.0, tilt_1=1.0, tilt_2=2.0)),
        ("TaylorT4", binaries(a_1=0.0, a_2=0.0)),
        ("SpinTaylorF2", binaries(a_2=0.0)),
        ("IMRPhenomXPHM", binaries(tilt_1=1.0)),
        ("IMRPhenomPv2_NRTidal", binaries() | {"lambda_1": np.ones(3), "lambda_2": np.ones(3)}),
    ],
)
def test_a_prior_and_an_approximant_that_go_together_pass(approximant: str, parameters: Parameters) -> None:
    generator = model(approximant)
    generator.check(parameters, REQUEST)
    assert generator.generate(parameters, REQUEST).plus.shape == (3, REQUEST.size)


def test_one_unlucky_first_signal_does_not_refuse_the_prior() -> None:
    """A mass ratio out of the model's range is that signal's failure, not the prior's."""
    generator = model("IMRPhenomNSBH")
    generator.check(binaries(), REQUEST)
    reasons = generator.generate(binaries(), REQUEST).failures
    assert "NS mass must be less than or equal to 3 solar masses" in reasons[0]


def without_data(folder: Path, code: str) -> str:
    """Run code in a process whose LAL finds no data files: LAL looks for them once in the life of a process."""
    return run_with_binaries(code, LAL_DATA_PATH=str(folder))


def run_with_binaries(code: str, **environment: str) -> str:
    """Run code that finds `parameters` and `request` in a process of its own, and return what it prints."""
    prelude = (
        "import numpy as np\n"
        "from aframe_data.types import WaveformRequest\n"
        "from aframe_data_plugins.lalsimulation import LALSimulationOptions\n"
        "from aframe_data_plugins.lalsimulation.generator import LALSimulation\n"
        f"parameters = {{k: np.array(v) for k, v in { ({k: v.tolist() for k, v in binaries().items()})!r}.items()}}\n"
        "request = WaveformRequest(2048, 4, 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", prelude + code],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    ("approximant", "file"),
    [
        ("SEOBNRv4_ROM", "SEOBNRv4ROM"),
        ("SEOBNRv4_ROM_NRTidalv2", "SEOBNRv4ROM"),  # alone, LAL ends the process here with a segmentation fault
        ("NRSur7dq4", "NRSur7dq4"),
    ],
)
def test_a_missing_data_file_is_named_with_LAL_DATA_PATH(  # noqa: N802
    tmp_path: Path, approximant: str, file: str
) -> None:
    code = (
        f"generator = LALSimulation(LALSimulationOptions({approximant!r}))\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        generator.check(parameters, request)\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__, error)\n"
        "print(*generator.generate(parameters, request).failures.values(), sep='\\n')\n"
    )
    said = without_data(tmp_path, code).splitlines()
    assert len(said) == 5
    assert all(line.startswith("MissingDependencyError") for line in said[:2])
    assert all(f"the model needs the data file {file}" in line for line in said)
    assert all(f"no folder of LAL_DATA_PATH ({tmp_path}) has it" in line for line in said)


# --- signal by signal ---------------------------------------------------------------------------------


def test_a_signal_that_fails_is_named_and_leaves_the_others_alone(capfd: pytest.CaptureFixture[str]) -> None:
    parameters = binaries(mass_1=[30.0, 120.0, 40.0], mass_2=[25.0, 0.05, 20.0])
    generator = model("IMRPhenomXPHM")
    result = generator.generate(parameters, REQUEST)
    assert list(result.failures) == [1]
    assert "mass ratio" in result.failures[1]
    assert "\n" not in result.failures[1]
    assert not result.plus[1].any()
    assert not result.cross[1].any()
    good = generator.generate({name: values[[0, 2]] for name, values in parameters.items()}, REQUEST)
    np.testing.assert_array_equal(result.plus[[0, 2]], good.plus)
    assert capfd.readouterr() == ("", "")


def test_what_others_write_to_the_terminal_gets_through(capfd: pytest.CaptureFixture[str]) -> None:
    model("IMRPhenomXPHM").generate(binaries(1, mass_1=600.0, mass_2=0.5), REQUEST)
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_the_debug_level_of_LAL_is_put_back() -> None:  # noqa: N802
    before = lal.GetDebugLevel()
    model("IMRPhenomXPHM").generate(binaries(2, mass_1=[600.0, 30.0], mass_2=[0.5, 25.0]), REQUEST)
    assert lal.GetDebugLevel() == before
    with pytest.raises(UsageError):
        model("IMRPhenomXPHM").check(binaries() | {"lambda_1": np.ones(3)}, REQUEST)
    assert lal.GetDebugLevel() == before


@pytest.mark.parametrize(
    ("approximant", "said"),
    [("TaylorF2NLTides", "not finite"), ("SpinTaylorF2", "zero everywhere")],
)
def test_what_LAL_returns_without_complaint_is_judged(approximant: str, said: str) -> None:  # noqa: N802
    """Without its own parameters TaylorF2NLTides is NaN, and SpinTaylorF2 without spin is zero: LAL is content."""
    result = model(approximant).generate(binaries(2, a_1=0.0, a_2=0.0), REQUEST)
    assert sorted(result.failures) == [0, 1]
    assert said in result.failures[0]
    assert not result.plus.any()


def test_a_waveform_stronger_than_any_binary_is_absurd() -> None:
    draw = next(draws(binaries(1)))
    scale = 55 * lal.MRSUN_SI / (1e9 * lal.PC_SI)
    quiet = np.zeros((2, 100))
    quiet[0, 50] = 0.3 * scale
    assert flaw(quiet, draw) is None
    assert "absurd" in str(flaw(quiet * 10, draw))


def test_no_good_waveform_is_taken_for_absurd() -> None:
    """Equal masses, nearly extreme aligned spins, face on: the strongest that there are stay below a half."""
    for approximant in ("IMRPhenomXPHM", "IMRPhenomTPHM", "IMRPhenomXHM"):
        parameters = binaries(1, mass_2=30.0, a_1=0.99, a_2=0.99, theta_jn=0.0)
        result = model(approximant).generate(parameters, REQUEST)
        assert result.failures == {}
        scale = 60 * lal.MRSUN_SI / (1e9 * lal.PC_SI)
        assert 0.1 * scale < abs(result.plus).max() < 0.5 * scale


# --- the spectrum -------------------------------------------------------------------------------------


@pytest.mark.parametrize("approximant", ["IMRPhenomTPHM", "SEOBNRv4_opt", "TaylorF2RedSpin", "IMRPhenomPv3"])
def test_a_model_without_a_spectrum_says_so(approximant: str) -> None:
    generator = model(approximant)
    assert not generator.has_spectrum
    with pytest.raises(UsageError, match="has no spectrum on chosen frequencies"):
        generator.spectrum(binaries(), np.array([40.0, 50.0]))


@pytest.mark.parametrize("approximant", ["IMRPhenomXPHM", "IMRPhenomHM", "TaylorF2", "IMRPhenomXP_NRTidalv3"])
def test_a_model_with_a_spectrum_has_one(approximant: str) -> None:
    generator = model(approximant)
    assert generator.has_spectrum
    plus, cross = generator.spectrum(binaries(2), np.geomspace(30, 100, 5))
    assert plus.shape == cross.shape == (2, 5)
    assert np.all(np.isfinite(plus))
    assert np.all(abs(plus) > 0)


def test_the_spectrum_of_a_signal_that_fails_is_nan(capfd: pytest.CaptureFixture[str]) -> None:
    plus, cross = model("IMRPhenomXPHM").spectrum(binaries(2, mass_2=[0.02, 25.0]), np.array([40.0, 50.0]))
    assert np.all(np.isnan(plus[0]))
    assert np.all(np.isnan(cross[0]))
    assert np.all(np.isfinite(plus[1]))
    assert capfd.readouterr().err == ""


# --- models that use memory which is not theirs -------------------------------------------------------


def test_a_model_with_errors_in_LAL_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:  # noqa: N802
    """TaylorT3 of 30 and 25 solar masses differs from process to process: who uses it must know."""
    light = binaries(1, mass_1=12.0, mass_2=10.0, a_1=0.0, a_2=0.0)
    with caplog.at_level("WARNING", logger="aframe_data"):
        model("TaylorT2").check(light, REQUEST)
        assert "'TaylorT2' has errors in LALSimulation" in caplog.text
        caplog.clear()
        model("TaylorT4").check(light, REQUEST)
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
