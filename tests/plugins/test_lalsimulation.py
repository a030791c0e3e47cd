"""LALSimulation's waveforms: the same samples as SimInspiralTD, in the right place, with failures told apart."""

from __future__ import annotations

import lal
import lalsimulation
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lalsimulation_binaries import REQUEST, Parameters, model, only, population

from aframe_data.plugin.binary import signal_frequencies
from aframe_data.plugin.placement import TAPER_DURATION
from aframe_data.types import FloatArray, WaveformRequest
from aframe_data_plugins.lalsimulation import OFF, approximants


def lal_series(
    approximant: str, parameters: Parameters, index: int, rate: float = REQUEST.sample_rate
) -> tuple[FloatArray, float]:
    """Plus and cross straight from SimInspiralTD with bilby's spins, and the time of the first sample."""
    from bilby.gw.conversion import bilby_to_lalsimulation_spins

    value = {name: float(column[index]) for name, column in parameters.items()}
    mass_1, mass_2 = value["mass_1"] * lal.MSUN_SI, value["mass_2"] * lal.MSUN_SI
    inclination, *spins = bilby_to_lalsimulation_spins(
        theta_jn=value["theta_jn"],
        phi_jl=value["phi_jl"],
        tilt_1=value["tilt_1"],
        tilt_2=value["tilt_2"],
        phi_12=value["phi_12"],
        a_1=value["a_1"],
        a_2=value["a_2"],
        mass_1=mass_1,
        mass_2=mass_2,
        reference_frequency=value["reference_frequency"],
        phase=value["phase"],
    )
    extra = lal.CreateDict()
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda1(extra, value.get("lambda_1", 0.0))
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda2(extra, value.get("lambda_2", 0.0))
    plus, cross = lalsimulation.SimInspiralTD(
        mass_1,
        mass_2,
        *spins,
        value["luminosity_distance"] * 1e6 * lal.PC_SI,
        inclination,
        value["phase"],
        0.0,
        0.0,
        0.0,
        1 / rate,
        value["minimum_frequency"],
        value["reference_frequency"],
        extra,
        lalsimulation.SimInspiralGetApproximantFromString(approximant),
    )
    return np.stack([plus.data.data, cross.data.data]), float(plus.epoch)


def on_grid(series: FloatArray, epoch: float, request: WaveformRequest = REQUEST) -> FloatArray:
    """Put each sample at its time by interpolation-free look-up: independent of `place`."""
    first = request.reference_index + round(epoch * request.sample_rate)
    placed = np.zeros((2, request.size))
    for index in range(max(first, 0), min(first + series.shape[1], request.size)):
        placed[:, index] = series[:, index - first]
    return placed


def untapered(epoch: float) -> slice:
    """The samples of the window that no fade-in touches, for a series that starts at `epoch`."""
    starts_left = epoch < REQUEST.right_pad - REQUEST.duration
    return slice(round(TAPER_DURATION * REQUEST.sample_rate) if starts_left else 0, None)


# --- the same waveform --------------------------------------------------------------------------------

#: Approximant, spins it models, whether it models tides, and the tolerance as a fraction of the peak: the models whose
#: conditioning is done here (see `conditioning`) agree to 3e-4, the others are LAL's own. All at every frequency.


MODELS = [
    ("IMRPhenomPv2", "precessing", False, 3e-4),
    ("IMRPhenomXP", "precessing", False, 3e-4),
    ("IMRPhenomXPHM", "precessing", False, 3e-4),
    ("IMRPhenomXO4a", "precessing", False, 3e-4),
    ("IMRPhenomPv3HM", "precessing", False, 3e-4),
    ("IMRPhenomTPHM", "precessing", False, 1e-12),
    ("SpinTaylorT4", "precessing", False, 1e-12),
    ("IMRPhenomD", "aligned", False, 3e-4),
    ("IMRPhenomHM", "aligned", False, 3e-4),
    ("IMRPhenomXAS", "aligned", False, 3e-4),
    ("IMRPhenomT", "aligned", False, 1e-12),
    ("IMRPhenomXHM", "aligned", False, 3e-4),
    ("TaylorF2", "aligned", False, 1e-12),
    ("TaylorT4", "none", False, 1e-12),
    ("IMRPhenomPv2_NRTidal", "precessing", True, 3e-4),
    ("IMRPhenomXAS_NRTidalv3", "aligned", True, 3e-4),
    ("IMRPhenomD_NRTidal", "aligned", True, 1e-12),
]


