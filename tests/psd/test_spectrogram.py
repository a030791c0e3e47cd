"""What changes in time: bursts, steps and holes, told against the median, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.formats import background, background_names
from aframe_data.psd.background import open_strain
from aframe_data.psd.spectrogram import make_spectrogram, sampled_spectra
from aframe_data.psd.welch import median_welch
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import FloatArray

RATE, START = 1024, 1126259446


def write(folder: Path, samples: FloatArray, rate: int = RATE) -> Path:
    span = Segment(START, START + len(samples) / rate)
    path = folder / background_names.file_name("background", span)
    with background.create(path, ifos=["H1"], segment=span, sample_rate=rate, dtype="float64") as writer:
        writer.append("H1", samples)
        writer.describe({"H1": "H1"}, {})
    return path


def noise(seconds: float, rate: int = RATE) -> FloatArray:
    return 1e-21 * np.random.default_rng(5).standard_normal(round(seconds * rate))


@pytest.mark.parametrize("seconds", [32, 900])
def test_a_burst_is_seen_where_it_is_in_time_and_frequency(tmp_path: Path, seconds: int) -> None:
    samples = noise(seconds)
    times = np.arange(len(samples)) / RATE
    at = 0.7 * seconds
    samples += 5e-21 * np.exp(-(((times - at) / 0.2) ** 2)) * np.sin(2 * np.pi * 200 * times)
    found = make_spectrogram(open_strain(write(tmp_path, samples)), "H1", 10)
    row, column = np.unravel_index(np.argmax(found.ratio), found.ratio.shape)
    width = found.times[1] - found.times[0]
    assert found.times[column] - width <= at <= found.times[column + 1] + width
    # A quarter of a second resolves four hertz.
    assert found.frequencies[row] - 8 <= 200 <= found.frequencies[row + 1] + 8
    assert found.ratio[row, column] > 3
    assert np.median(found.ratio) == pytest.approx(1, abs=0.02)


def test_a_step_in_the_noise_is_told_as_the_ratio_of_amplitudes(tmp_path: Path) -> None:
    samples = noise(600)
    samples[500 * RATE :] *= 3
    found = make_spectrogram(open_strain(write(tmp_path, samples)), "H1", 10)
    middles = (found.times[1:] + found.times[:-1]) / 2
    assert np.median(found.ratio[:, middles > 505]) == pytest.approx(3, rel=0.05)
    assert np.median(found.ratio[:, middles < 495]) == pytest.approx(1, rel=0.05)


def test_a_line_that_stands_still_is_not_seen(tmp_path: Path) -> None:
    samples = noise(64) + 1e-18 * np.sin(2 * np.pi * 60 * np.arange(64 * RATE) / RATE)
    found = make_spectrogram(open_strain(write(tmp_path, samples)), "H1", 10)
    line = np.argmin(abs(found.frequencies - 60))
    assert found.ratio[line] == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("missing", [np.nan, 0.0])
def test_strain_that_is_missing_leaves_a_hole_and_does_not_count(tmp_path: Path, missing: float) -> None:
    samples = noise(200)
    path = write(tmp_path, samples)
    before = sampled_spectra(open_strain(path)).of("H1")
    with h5py.File(path, "a") as file:
        file["H1"][40 * RATE : 160 * RATE] = missing
    file = open_strain(path)
    found = make_spectrogram(file, "H1", 10)
    holes = np.isnan(found.ratio).all(axis=0)
    assert np.array_equal(holes, np.isnan(found.ratio).any(axis=0))
    middles = (found.times[1:] + found.times[:-1]) / 2
    assert holes[(middles > 41) & (middles < 159)].all()
    assert not holes[(middles < 39) | (middles > 161)].any()
    assert np.median(found.ratio[:, ~holes]) == pytest.approx(1, abs=0.02)
    # Nineteen segments of 8 s are left: at one frequency their median scatters by a quarter, over 4000 it does not.
    assert np.median(sampled_spectra(file).of("H1") / before) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("first", [50, 50.5])
def test_segments_with_a_second_that_stands_still_are_no_part_of_the_spectrum(tmp_path: Path, first: float) -> None:
    samples = noise(64)
    still = samples.copy()
    still[round(first * RATE) : round((first + 1) * RATE)] = 0
    found = sampled_spectra(open_strain(write(tmp_path, still)))
    # Segments of 8 s begin every 4 s: those from 44 and from 48 s on hold it.
    others = [samples[start * RATE : (start + 8) * RATE] for start in range(0, 57, 4) if start not in (44, 48)]
    assert np.array_equal(found.of("H1"), median_welch(others, 8 * RATE, RATE))


def test_strain_that_is_missing_throughout_is_a_hole(tmp_path: Path) -> None:
    file = open_strain(write(tmp_path, np.zeros(32 * RATE)))
    assert np.isnan(make_spectrogram(file, "H1", 10).ratio).all()
    assert not sampled_spectra(file).values.any()


def test_the_spectrum_is_that_of_an_estimate_from_all_segments_where_there_are_few(tmp_path: Path) -> None:
    from aframe_data.psd.background import estimate

    file = open_strain(write(tmp_path, noise(64)))
    values = estimate([file], "H1", 8)
    found = sampled_spectra(file)
    assert np.array_equal(found.frequencies, np.arange(len(values)) / 8)
    assert found.of("H1") == pytest.approx(values, rel=1e-12)


@pytest.mark.slow
def test_the_spectrum_of_long_strain_is_a_sample_of_its_segments(tmp_path: Path) -> None:
    samples = noise(4096, rate=128)
    file = open_strain(write(tmp_path, samples, rate=128))
    # Of white noise: two times the variance over the rate.
    assert np.median(sampled_spectra(file).values[:, 1:-1]) == pytest.approx(2e-42 / 128, rel=0.02)


@pytest.mark.parametrize(
    ("seconds", "rate"), [(2, 16), (3, 64), (10, 256), pytest.param(1100, 32, marks=pytest.mark.slow)]
)
def test_files_of_any_length_and_rate_have_a_spectrogram_of_bounded_size(
    tmp_path: Path, seconds: int, rate: int
) -> None:
    file = open_strain(write(tmp_path, noise(seconds, rate), rate))
    spectra = sampled_spectra(file)
    found = make_spectrogram(file, "H1", float(spectra.frequencies[1]))
    rows, columns = found.ratio.shape
    assert (rows + 1, columns + 1) == (len(found.frequencies), len(found.times))
    assert rows * columns <= 500 * 120
    assert (found.times[0], found.times[-1]) == (0, seconds)
    assert found.frequencies[[0, -1]] == pytest.approx([spectra.frequencies[1], rate / 2])
    assert np.isfinite(found.ratio).all()
