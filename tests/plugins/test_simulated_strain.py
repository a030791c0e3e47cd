"""The simulated strain: the same samples for any cut, the asked spectrum, and nothing at whole seconds."""

from __future__ import annotations

import tracemalloc
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from aframe_data.errors import UsageError
from aframe_data.plugin.values import resolve
from aframe_data.psd.curves import load_curve
from aframe_data.types import StrainRequest
from aframe_data_plugins.simulated.noise import (
    BLOCK,
    HALF_LENGTH,
    MAIN_LOBE,
    coloured_noise,
    filter_response,
    white_noise,
)
from aframe_data_plugins.simulated.options import DEFAULT_CURVE, StrainOptions
from aframe_data_plugins.simulated.strain import SimulatedStrain

if TYPE_CHECKING:
    from aframe_data.types import FloatArray

GPS = 1_240_579_783
RATE = 256
SPECTRUM_RATE = 2048
SPECTRUM_SECONDS = 4096
# A curve that starts low enough for the small rates that keep these tests quick.
LOW_CURVE = "aLIGODesignSensitivityT1800044"


def fetch(start: int, stop: int, rate: float = RATE, *channels: str, **options: object) -> FloatArray:
    source = SimulatedStrain(resolve(StrainOptions, {"psd": LOW_CURVE, **options}, owner="simulated"))
    channels = channels or ("H1",)
    return source.fetch(StrainRequest(channels, start, stop, rate))[channels[0]].data


@cache
def whole() -> FloatArray:
    return fetch(GPS, GPS + 3 * BLOCK)


@pytest.fixture(scope="module")
def long_stretch() -> FloatArray:
    """An hour at 2048 Hz: 67 MB, which go with the module."""
    source = SimulatedStrain(StrainOptions(seed=11))
    return source.fetch(StrainRequest(("H1",), GPS, GPS + SPECTRUM_SECONDS, SPECTRUM_RATE))["H1"].data


# --- a pure function ------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 3 * BLOCK - 1), max_size=5, unique=True), st.randoms())
def test_pieces_in_any_order_are_bit_equal_to_the_whole(cuts, order):
    edges = [0, *sorted(cuts), 3 * BLOCK]
    pieces = list(pairwise(edges))
    order.shuffle(pieces)
    source = SimulatedStrain(StrainOptions(psd=(LOW_CURVE,)))
    joined = np.full_like(whole(), np.nan)
    for low, high in pieces:
        piece = source.fetch(StrainRequest(("H1",), GPS + low, GPS + high, RATE))["H1"].data
        joined[low * RATE : high * RATE] = piece
    assert np.array_equal(joined, whole())


@pytest.mark.parametrize("rate", [16, 100, 1000, 4096, pytest.param(16384, marks=pytest.mark.slow)])
def test_any_whole_rate_gives_a_cut_that_is_bit_equal(rate):
    border = GPS // BLOCK * BLOCK + BLOCK
    assert np.array_equal(fetch(border - 3, border + 3, rate)[rate : 4 * rate], fetch(border - 2, border + 1, rate))


def test_the_answer_is_the_convolution_of_the_white_noise_across_seconds_and_blocks():
    border = GPS // BLOCK * BLOCK + BLOCK
    curve = load_curve(LOW_CURVE, "psd")
    response = filter_response(curve, RATE)
    coloured = coloured_noise(seed=3, ifo="L1", response=response, rate=RATE, start=border - 4, stop=border + 4)
    seconds = range(border - 4 - HALF_LENGTH, border + 4 + HALF_LENGTH)
    white = np.concatenate([white_noise(3, "L1", second, RATE) for second in seconds])
    impulse = np.roll(np.fft.irfft(response), HALF_LENGTH * RATE)[: 2 * HALF_LENGTH * RATE + 1]
    direct = signal.fftconvolve(white, impulse, mode="valid")[: coloured.size]
    # Two ways through a transform: rounding of 1e-16 of the largest value, times a few.
    assert coloured == pytest.approx(direct[: coloured.size], rel=0, abs=1e-12 * np.abs(direct).max())


def test_the_samples_of_a_seed_stay_what_they_are():
    assert white_noise(0, "H1", GPS, 4) == pytest.approx(
        np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(0, spawn_key=(0x57484954, 0x4831, GPS + 2**31)))
        ).standard_normal(4),
        rel=0,
    )