@pytest.mark.slow
@pytest.mark.parametrize(("approximant", "spins", "tides", "tolerance"), MODELS)
def test_polarizations_are_those_of_SimInspiralTD(  # noqa: N802 - LAL's spelling
    approximant: str, spins: str, tides: bool, tolerance: float
) -> None:
    parameters = population(3 if tides else 6, seed=7, spins=spins, tides=tides)
    result = model(approximant, whole=True, interpolation=OFF).generate(parameters, REQUEST)
    assert result.failures == {}
    for index in range(len(result.plus)):
        series, epoch = lal_series(approximant, parameters, index)
        expected = on_grid(series, epoch)
        ours = np.stack([result.plus[index], result.cross[index]])
        kept = untapered(epoch)
        np.testing.assert_allclose(ours[:, kept], expected[:, kept], atol=tolerance * abs(expected).max(), rtol=0)
        assert abs(expected).max() > 0


@pytest.mark.parametrize("approximant", sorted(approximants._CONDITIONED_TWICE))
def test_the_conditioning_done_here_gives_the_length_and_epoch_of_LAL(approximant: str) -> None:  # noqa: N802
    tides = "NRTidal" in approximant
    aligned = approximants.find(approximant).spins == lalsimulation.SIM_INSPIRAL_ALIGNEDSPIN
    spins = "aligned" if aligned else "precessing"
    parameters = population(2, seed=3, spins=spins, tides=tides)
    request = WaveformRequest(sample_rate=2048, duration=64, right_pad=2)
    result = model(approximant, interpolation=OFF).generate(parameters, request)
    for index in range(2):
        series, epoch = lal_series(approximant, parameters, index)
        expected = on_grid(series, epoch, request)
        np.testing.assert_allclose(result.plus[index], expected[0], atol=3e-4 * abs(expected).max(), rtol=0)
        # the ends are zeros of the fade; one sample more or less would shift the merger or show here
        assert np.flatnonzero(result.plus[index])[-1] == np.flatnonzero(expected[0])[-1]


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    rate=st.sampled_from([1024.0, 2048.0, 4096.0]),
    total=st.floats(12, 400),
    ratio=st.floats(0.1, 1),
    f_min=st.floats(12, 40),
)
def test_conditioning_agrees_at_any_rate_mass_and_start(rate: float, total: float, ratio: float, f_min: float) -> None:
    masses = {"mass_1": total / (1 + ratio), "mass_2": total * ratio / (1 + ratio)}
    start = {"minimum_frequency": f_min, "reference_frequency": f_min}
    parameters = only(population(1, seed=1), 0, **masses, **start)
    request = WaveformRequest(sample_rate=rate, duration=4, right_pad=2)
    result = model("IMRPhenomXP", interpolation=OFF).generate(parameters, request)
    series, epoch = lal_series("IMRPhenomXP", parameters, 0, rate)
    zero = round(-epoch * rate)
    around = slice(request.reference_index - zero, request.reference_index - zero + series.shape[1])
    lower, upper = max(around.start, round(TAPER_DURATION * rate)), min(around.stop, request.size)
    cut = series[:, lower - around.start : upper - around.start]
    ours = np.stack([result.plus[0], result.cross[0]])[:, lower:upper]
    np.testing.assert_allclose(ours, cut, atol=1e-3 * abs(series).max(), rtol=0)


# --- where it lies ------------------------------------------------------------------------------------


def test_a_model_that_ends_early_is_not_wrapped_around() -> None:
    """IMRPhenomT of 8 and 8 solar masses ends soon after its merger: rolled, its inspiral would follow there."""
    parameters = only(population(1, seed=2, spins="none"), 0, mass_1=8, mass_2=8, theta_jn=0.3)
    parameters["minimum_frequency"], parameters["reference_frequency"] = np.array([20.0]), np.array([50.0])
    result = model("IMRPhenomT").generate(parameters, REQUEST)
    series, epoch = lal_series("IMRPhenomT", parameters, 0)
    zero = round(-epoch * REQUEST.sample_rate)
    assert zero > REQUEST.reference_index  # it starts left of the window
    after = REQUEST.reference_index + series.shape[1] - zero
    assert after < REQUEST.size - 1000  # and ends well before the window does
    assert not result.plus[0, after:].any()
    assert not result.cross[0, after:].any()
    assert result.plus[0, after - 50 : after].any()


