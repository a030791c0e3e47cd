"""What goes wrong in the reference implementation's waveforms, and must not here: one test a trap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lal
import lalsimulation
import numpy as np
import pytest
from trap_runs import DURATION, RATE, ZERO, make

from aframe_data.errors import UsageError
from aframe_data.plugin.placement import TAPER_DURATION

if TYPE_CHECKING:
    from pathlib import Path


def made_again(found: dict[str, Any], index: int) -> tuple[np.ndarray, int]:
    """A signal from what the file says alone, by bilby and LAL: plus and cross, and the index of t = 0."""
    from astropy import cosmology
    from bilby.gw.conversion import bilby_to_lalsimulation_spins

    signal = {name: float(values[index]) for name, values in found.items() if name != "provenance" and values.ndim == 1}
    masses = [signal[name] * lal.MSUN_SI for name in ("mass_1", "mass_2")]
    angles = ("theta_jn", "phi_jl", "tilt_1", "tilt_2", "phi_12", "a_1", "a_2")
    inclination, *spins = bilby_to_lalsimulation_spins(
        *(signal[name] for name in angles), *masses, signal["reference_frequency"], signal["phase"]
    )
    universe = getattr(cosmology, found["provenance"]["cosmology"])
    distance = signal.get("luminosity_distance", universe.luminosity_distance(signal["redshift"]).to_value("Mpc"))
    tides = lal.CreateDict()
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda1(tides, signal.get("lambda_1", 0.0))
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda2(tides, signal.get("lambda_2", 0.0))
    series = lalsimulation.SimInspiralTD(
        *masses,
        *(float(spin) for spin in spins),
        distance * 1e6 * lal.PC_SI,
        float(inclination),
        signal["phase"],
        *(0.0, 0.0, 0.0, 1 / RATE),
        signal["minimum_frequency"],
        signal["reference_frequency"],
        tides,
        lalsimulation.GetApproximantFromString(found["provenance"]["generator"]["options"]["approximant"]),
    )
    return np.stack([item.data.data for item in series]), round(-float(series[0].epoch) * RATE)


def assert_made_again(found: dict[str, Any]) -> None:
    """Every signal of a file is what its parameters say, to 3e-3 of its peak, and nothing is where nothing is."""
    for index in range(len(found["mass_1"])):
        series, zero = made_again(found, index)
        first = ZERO - zero
        expected = np.zeros((2, DURATION * RATE))
        kept = slice(max(first, 0), min(first + series.shape[1], DURATION * RATE))
        expected[:, kept] = series[:, kept.start - first : kept.stop - first]
        ours = np.stack([found["plus"][index], found["cross"][index]])
        faded = round(TAPER_DURATION * RATE) if first < 0 else 0
        assert abs(ours - expected)[:, faded:].max() < 3e-3 * abs(series).max()
        assert (abs(ours[:, :faded]) <= abs(expected[:, :faded]) + 3e-3 * abs(series).max()).all()


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two dozen signals of the default prior and model, of which some are heavy and some are long."""
    return make(tmp_path_factory.mktemp("population") / "training.hdf5", num_signals=24)


def test_trap_09_a_model_that_ends_early_is_not_rolled_around(tmp_path: Path) -> None:
    """IMRPhenomT of 8 and 8 solar masses: 14 % of the peak stood after the merger in the reference."""
    prior = tmp_path / "light.prior"
    still = ("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "psi", "phase", "ra", "dec", "theta_jn")
    prior.write_text("\n".join([*(f"{name} = 0" for name in still), "mass_1 = 8", "mass_2 = 8", "redshift = 0.1"]))
    found = make(
        tmp_path / "t.hdf5",
        prior=str(prior),
        num_signals=1,
        waveform_duration=8,
        right_pad=2,
        generator_options={"approximant": "IMRPhenomT"},
    )
    amplitude = np.hypot(found["plus"][0], found["cross"][0])
    assert abs(int(np.argmax(amplitude)) - 6 * RATE) < 3
    assert amplitude[6 * RATE - RATE // 4 : 6 * RATE].min() > 0.05 * amplitude.max()
    assert amplitude[6 * RATE + RATE // 10 :].max() < 1e-3 * amplitude.max()


def test_trap_10_a_long_signal_is_tapered_in(population: dict[str, Any]) -> None:
    long = [index for index in range(24) if made_again(population, index)[1] > ZERO]
    assert long
    for index in long:
        plus, peak = population["plus"][index], abs(population["plus"][index]).max()
        ramp = round(TAPER_DURATION * RATE)
        assert plus[0] == 0
        assert abs(plus[: ramp // 16]).max() < 0.01 * peak
        assert abs(plus[ramp : 4 * ramp]).max() > 2 * abs(plus[: ramp // 4]).max()


def test_trap_11_one_reference_frequency_a_signal_for_spins_and_model(population: dict[str, Any]) -> None:
    """Regenerated from the file alone, heavy signals too; with spins of 50 Hz those would differ."""
    total = population["mass_1"] + population["mass_2"]
    heavy = total > 1899 / 20
    assert heavy.any()
    assert not heavy.all()
    np.testing.assert_allclose(population["minimum_frequency"], np.where(heavy, 1899 / total, 20), rtol=1e-12)
    np.testing.assert_allclose(population["reference_frequency"], np.where(heavy, 1899 / total, 50), rtol=1e-12)
    assert_made_again(population)
    wrong = {**population, "reference_frequency": np.full(24, 50.0)}
    with pytest.raises(AssertionError):
        assert_made_again({name: values if name == "provenance" else values[heavy] for name, values in wrong.items()})


@pytest.mark.parametrize("change", [{"waveform_duration": 4.0001}, {"right_pad": 1.0001}, {"right_pad": 4}])
def test_trap_12_a_grid_that_is_not_whole_is_refused_at_the_start(tmp_path: Path, change: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"duration|right_pad"):
        make(tmp_path / "t.hdf5", num_signals=10**6, **change)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Planck15", "WMAP9"])
def test_trap_13_distances_are_of_the_priors_cosmology_which_is_recorded(tmp_path: Path, name: str) -> None:
    options = {"cosmology": name}
    found = make(tmp_path / "t.hdf5", prior="spin_bbh", prior_options=options, num_signals=3)
    assert found["provenance"]["cosmology"] == name
    assert_made_again(found)