def test_interferometers_seeds_and_seconds_share_no_noise():
    n = 64 * RATE
    streams = [fetch(GPS, GPS + 64), fetch(GPS, GPS + 64, RATE, "L1"), fetch(GPS, GPS + 64, seed=1)]
    streams.append(fetch(GPS + 64, GPS + 128))
    whitened = [np.diff(stream, 6)[: n - 6] for stream in streams]
    for i, first in enumerate(whitened):
        for second in whitened[:i]:
            correlation = signal.correlate(first, second, method="fft")
            correlation /= np.linalg.norm(first) * np.linalg.norm(second)
            # Noise that is independent correlates like 1/sqrt(n) = 0.008, more where it is coloured.
            assert np.abs(correlation).max() < 0.2
    assert len({white_noise(0, ifo, GPS, 1)[0] for ifo in ("H1", "L1", "V1", "K1", "G1")}) == 5


def test_channels_of_one_interferometer_have_its_noise_and_their_own_names():
    source = SimulatedStrain(StrainOptions())
    answer = source.fetch(StrainRequest(("H1", "H1:GDS-CALIB_STRAIN", "L1"), GPS, GPS + 8, 256))
    assert list(answer) == ["H1", "H1:GDS-CALIB_STRAIN", "L1"]
    other = answer["H1:GDS-CALIB_STRAIN"]
    assert np.array_equal(other.data, answer["H1"].data)
    assert other.data is not answer["H1"].data
    assert (other.ifo, other.channel, other.unit, other.start, other.stop) == (
        "H1",
        "H1:GDS-CALIB_STRAIN",
        "strain",
        GPS,
        GPS + 8,
    )
    assert other.quality is not None
    assert other.quality.bits == ("DATA",)
    assert np.array_equal(other.quality.values, np.ones(8))
    assert (other.pieces[0].start, other.pieces[0].stop) == (GPS, GPS + 8)
    assert DEFAULT_CURVE in other.pieces[0].origin


def test_a_fixed_rate_gives_the_same_noise_at_every_asked_rate():
    options = StrainOptions(rate=1024)
    slow, fast = (
        SimulatedStrain(options).fetch(StrainRequest(("H1",), GPS, GPS + 2, rate))["H1"] for rate in (256, 1024)
    )
    assert slow.sample_rate == fast.sample_rate == 1024
    assert np.array_equal(slow.data, fast.data)


def test_memory_is_the_request_and_a_block():
    rate, seconds = 1024, 20 * BLOCK
    source = SimulatedStrain(StrainOptions())
    source.fetch(StrainRequest(("H1",), GPS, GPS + 1, rate))
    tracemalloc.start()
    source.fetch(StrainRequest(("H1",), GPS, GPS + seconds, rate))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    block = 8 * rate * (BLOCK + 2 * HALF_LENGTH)
    assert peak < 8 * rate * seconds + 6 * block