@pytest.mark.parametrize("approximant", ["IMRPhenomPv2", "IMRPhenomT", "IMRPhenomXHM"])
def test_a_signal_longer_than_the_window_starts_from_zero(approximant: str) -> None:
    parameters = only(population(1, seed=2, spins="none"), 0, mass_1=6, mass_2=5, theta_jn=0.3)
    parameters["minimum_frequency"], parameters["reference_frequency"] = np.array([20.0]), np.array([50.0])
    result = model(approximant).generate(parameters, REQUEST)
    peak = abs(result.plus[0]).max()
    length = round(TAPER_DURATION * REQUEST.sample_rate)
    assert result.plus[0, 0] == 0
    assert abs(result.plus[0, : length // 8]).max() < 0.01 * peak
    assert abs(result.plus[0, length : 2 * length]).max() > 0.03 * peak


@pytest.mark.parametrize("approximant", ["IMRPhenomD", "IMRPhenomXPHM", "IMRPhenomTPHM"])
def test_the_merger_is_at_the_reference_index(approximant: str) -> None:
    parameters = only(population(1, seed=4, spins="none"), 0, mass_1=36, mass_2=29, theta_jn=0.1)
    result = model(approximant).generate(parameters, REQUEST)
    peak = int(np.argmax(result.plus[0] ** 2 + result.cross[0] ** 2))
    assert abs(peak - REQUEST.reference_index) <= 4  # 2 ms: each model has its own t = 0 near the peak


# --- frequencies and spins ----------------------------------------------------------------------------


def test_spins_are_converted_at_each_signals_own_reference_frequency() -> None:
    """A heavy signal starts and refers to 1899 Hz / M: spins converted at 50 Hz would give another waveform."""
    parameters = only(population(1, seed=5), 0, mass_1=120, mass_2=80, a_1=0.8, a_2=0.6, tilt_1=1.2, tilt_2=0.9)
    f_low, f_ref = signal_frequencies(np.array([200.0]), 20.0, 50.0)
    assert f_ref[0] == f_low[0] < 20
    own = {**parameters, "minimum_frequency": f_low, "reference_frequency": f_ref}
    made = model("IMRPhenomXPHM", interpolation=OFF).generate(own, REQUEST).plus[0]
    peak = abs(made).max()
    series, epoch = lal_series("IMRPhenomXPHM", own, 0)
    assert abs(made - on_grid(series, epoch)[0]).max() < 3e-4 * peak
    mixed = {**own, "reference_frequency": np.array([50.0])}
    at_50, epoch_at_50 = lal_series("IMRPhenomXPHM", mixed, 0)
    assert abs(made - on_grid(at_50, epoch_at_50)[0]).max() > 0.01 * peak


def test_spins_along_the_orbital_angular_momentum_have_no_component_in_the_plane() -> None:
    """tilt = pi has a sine of 1e-16, which LAL's aligned-spin models would refuse."""
    parameters = only(population(1, seed=6, spins="aligned"), 0, tilt_1=np.pi, tilt_2=0.0, a_1=0.5, a_2=0.3)
    generator = model("IMRPhenomD")
    generator.check(parameters, REQUEST)
    result = generator.generate(parameters, REQUEST)
    assert result.failures == {}
    opposite = generator.generate({**parameters, "tilt_1": np.array([0.0])}, REQUEST)
    assert abs(result.plus - opposite.plus).max() > 0.01 * abs(result.plus).max()


def test_tides_come_from_the_prior_and_are_zero_otherwise() -> None:
    parameters = population(1, seed=8, spins="aligned", tides=True)
    generator = model("IMRPhenomD_NRTidalv2")
    tidal = generator.generate(parameters, REQUEST).plus
    without = {name: values for name, values in parameters.items() if not name.startswith("lambda")}
    untidal = generator.generate(without, REQUEST).plus
    zero = generator.generate({**parameters, "lambda_1": np.zeros(1), "lambda_2": np.zeros(1)}, REQUEST).plus
    assert abs(tidal - untidal).max() > 0.01 * abs(tidal).max()
    np.testing.assert_array_equal(untidal, zero)


def test_a_signal_does_not_depend_on_its_neighbours() -> None:
    parameters = population(3, seed=9)
    generator = model("IMRPhenomXPHM")
    together = generator.generate(parameters, REQUEST)
    for index in range(3):
        alone = generator.generate(only(parameters, index), REQUEST)
        np.testing.assert_array_equal(alone.plus[0], together.plus[index])
        np.testing.assert_array_equal(alone.cross[0], together.cross[index])
