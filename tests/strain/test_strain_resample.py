"""The resampler: pieces equal the whole, whole-number ratios equal gwpy's, and the filters are as stated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import freqz

from aframe_data.strain.resample import Resampler, StreamResampler, odd_reflection

WHOLE = [(4096, 2048), (4096, 1024), (16384, 2048), (16384, 1024)]
OTHER = [(4096, 3000), (16384, 3000)]
RATIOS = [*WHOLE, *OTHER]


def noise(size: int) -> np.ndarray:
    return np.random.default_rng(5).standard_normal(size) * 1e-21


def stream(resampler: Resampler, blocks: list[np.ndarray], before: np.ndarray | None, after: np.ndarray | None):
    """Everything that comes out of a stream of blocks."""
    running = StreamResampler(resampler)
    running.begin(before, blocks[0])
    return np.concatenate([*(running.feed(block) for block in blocks), running.end(after)])


@pytest.mark.parametrize("rates", RATIOS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_cut_into_blocks_gives_the_bits_of_the_whole(rates: tuple[int, int], data: st.DataObject) -> None:
    rate, _ = rates
    resampler = Resampler(*rates)
    samples = noise(5 * rate)
    cuts = data.draw(st.lists(st.integers(1, 3 * rate - 1), max_size=6, unique=True).map(sorted))
    blocks = np.split(samples[rate : 4 * rate], cuts)
    before, after = samples[:rate], samples[4 * rate :]
    whole = resampler.apply(samples[rate - resampler.context : 4 * rate + resampler.context])
    np.testing.assert_array_equal(stream(resampler, blocks, before, after), whole)


@pytest.mark.parametrize("rates", RATIOS)
def test_a_block_longer_than_what_is_filtered_at_once(rates: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    samples = noise(4 * rates[0])
    whole = stream(Resampler(*rates), [samples], None, None)
    monkeypatch.setattr("aframe_data.strain.resample._SLICE", 1000)
    np.testing.assert_array_equal(stream(Resampler(*rates), [samples], None, None), whole)


@pytest.mark.parametrize("rates", WHOLE)
def test_whole_number_ratios_equal_gwpy_away_from_the_edges(rates: tuple[int, int]) -> None:
    from gwpy.timeseries import TimeSeries

    rate_in, rate_out = rates
    samples = noise(8 * rate_in) + 3e-18 * np.sin(2 * np.pi * 11.0 * np.arange(8 * rate_in) / rate_in)
    theirs = TimeSeries(samples, sample_rate=rate_in).resample(rate_out).value
    ours = stream(Resampler(*rates), np.split(samples, [rate_in, 3 * rate_in]), None, None)
    inside = slice(10, -10)  # half the filter's length, in samples of the output
    rms = np.sqrt(np.mean(theirs**2))
    assert len(ours) == len(theirs)
    assert np.max(np.abs(ours - theirs)[inside]) < 1e-9 * rms


@pytest.mark.slow
@pytest.mark.parametrize("rates", OTHER)
def test_the_polyphase_filter_has_the_stated_bands(rates: tuple[int, int]) -> None:
    resampler = Resampler(*rates)
    rate_up, nyquist = rates[0] * resampler.up, rates[1] / 2
    passed = np.linspace(0, 0.84, 400) * nyquist
    stopped = np.concatenate([np.linspace(1, 1.2, 400), np.linspace(1.2, rate_up / 2 / nyquist, 2000)]) * nyquist
    gain = np.abs(freqz(resampler.taps, worN=passed, fs=rate_up)[1]) / resampler.up
    leak = np.abs(freqz(resampler.taps, worN=stopped, fs=rate_up)[1]) / resampler.up
    assert 1.2e-5 < np.max(np.abs(gain - 1)) < 1.3e-5
    assert 1.1e-5 < np.max(leak) < 1.3e-5


@pytest.mark.parametrize("rates", WHOLE)
def test_the_decimation_filter_has_the_stated_bands(rates: tuple[int, int]) -> None:
    resampler = Resampler(*rates)
    nyquist = rates[1] / 2
    bands = {name: np.linspace(*edges, 400) * nyquist for name, edges in {"pass": (0, 0.84), "stop": (1.2, 2)}.items()}
    gain = {name: np.abs(freqz(resampler.taps, worN=band, fs=rates[0])[1]) for name, band in bands.items()}
    assert 0.003 < np.max(np.abs(gain["pass"] - 1)) < 0.004
    assert 0.001 < np.max(gain["stop"]) < 0.003
    half = np.abs(freqz(resampler.taps, worN=[nyquist], fs=rates[0])[1][0])
    assert half == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("rates", RATIOS)
@pytest.mark.parametrize("fraction", [0.02, 0.4, 0.83])
def test_a_sine_keeps_its_phase_and_amplitude(rates: tuple[int, int], fraction: float) -> None:
    """A delay of a thousandth of an output sample would turn the phase by 1e-4 to 3e-3."""
    rate_in, rate_out = rates
    frequency = fraction * rate_out / 2
    resampler = Resampler(*rates)
    wave = np.exp(2j * np.pi * frequency * np.arange(-rate_in, 3 * rate_in) / rate_in)
    context = resampler.context
    out = resampler.apply(wave.real[rate_in - context : 3 * rate_in + context])
    expected = np.exp(2j * np.pi * frequency * np.arange(2 * rate_out) / rate_out)
    amplitude = 2 * np.mean(out * np.hanning(len(out)) * expected.conj()) / np.mean(np.hanning(len(out)))
    assert len(out) == 2 * rate_out
    assert abs(np.angle(amplitude)) < 2e-5
    assert abs(abs(amplitude) - 1) < (4e-3 if rate_in % rate_out == 0 else 2e-5)


@pytest.mark.parametrize("rates", OTHER)
@pytest.mark.parametrize("fraction", [1.02, 1.2])
def test_what_lies_above_the_new_nyquist_frequency_does_not_fold_back(rates: tuple[int, int], fraction: float) -> None:
    rate_in, rate_out = rates
    wave = np.sin(2 * np.pi * fraction * rate_out / 2 * np.arange(4 * rate_in) / rate_in)
    assert np.max(np.abs(Resampler(*rates).apply(wave))) < 2.6e-5  # two images within the stated 1.3e-5


class TestEdges:
    @pytest.mark.parametrize("rates", RATIOS)
    def test_real_data_beyond_the_edges_is_used(self, rates: tuple[int, int]) -> None:
        rate_in, rate_out = rates
        samples = noise(6 * rate_in)
        whole = stream(Resampler(*rates), [samples], None, None)
        inner = [samples[2 * rate_in : 3 * rate_in], samples[3 * rate_in : 5 * rate_in]]
        part = stream(Resampler(*rates), inner, samples[rate_in : 2 * rate_in], samples[5 * rate_in :])
        np.testing.assert_array_equal(part, whole[2 * rate_out : 5 * rate_out])

    @pytest.mark.parametrize("rates", RATIOS)
    def test_without_it_the_data_is_mirrored_in_time_and_value(self, rates: tuple[int, int]) -> None:
        resampler = Resampler(*rates)
        samples = noise(3 * rates[0])
        count = resampler.context
        left = 2 * samples[0] - samples[count:0:-1]
        right = 2 * samples[-1] - samples[-2 : -count - 2 : -1]
        expected = resampler.apply(np.concatenate([left, samples, right]))
        np.testing.assert_array_equal(stream(resampler, [samples], None, None), expected)

    @pytest.mark.parametrize("rates", RATIOS)
    def test_a_straight_line_stays_one_up_to_the_edges(self, rates: tuple[int, int]) -> None:
        rate_in, rate_out = rates
        line = 5 + np.arange(3 * rate_in) / rate_in
        out = stream(Resampler(*rates), np.split(line, [rate_in]), None, None)
        np.testing.assert_allclose(out, 5 + np.arange(3 * rate_out) / rate_out, rtol=2e-5)

    def test_a_reflection_longer_than_the_data_goes_on_flat(self) -> None:
        np.testing.assert_array_equal(odd_reflection(np.array([1.0, 2.0, 4.0]), 4), [-2, -2, -2, 0])


def test_equal_rates_change_nothing() -> None:
    samples = noise(100)
    np.testing.assert_array_equal(stream(Resampler(4096, 4096), [samples[:40], samples[40:]], None, None), samples)
