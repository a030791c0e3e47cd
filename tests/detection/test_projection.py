"""What is moved by a delay lands where it belongs, to the fraction of a sample, and nothing else is there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.detection.detectors import LARGEST_DELAY, antenna_response, arrival_delays, sidereal_time
from aframe_data.detection.projection import padded, project
from aframe_data.plugin.placement import TAPER_DURATION, fade_in, place
from aframe_data.types import FloatArray, WaveformRequest

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 256.0
TAPER = round(TAPER_DURATION * RATE)
FURTHEST = math.floor(LARGEST_DELAY * RATE)
GPS = 1_240_579_783.4

requests = st.builds(
    lambda size, pad: WaveformRequest(sample_rate=RATE, duration=size / RATE, right_pad=min(pad, size - 1) / RATE),
    size=st.integers(2, 600),
    pad=st.integers(1, 600),
)


def left_of(request: WaveformRequest) -> int:
    """Samples by which the padded window is wider on the left."""
    return padded(request).reference_index - request.reference_index


def alone(plus: FloatArray, request: WaveformRequest, delay: float = 0.0) -> FloatArray:
    """One plus polarization in one detector that sees it in full."""
    values = {"plus": plus[None], "cross": np.zeros((1, plus.size))}
    return project(values, request, np.array([[[1.0, 0.0]]]), np.array([[delay]]))[0, 0]


# --- the window -----------------------------------------------------------------------------------------


@given(
    size=st.integers(2, 100_000),
    pad=st.integers(1, 100_000),
    rate=st.sampled_from([256.0, 1000.0, 2048.0, 4096.0, 16384.0]),
)
def test_the_padded_window_has_room_for_every_delay_and_for_the_fade_in(size: int, pad: int, rate: float) -> None:
    request = WaveformRequest(sample_rate=rate, duration=size / rate, right_pad=min(pad, size - 1) / rate)
    wide = padded(request)
    left = wide.reference_index - request.reference_index
    right = wide.size - request.size - left
    assert wide.sample_rate == rate
    assert left >= (LARGEST_DELAY + TAPER_DURATION) * rate
    assert right >= LARGEST_DELAY * rate
    for samples in (wide.duration * rate, wide.right_pad * rate):
        assert samples == pytest.approx(round(samples), abs=1e-9 * samples)


# --- whole samples --------------------------------------------------------------------------------------


@given(request=requests, shift=st.integers(-FURTHEST, FURTHEST), data=st.data())
def test_a_sample_goes_where_its_delay_puts_it_and_never_around_an_edge(
    request: WaveformRequest, shift: int, data: st.DataObject
) -> None:
    size = padded(request).size
    near_an_edge = st.one_of(st.integers(0, min(60, size - 1)), st.integers(max(size - 60, 0), size - 1))
    index = data.draw(st.one_of(st.integers(0, size - 1), near_an_edge))
    impulse = np.zeros(size)
    impulse[index] = 1.0
    expected = np.zeros(request.size)
    landed = index - left_of(request) + shift
    if 0 <= landed < request.size:
        expected[landed] = 1.0
    # rounding of the Fourier transforms
    np.testing.assert_allclose(alone(impulse, request, shift / RATE), expected, rtol=0, atol=1e-12)


@given(request=requests, seed=st.integers(0, 100), data=st.data())
def test_both_polarizations_of_many_signals_are_weighed_for_each_detector(
    request: WaveformRequest, seed: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    left, size = left_of(request), padded(request).size
    # from the window's first sample on, and not earlier: nothing is faded in for delays that are not negative
    waves = {name: np.where(np.arange(size) < left, 0, rng.normal(size=(3, size))) for name in ("plus", "cross")}
    antenna = rng.uniform(-1, 1, (3, 2, 2))
    shifts = np.array(data.draw(st.lists(st.integers(0, FURTHEST), min_size=6, max_size=6))).reshape(3, 2)
    responses = project(waves, request, antenna, shifts / RATE)
    assert responses.shape == (3, 2, request.size)
    assert responses.dtype == np.float64
    for signal in range(3):
        for ifo in range(2):
            start = left - shifts[signal, ifo]
            plus, cross = (waves[name][signal, start : start + request.size] for name in ("plus", "cross"))
            expected = antenna[signal, ifo, 0] * plus + antenna[signal, ifo, 1] * cross
            # rounding of the Fourier transforms
            np.testing.assert_allclose(responses[signal, ifo], expected, rtol=0, atol=1e-12)


def test_single_precision_polarizations_are_moved_in_double_precision() -> None:
    request = WaveformRequest(sample_rate=RATE, duration=1, right_pad=0.25)
    plus = np.random.default_rng(1).normal(size=padded(request).size).astype(np.float32)
    moved = alone(plus, request, 5 / RATE)
    start = left_of(request) - 5
    np.testing.assert_allclose(moved[TAPER:], plus[start : start + request.size][TAPER:], rtol=0, atol=1e-12)


# --- fractions of a sample ------------------------------------------------------------------------------


def packet(times: FloatArray) -> FloatArray:
    """Return a sine of 40 Hz in a Gaussian of 25 ms: at 128 Hz its spectrum has fallen to exp(-95) of its peak."""
    return np.exp(-0.5 * (times / 0.025) ** 2) * np.sin(2 * np.pi * 40 * times + 0.3)


@given(delay=st.floats(-LARGEST_DELAY, LARGEST_DELAY))
def test_a_delay_is_exact_for_a_band_limited_signal(delay: float) -> None:
    request = WaveformRequest(sample_rate=RATE, duration=2, right_pad=1)
    wide = padded(request)
    # starts inside the window: the Gaussian is cut at 20 widths, where it is 1e-87
    times = (np.arange(wide.size) - wide.reference_index) / RATE
    values = np.where(np.abs(times) < 0.5, packet(times), 0.0)
    expected = packet((np.arange(request.size) - request.reference_index) / RATE - delay)
    np.testing.assert_allclose(alone(values, request, delay), expected, rtol=0, atol=1e-10)


# --- the left edge --------------------------------------------------------------------------------------


@given(request=requests, length=st.integers(0, 900), zero=st.integers(-300, 1200), seed=st.integers(0, 100))
def test_at_the_geocentre_a_signal_is_what_place_makes_of_it(
    request: WaveformRequest, length: int, zero: int, seed: int
) -> None:
    series = np.random.default_rng(seed).uniform(0.5, 1, length)
    expected = place(series, zero, request)
    np.testing.assert_allclose(alone(place(series, zero, padded(request)), request), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("start", "shift", "faded"), [(0, 0, False), (0, -1, True), (-1, 0, True), (-3, 3, False)])
def test_what_starts_left_of_the_window_in_that_detector_is_faded_in(start: int, shift: int, faded: bool) -> None:
    request = WaveformRequest(sample_rate=RATE, duration=2, right_pad=1)
    plus = np.zeros(padded(request).size)
    plus[left_of(request) + start :] = 1.0
    moved = alone(plus, request, shift / RATE)
    expected = np.ones(request.size)
    if faded:
        expected[:TAPER] = fade_in(TAPER)
    np.testing.assert_allclose(moved, expected, rtol=0, atol=1e-12)


def test_a_fraction_of_a_sample_decides_for_each_detector() -> None:
    request = WaveformRequest(sample_rate=RATE, duration=2, right_pad=1)
    size, left = padded(request).size, left_of(request)
    waves = {"plus": np.zeros((1, size)), "cross": np.zeros((1, size))}
    waves["cross"][0, left:] = np.sin(np.arange(size - left) / 10 + 1)
    early_and_late = np.array([[-0.01, 0.01]]) / RATE
    early, late = project(waves, request, np.array([[[0.5, 1.0], [0.5, 1.0]]]), early_and_late)[0]
    assert early[0] == 0
    assert abs(late[0]) > 0.5


def test_the_fade_in_ends_where_the_signal_s_zero_arrives() -> None:
    """With little before t = 0, the fade-in is as long as there is room for in that detector."""
    request = WaveformRequest(sample_rate=RATE, duration=1, right_pad=1 - 10 / RATE)
    plus = np.ones(padded(request).size)
    expected = np.ones(request.size)
    expected[:7] = fade_in(7)
    np.testing.assert_allclose(alone(plus, request, -3 / RATE), expected, rtol=0, atol=1e-12)


def test_a_silent_signal_stays_silent() -> None:
    request = WaveformRequest(sample_rate=RATE, duration=1, right_pad=0.25)
    assert not alone(np.zeros(padded(request).size), request, 0.01).any()


# --- what is refused ------------------------------------------------------------------------------------


def test_polarizations_on_another_window_are_refused() -> None:
    request = WaveformRequest(sample_rate=RATE, duration=1, right_pad=0.25)
    with pytest.raises(ValueError, match="see padded"):
        alone(np.zeros(request.size), request)


@pytest.mark.parametrize("delay", [0.022, -0.022, math.nan])
def test_a_delay_that_no_detector_on_earth_has_is_refused(delay: float) -> None:
    request = WaveformRequest(sample_rate=RATE, duration=1, right_pad=0.25)
    with pytest.raises(ValueError, match="no delay may be longer"):
        alone(np.zeros(padded(request).size), request, delay)


# --- real signals ---------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("ifo", ["H1", "L1"])
def test_the_response_to_a_real_signal_is_bilby_s(
    signals: Callable[..., tuple[dict[str, FloatArray], dict[str, FloatArray], object]],
    request_2048: WaveformRequest,
    ifo: str,
) -> None:
    from bilby.gw.detector import get_empty_interferometer

    parameters, waves, _ = signals("end_o3_ratesandpops", "IMRPhenomXPHM", 64)
    wide, left = padded(request_2048), left_of(request_2048)
    gmst = sidereal_time(np.array([GPS]))[0]
    sky = [parameters[name] for name in ("ra", "dec")]
    antenna, delays = antenna_response((ifo,), *sky, parameters["psi"], gmst), arrival_delays((ifo,), *sky, gmst)
    responses = project(waves, request_2048, antenna, delays)
    detector = get_empty_interferometer(ifo)
    detector.minimum_frequency, detector.maximum_frequency = 0.0, wide.sample_rate / 2
    # one period of bilby's begins when the first sample of the padded window passes the geocentre
    detector.strain_data.set_from_frequency_domain_strain(
        np.zeros(wide.size // 2 + 1), wide.sample_rate, wide.duration, start_time=GPS
    )
    after_the_fade_in = slice(round(TAPER_DURATION * wide.sample_rate), None)
    for index, response in enumerate(responses[:, 0]):
        spectra = {name: np.fft.rfft(values[index]) for name, values in waves.items()}
        place_and_time = {name: parameters[name][index] for name in ("ra", "dec", "psi")} | {"geocent_time": GPS}
        expected = np.fft.irfft(detector.get_detector_response(spectra, place_and_time), n=wide.size)
        expected = expected[left : left + request_2048.size]
        error = np.linalg.norm((response - expected)[after_the_fade_in]) / np.linalg.norm(expected)
        # a light binary is cut off at the Nyquist frequency, where no fraction of a sample is defined, and bilby's
        # period has no zeros: 1e-3 of the lightest one, 1e-5 of most (the overlap is 1 - error² / 2)
        assert error < 3e-3


@pytest.mark.slow
@pytest.mark.parametrize("approximant", ["IMRPhenomXPHM", "IMRPhenomPv2"])
def test_before_a_real_signal_starts_there_is_next_to_nothing(
    signals: Callable[..., tuple[dict[str, FloatArray], dict[str, FloatArray], object]],
    request_2048: WaveformRequest,
    approximant: str,
) -> None:
    parameters, waves, _ = signals("end_o3_ratesandpops", approximant, 64)
    sky = [parameters[name] for name in ("ra", "dec")]
    delays = arrival_delays(("H1", "L1"), *sky)
    responses = project(waves, request_2048, antenna_response(("H1", "L1"), *sky, parameters["psi"]), delays)
    starts = (waves["plus"] != 0).argmax(axis=1) - left_of(request_2048)
    arrivals = np.floor(starts[:, None] + delays * request_2048.sample_rate).astype(int)
    inside = np.argwhere(arrivals > 0)
    assert len(inside) > 40
    for signal, ifo in inside:
        response = np.abs(responses[signal, ifo])
        # heavy signals end with a step, which rings through the window like 1 / k: 7e-6 of the peak at worst
        assert response[: arrivals[signal, ifo]].max() < 1e-4 * response.max()
