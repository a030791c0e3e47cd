"""What LALSimulation cannot do is refused before the work, or told signal by signal; the terminal stays quiet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import lal
import numpy as np
import pytest
from lalsimulation_binaries import FOUR_SECONDS, Parameters, binaries, model, run_with_binaries

from aframe_data.errors import UsageError
from aframe_data_plugins.lalsimulation.signals import draws
from aframe_data_plugins.lalsimulation.suitability import flaw

if TYPE_CHECKING:
    from pathlib import Path


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
        model(approximant).check(parameters, FOUR_SECONDS)


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
    generator.check(parameters, FOUR_SECONDS)
    assert generator.generate(parameters, FOUR_SECONDS).plus.shape == (3, FOUR_SECONDS.size)


def test_one_unlucky_first_signal_does_not_refuse_the_prior() -> None:
    """A mass ratio out of the model's range is that signal's failure, not the prior's."""
    generator = model("IMRPhenomNSBH")
    generator.check(binaries(), FOUR_SECONDS)
    reasons = generator.generate(binaries(), FOUR_SECONDS).failures
    assert "NS mass must be less than or equal to 3 solar masses" in reasons[0]


def without_data(folder: Path, code: str) -> str:
    """Run code in a process whose LAL finds no data files: LAL looks for them once in the life of a process."""
    return run_with_binaries(code, LAL_DATA_PATH=str(folder))


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
    result = generator.generate(parameters, FOUR_SECONDS)
    assert list(result.failures) == [1]
    assert "mass ratio" in result.failures[1]
    assert "\n" not in result.failures[1]
    assert not result.plus[1].any()
    assert not result.cross[1].any()
    good = generator.generate({name: values[[0, 2]] for name, values in parameters.items()}, FOUR_SECONDS)
    np.testing.assert_array_equal(result.plus[[0, 2]], good.plus)
    assert capfd.readouterr() == ("", "")


def test_what_others_write_to_the_terminal_gets_through(capfd: pytest.CaptureFixture[str]) -> None:
    model("IMRPhenomXPHM").generate(binaries(1, mass_1=600.0, mass_2=0.5), FOUR_SECONDS)
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_the_debug_level_of_LAL_is_put_back() -> None:  # noqa: N802
    before = lal.GetDebugLevel()
    model("IMRPhenomXPHM").generate(binaries(2, mass_1=[600.0, 30.0], mass_2=[0.5, 25.0]), FOUR_SECONDS)
    assert lal.GetDebugLevel() == before
    with pytest.raises(UsageError):
        model("IMRPhenomXPHM").check(binaries() | {"lambda_1": np.ones(3)}, FOUR_SECONDS)
    assert lal.GetDebugLevel() == before


@pytest.mark.parametrize(
    ("approximant", "said"),
    [("TaylorF2NLTides", "not finite"), ("SpinTaylorF2", "zero everywhere")],
)
def test_what_LAL_returns_without_complaint_is_judged(approximant: str, said: str) -> None:  # noqa: N802
    """Without its own parameters TaylorF2NLTides is NaN, and SpinTaylorF2 without spin is zero: LAL is content."""
    result = model(approximant).generate(binaries(2, a_1=0.0, a_2=0.0), FOUR_SECONDS)
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
        result = model(approximant).generate(parameters, FOUR_SECONDS)
        assert result.failures == {}
        scale = 60 * lal.MRSUN_SI / (1e9 * lal.PC_SI)
        assert 0.1 * scale < abs(result.plus).max() < 0.5 * scale


def test_the_spectrum_of_a_signal_that_fails_is_nan(capfd: pytest.CaptureFixture[str]) -> None:
    plus, cross = model("IMRPhenomXPHM").spectrum(binaries(2, mass_2=[0.02, 25.0]), np.array([40.0, 50.0]))
    assert np.all(np.isnan(plus[0]))
    assert np.all(np.isnan(cross[0]))
    assert np.all(np.isfinite(plus[1]))
    assert capfd.readouterr().err == ""
