"""The estimate: gwpy's numbers, and the same ones however little memory there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from aframe_data.psd.welch import expected_reads, median_welch, segment_count, used_length
from psd_strain import gwosc_strain, noise

# A budget of 0 is the least there is: 16 numbers of each frequency at a time.
BUDGETS = (0, 10**5, 64 * 2**20)


@pytest.mark.parametrize("name", ["H-H1_LOSC_4_V2-1126259446-32", "L-L1_GWOSC_O3a_4KHZ_R1-1242442952-31"])
def test_real_strain_gives_what_gwpy_gives(shared_data, name):
    from gwpy.timeseries import TimeSeries

    samples, start = gwosc_strain(shared_data / "strain" / f"{name}.hdf5")
    samples = samples[np.isfinite(samples)]
    expected = TimeSeries(samples, t0=start, sample_rate=4096).psd(fftlength=4, method="median", window="hann")
    audible = expected.frequencies.value < 0.9 * 2048
    # Above, the archive's filter left less than the rounding of a transform in double precision.
    rounding = 1e-12 * np.sqrt(expected.value * expected.value.mean())
    for budget in BUDGETS:
        found = median_welch([samples], 4 * 4096, 4096, budget=budget)
        np.testing.assert_allclose(found[audible], expected.value[audible], rtol=1e-10)
        assert np.all(np.abs(found - expected.value) < rounding)
    np.testing.assert_array_equal(np.fft.rfftfreq(4 * 4096, 1 / 4096), expected.frequencies.value)


@given(length=st.integers(16, 4000), size=st.integers(8, 300), seed=st.integers(0, 9), budget=st.sampled_from(BUDGETS))
def test_any_length_and_size_give_what_scipy_gives(length, size, seed, budget):
    size = min(size, length)
    samples = np.random.default_rng(seed).normal(5e-21, 1e-21, length)
    _, expected = signal.welch(samples, 128, "hann", nperseg=size, average="median")
    found = median_welch([samples], size, 128, budget=budget)
    # Where the mean is taken away, next to nothing is left at zero frequency.
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-24 * expected.max())


def test_segments_of_all_stretches_are_put_together_and_none_spans_two():
    stretches = [noise(20, seed=1), noise(9, seed=2), noise(13.5, seed=3)]
    spectrograms = []
    for samples in stretches:
        half = [samples[first : first + 1024] for first in range(0, len(samples) - 1023, 512)]
        spectrograms += [signal.periodogram(part, 256, "hann")[1] for part in half]
    bias = 1 + sum(1 / (2 * i + 1) - 1 / (2 * i) for i in range(1, (len(spectrograms) - 1) // 2 + 1))
    expected = np.median(spectrograms, axis=0) / bias
    np.testing.assert_allclose(median_welch(stretches, 1024, 256), expected, rtol=1e-10, atol=1e-24 * expected.max())


def test_single_precision_does_not_underflow():
    samples = noise(64, level=1e-23)
    exact = median_welch([samples], 1024, 256)
    found = median_welch([samples.astype(np.float32)], 1024, 256)
    # White noise of one-sided density 2 sigma**2 / rate; float32 rounds samples by 6e-8.
    assert np.median(found[5:-5]) == pytest.approx(2e-46 / 256, rel=0.1)
    np.testing.assert_allclose(found[5:-5], exact[5:-5], rtol=1e-4)


@given(length=st.integers(1, 1000), size=st.integers(2, 300))
def test_what_is_used_is_what_the_segments_cover(length, size):
    starts = range(0, max(0, length - size + 1), size - size // 2)
    assert segment_count(length, size) == len(starts)
    assert used_length(length, size) == (starts[-1] + size if starts else 0)


def test_a_stretch_is_read_in_slices_and_never_whole():
    longest = 0

    class Stretch:
        def __len__(self):
            return 10**6

        def __getitem__(self, span):
            nonlocal longest
            longest = max(longest, span.stop - span.start)
            return np.random.default_rng(span.start).normal(size=span.stop - span.start)

    assert np.isfinite(median_welch([Stretch()], 512, 256, budget=10**5)).all()
    assert longest < 3 * 10**5


def test_progress_is_told_for_every_time_that_the_strain_is_read():
    told = []
    median_welch([noise(64)], 512, 256, advance=told.append)
    assert sum(told) == expected_reads(63, 512) == 63


def test_strain_shorter_than_a_segment_is_refused():
    with pytest.raises(ValueError, match="no stretch has the 512 samples of a segment"):
        median_welch([noise(1)], 512, 256)