# --- the spectrum ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_welch_psd_is_within_five_percent_of_the_target(long_stretch):
    # 1023 averages over 8 s; means over 2 Hz (16 bins) have a standard deviation of 0.9 %, so that 5 % are
    # more than five sigma. From 1 Hz above the curve's first frequency: below, the Hann window of the
    # estimate smears the edge.
    curve = load_curve(DEFAULT_CURVE, "psd")
    frequencies, psd = signal.welch(long_stretch, SPECTRUM_RATE, nperseg=8 * SPECTRUM_RATE, detrend=False)
    band = (frequencies > curve.first_frequency + 1) & (frequencies < 0.9 * SPECTRUM_RATE / 2)
    ratio = psd[band] / curve.amplitude(frequencies[band]) ** 2
    ratio = ratio[: ratio.size // 16 * 16].reshape(-1, 16).mean(axis=1)
    assert np.abs(ratio - 1).max() < 0.05
    # The mean of 7280 bins of 1023 averages: 0.05 %, and the filter's own 0.1 %.
    assert abs(ratio.mean() - 1) < 0.005


@pytest.mark.parametrize("rate", [1000, 2048, 4096, 16384])
def test_the_filter_follows_the_default_curve_at_every_frequency(rate):
    curve = load_curve(DEFAULT_CURVE, "psd")
    response = filter_response(curve, rate)
    frequencies = np.linspace(0, rate / 2, response.size)
    band = (frequencies >= curve.first_frequency + 2 * MAIN_LOBE) & (frequencies <= 0.9 * rate / 2)
    target = curve.amplitude(frequencies[band]) * np.sqrt(rate / 2)
    assert np.abs((response[band] / target) ** 2 - 1).max() < 0.05


@pytest.mark.parametrize("name", [DEFAULT_CURVE, LOW_CURVE, "aLIGOZeroDetHighPower", "AdV", "ET_D", "KAGRA_design"])
def test_the_filter_is_zero_below_the_first_frequency(name):
    curve = load_curve(name, "psd")
    response = filter_response(curve, 2048)
    # Ten times finer than the grid on which the filter was made: between its points there is nothing either.
    fine = np.abs(np.fft.rfft(np.roll(np.fft.irfft(response), 16 * 2048)[: 32 * 2048 + 1], n=1280 * 2048))
    below = fine[np.arange(fine.size) / 1280 <= curve.first_frequency]
    assert below.max() < 1e-6 * curve.amplitude(np.array([curve.first_frequency]))[0] * np.sqrt(1024)


@pytest.mark.slow
def test_the_noise_is_zero_below_the_first_frequency(long_stretch):
    # A 16 s Kaiser window with beta = 30 leaks less than 1e-14 from 0.6 Hz away: what is left is in the noise.
    curve = load_curve(DEFAULT_CURVE, "psd")
    frequencies, psd = signal.welch(
        long_stretch[: 512 * SPECTRUM_RATE],
        SPECTRUM_RATE,
        window=("kaiser", 30.0),
        nperseg=16 * SPECTRUM_RATE,
        detrend=False,
    )
    below = frequencies < curve.first_frequency - 0.7
    assert np.sqrt(psd[below].max()) < 1e-6 * curve.amplitude(np.array([curve.first_frequency]))[0]


# --- whole seconds --------------------------------------------------------------------------------------


def steps_by_second(strain: FloatArray) -> FloatArray:
    """Differences of neighbouring samples above the wall of the spectrum, (seconds, rate).

    Column 0 holds the steps from the last sample of a second to the first one of the next.
    """
    sos = signal.butter(8, [60, 900], btype="bandpass", fs=SPECTRUM_RATE, output="sos")
    steps = np.diff(signal.sosfiltfilt(sos, strain))
    return steps[8 * SPECTRUM_RATE - 1 : -8 * SPECTRUM_RATE].reshape(-1, SPECTRUM_RATE)


@pytest.mark.slow
def test_differences_across_whole_seconds_vary_like_any_other(long_stretch):
    steps = steps_by_second(long_stretch)
    variance, sigma = steps.var(axis=0), np.sqrt(2 / len(steps))
    # 4080 values each: a standard deviation of sqrt(2 / 4080) = 2.2 %, and 2048 phases: within five sigma.
    assert np.abs(variance / variance.mean() - 1).max() < 5 * sigma
    assert abs(variance[0] / variance[1:].mean() - 1) < 4 * sigma


@pytest.mark.slow
def test_nothing_repeats_every_second(long_stretch):
    steps = steps_by_second(long_stretch)
    # The mean of 4080 independent seconds at one phase of the second: normal with sigma / sqrt(4080).
    mean = steps.mean(axis=0) / (steps.std() / np.sqrt(len(steps)))
    assert np.abs(mean).max() < 5.5


@pytest.mark.slow
def test_no_comb_at_whole_hertz(long_stretch):
    curve = load_curve(DEFAULT_CURVE, "psd")
    frequencies, psd = signal.welch(long_stretch, SPECTRUM_RATE, nperseg=8 * SPECTRUM_RATE, detrend=False)
    band = (frequencies >= 20) & (frequencies < 900)
    ratio = psd[band] / curve.amplitude(frequencies[band]) ** 2
    comb = frequencies[band] % 1 == 0
    # 880 bins of 1023 averages on the comb: 0.1 %, with the correlation of half-overlapping segments 0.12 %.
    assert abs(ratio[comb].mean() / ratio[~comb].mean() - 1) < 0.006


# --- bad input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "options", "message"),
    [
        (2048.5, {}, "whole sample rate of at least 16 Hz, not 2048.5"),
        (8, {}, "whole sample rate of at least 16 Hz, not 8"),
        (16, {"psd": "aLIGO_O4_high"}, "leaves nothing below the Nyquist frequency of 16 Hz"),
        (4096, {"rate": 2048}, "--simulated-rate: 2048 Hz is below"),
        (2048, {"psd": "L1=AdV"}, "no noise curve for H1, only for L1"),
    ],
)
def test_what_cannot_be_made_is_refused(rate, options, message):
    with pytest.raises(UsageError, match=message):
        SimulatedStrain(resolve(StrainOptions, options, owner="simulated")).fetch(
            StrainRequest(("H1",), GPS, GPS + 1, rate)
        )
