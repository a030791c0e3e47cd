"""Placement moves samples by whole steps, pads with zeros, and fades in what the left edge cuts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.plugin.placement import TAPER_DURATION, fade_in, place, zero_index
from aframe_data.types import WaveformRequest

RATE = 256.0
TAPER = round(TAPER_DURATION * RATE)

requests = st.builds(
    lambda size, pad: WaveformRequest(sample_rate=RATE, duration=size / RATE, right_pad=min(pad, size - 1) / RATE),
    size=st.integers(2, 600),
    pad=st.integers(1, 600),
)


@given(request=requests, length=st.integers(0, 900), zero=st.integers(-300, 1200))
def test_every_sample_goes_to_its_index_or_is_cut(request: WaveformRequest, length: int, zero: int) -> None:
    samples = np.arange(1.0, length + 1)
    placed = place(samples, zero, request)
    assert placed.shape == (request.size,)
    tapered = min(TAPER, request.reference_index) if zero > request.reference_index else 0
    expected = np.zeros(request.size)
    for index in range(request.size):
        source = index - request.reference_index + zero
        if 0 <= source < length:
            expected[index] = samples[source]
    np.testing.assert_array_equal(placed[tapered:], expected[tapered:])
    assert np.all(placed[:tapered] <= expected[:tapered])


@given(request=requests, length=st.integers(1, 900), data=st.data())
def test_the_sample_of_t_zero_is_at_the_reference_index(
    request: WaveformRequest, length: int, data: st.DataObject
) -> None:
    zero = data.draw(st.integers(0, length - 1))
    samples = np.ones(length)
    samples[zero] = 7.0
    placed = place(samples, zero, request)
    assert placed[request.reference_index] == 7.0
    assert np.count_nonzero(placed == 7.0) == 1


@given(request=requests, extra=st.integers(1, 300))
def test_a_signal_that_starts_left_of_the_window_is_faded_in(request: WaveformRequest, extra: int) -> None:
    zero = request.reference_index + extra
    placed = place(np.ones(zero + 500), zero, request)
    length = min(TAPER, request.reference_index)
    np.testing.assert_array_equal(placed[:length], fade_in(length))
    assert length == 0 or placed[0] == 0
    assert np.all(np.diff(placed[: length + 1]) > 0)
    assert placed[request.reference_index] == 1


@given(request=requests, late=st.integers(0, 300))
def test_a_signal_that_starts_inside_the_window_is_not_faded(request: WaveformRequest, late: int) -> None:
    zero = max(request.reference_index - late, 0)
    placed = place(np.ones(zero + 1), zero, request)
    first = request.reference_index - zero
    assert np.all(placed[:first] == 0)
    assert np.all(placed[first : request.reference_index + 1] == 1)
    assert np.all(placed[request.reference_index + 1 :] == 0)


@given(request=requests, zero=st.integers(-300, 1200), n=st.integers(0, 400), dtype=st.sampled_from(["f4", "f8"]))
def test_leading_axes_and_dtype_are_kept(request: WaveformRequest, zero: int, n: int, dtype: str) -> None:
    samples = np.random.default_rng(n).normal(size=(3, 2, n)).astype(dtype)
    placed = place(samples, zero, request)
    assert placed.shape == (3, 2, request.size)
    assert placed.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(placed[1, 0], place(samples[1, 0], zero, request))


def test_the_input_is_left_alone() -> None:
    request = WaveformRequest(sample_rate=RATE, duration=1, right_pad=0.25)
    samples = np.ones(1000)
    place(samples, 900, request)
    assert np.all(samples == 1)


@given(
    index=st.integers(-5000, 5000),
    offset=st.floats(-0.49, 0.49),
    rate=st.sampled_from([2048.0, 4096.0, 1000.0]),
)
def test_zero_index_is_the_nearest_sample(index: int, offset: float, rate: float) -> None:
    epoch = -(index + offset) / rate
    assert zero_index(epoch, rate) == index


def test_of_two_samples_equally_near_the_later_one_is_taken() -> None:
    assert zero_index(-2.5 / 2048, 2048.0) == 3
    assert zero_index(2.5 / 2048, 2048.0) == -2


def test_the_taper_leaks_below_the_high_pass_of_aframe() -> None:
    """Of a steady 20 Hz tone: above 64 Hz the fade-in leaves a hundredth of the power that a cut leaves."""
    request = WaveformRequest(sample_rate=2048.0, duration=8, right_pad=2)
    tone = np.sin(2 * np.pi * 20 * np.arange(4 * request.size) / 2048 + 1.0)
    window = np.ones(request.size)
    window[-4096:] = np.cos(np.linspace(0, np.pi / 2, 4096)) ** 2  # the right edge is not what is measured
    faded = np.abs(np.fft.rfft(place(tone, 3 * request.size, request) * window))
    cut = np.abs(np.fft.rfft(tone[: request.size] * window))
    above = np.fft.rfftfreq(request.size, 1 / 2048) > 64
    assert faded[above].max() < 0.1 * cut[above].max()
    assert (faded[above] ** 2).sum() < 0.01 * (cut[above] ** 2).sum()
