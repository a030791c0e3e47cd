"""Interpolated waveforms: those of every frequency within the stated errors, or made in full where that is not sure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np
import pytest
from scipy import fft

from aframe_data.plugin.binary import signal_frequencies
from aframe_data.types import FloatArray, WaveformRequest
from aframe_data_plugins.lalsimulation import OFF, LALSimulationOptions, approximants, high_pass, windows
from aframe_data_plugins.lalsimulation.generator import LALSimulation
from aframe_data_plugins.lalsimulation.interpolated import _MODELS, InterpolatedModel
from aframe_data_plugins.lalsimulation.nodes import nodes, polynomials, to_series

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.types import Polarizations

REQUEST = WaveformRequest(sample_rate=2048, duration=8, right_pad=2)
Parameters = dict[str, FloatArray]

#: What benchmarks/interpolation.py promises over thousands of signals.
MISMATCH, STRAIN = 1e-5, 3e-3


def model(approximant: str, **options: str) -> LALSimulation:
    return LALSimulation(LALSimulationOptions(approximant=approximant, **options))


def binaries(count: int, seed: int, **replaced: float) -> Parameters:
    """Black holes of any spins, light ones and heavy ones."""
    rng = np.random.default_rng(seed)
    total, ratio = np.exp(rng.uniform(np.log(10), np.log(200), count)), rng.uniform(0.1, 0.99, count)
    low, reference = signal_frequencies(total, 20.0, 50.0)
    drawn = {
        "mass_1": total / (1 + ratio),
        "mass_2": total * ratio / (1 + ratio),
        **{name: rng.uniform(0, 0.95, count) for name in ("a_1", "a_2")},
        **{name: np.arccos(rng.uniform(-1, 1, count)) for name in ("tilt_1", "tilt_2", "theta_jn")},
        **{name: rng.uniform(0, 2 * np.pi, count) for name in ("phi_12", "phi_jl", "phase")},
        "luminosity_distance": np.full(count, 800.0),
        "minimum_frequency": low,
        "reference_frequency": reference,
    }
    return drawn | {name: np.full(count, value) for name, value in replaced.items()}


def both_ways(approximant: str, parameters: Parameters, request: WaveformRequest = REQUEST) -> tuple[FloatArray, ...]:
    """Plus and cross, (n, 2, size), by default and at every frequency."""
    return tuple(
        np.stack([made.plus, made.cross], axis=1)
        for made in (
            model(approximant).generate(parameters, request),
            model(approximant, interpolation=OFF).generate(parameters, request),
        )
    )


def mismatch(one: FloatArray, other: FloatArray) -> FloatArray:
    """The larger one of plus and cross in noise that is white from 20 Hz up, without any shift, (n,)."""
    spectra = [fft.rfft(series)[..., 20 * 8 :] for series in (one, other)]
    products = [np.vecdot(a, b).real for a, b in ((spectra[0], spectra[1]), *((s, s) for s in spectra))]
    return (1 - products[0] / np.sqrt(products[1] * products[2])).max(axis=-1)


def difference(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.abs(one - other).max(axis=(1, 2)) / np.abs(other).max(axis=(1, 2))


# --- the same waveforms -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("approximant", sorted(_MODELS))
def test_an_interpolated_waveform_is_that_of_every_frequency(approximant: str) -> None:
    aligned = approximants.find(approximant).spins == lalsimulation.SIM_INSPIRAL_ALIGNEDSPIN
    ours, full = both_ways(approximant, binaries(24, seed=1, **({"tilt_1": 0, "tilt_2": np.pi} if aligned else {})))
    assert mismatch(ours, full).max() < MISMATCH
    assert difference(ours, full).max() < STRAIN
    in_full = np.count_nonzero((ours == full).all(axis=(1, 2)))
    assert in_full <= (2 if approximants.find(approximant).loudest_at_zero else 0)


def test_where_another_sample_may_be_the_loudest_nothing_is_certain() -> None:
    samples = np.zeros((2, 100), np.float32)
    samples[0, 39:42] = 0.9, 1, 0.8
    assert windows._certain_zero(samples, 45, 10, error=0.01) == 40
    assert windows._certain_zero(samples, 45, 10, error=0.06) is None
    assert windows._certain_zero(samples, 60, 10, error=0.01) is None
    samples[1, 80] = 0.99
    assert windows._certain_zero(samples, 45, 10, error=0.01) is None


@pytest.mark.parametrize(
    ("rate", "duration", "right_pad"), [(4096.0, 4.0, 1.0), (1024.0, 64.0, 2.0), (2048.0, 0.25, 0.1)]
)
def test_any_grid_has_the_same_waveforms(rate: float, duration: float, right_pad: float) -> None:
    request = WaveformRequest(rate, duration, right_pad)
    ours, full = both_ways("IMRPhenomXP", binaries(4, seed=2), request)
    assert difference(ours, full).max() < STRAIN
    assert not (ours == full).all(axis=(1, 2)).any()


def test_a_polarization_that_is_hardly_there_is_no_reason_for_every_frequency() -> None:
    """Seen edge on and without spins, a binary has next to no cross polarization."""
    ours, full = both_ways("IMRPhenomXP", binaries(2, seed=3, theta_jn=np.pi / 2, a_1=0, a_2=0))
    assert np.abs(full[:, 1]).max() < 1e-3 * np.abs(full[:, 0]).max()
    assert difference(ours, full).max() < STRAIN
    assert not (ours[:, 0] == full[:, 0]).all(axis=-1).any()


def test_bits_are_those_of_the_signal_alone() -> None:
    """Whatever the batch, and the place in it: a run that is resumed, or shared out otherwise, makes the same file."""
    parameters = binaries(9, seed=4)
    for approximant in ("IMRPhenomPv2", "IMRPhenomXPHM"):
        generator = model(approximant)
        together = generator.generate(parameters, REQUEST)
        for first, stop in ((0, 1), (1, 4), (4, 9)):
            some = generator.generate({name: values[first:stop] for name, values in parameters.items()}, REQUEST)
            np.testing.assert_array_equal(some.plus, together.plus[first:stop])
            np.testing.assert_array_equal(some.cross, together.cross[first:stop])


@pytest.mark.slow
def test_bits_do_not_depend_on_the_threads_of_blas(tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from test_lalsimulation_interpolated import REQUEST, binaries, model\n"
        "made = model('IMRPhenomXPHM').generate(binaries(5, seed=4), REQUEST)\n"
        "np.save(sys.argv[2], np.stack([made.plus, made.cross]))\n"
    )
    made = []
    for threads in ("1", "2"):
        path = tmp_path / f"{threads}.npy"
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        arguments = [sys.executable, "-c", program, str(Path(__file__).parent), str(path)]
        subprocess.run(arguments, check=True, env=environment)
        made.append(np.load(path))
    np.testing.assert_array_equal(*made)


# --- what is made in full -----------------------------------------------------------------------------


def test_equal_masses_are_made_at_every_frequency_where_there_are_higher_modes() -> None:
    """There, LALSimulation's evaluation at chosen frequencies differs from that on its own grid by up to a tenth."""
    ours, full = both_ways("IMRPhenomXPHM", binaries(2, seed=5, mass_1=30, mass_2=30))
    np.testing.assert_array_equal(ours, full)
    ours, full = both_ways("IMRPhenomXP", binaries(2, seed=5, mass_1=30, mass_2=30))
    assert not (ours == full).all()


@pytest.mark.parametrize("limit", ["_WHITENED", "_OF_PEAK"])
def test_a_signal_that_is_not_certain_is_made_at_every_frequency(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, limit, 0.0)
    np.testing.assert_array_equal(*both_ways("IMRPhenomPv2", binaries(3, seed=6)))


def test_too_few_nodes_are_noticed() -> None:
    """With a degree that is too low for any signal, what is kept is still accurate: the rest is made in full."""
    parameters = binaries(12, seed=7)
    coarse = model("IMRPhenomXPHM")
    coarse._interpolated = InterpolatedModel(approximants.find("IMRPhenomXPHM"), degree=2)
    made = coarse.generate(parameters, REQUEST)
    full = model("IMRPhenomXPHM", interpolation=OFF).generate(parameters, REQUEST)
    ours, expected = (np.stack([one.plus, one.cross], axis=1) for one in (made, full))
    assert mismatch(ours, expected).max() < MISMATCH
    assert (ours == expected).all(axis=(1, 2)).any()


def _failures(made: Polarizations) -> dict[int, str]:
    return dict(made.failures)


@pytest.mark.parametrize(
    ("approximant", "change"),
    [
        ("IMRPhenomXPHM", {"lambda_1": 400.0, "lambda_2": 400.0}),
        ("IMRPhenomXPHM", {"a_1": 1.2, "a_2": 0.0, "tilt_1": 0.0}),
        ("IMRPhenomXP", {"mass_1": 600.0, "mass_2": 0.5}),
        ("IMRPhenomPv2", {"luminosity_distance": float("nan")}),
    ],
)
def test_what_fails_at_every_frequency_fails_with_the_same_reason(approximant: str, change: dict[str, float]) -> None:
    parameters = binaries(3, seed=8)
    for name, value in change.items():
        parameters[name] = parameters.get(name, np.zeros(3)).copy()
        parameters[name][1] = value
    ours = model(approximant).generate(parameters, REQUEST)
    full = model(approximant, interpolation=OFF).generate(parameters, REQUEST)
    assert ours.failures.keys() == {1}
    assert _failures(ours) == _failures(full)
    assert ours.plus[0].any()
    assert ours.plus[2].any()


# --- the parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("corner", "rate"), [(20.0, 2048.0), (9.9, 1024.0), (60.0, 4096.0)])
def test_the_high_pass_is_that_of_lal_to_the_last_sample(corner: float, rate: float) -> None:
    length = 8 * high_pass.ringing(corner, rate)
    samples = np.random.default_rng(1).standard_normal((2, length))
    samples[:, : length // 2] = 0
    period = fft.next_fast_len(2 * length, real=True)
    spectra, gain = fft.rfft(samples, n=period), high_pass.gain(rate / period, corner, rate)
    spectra[:, : len(gain)] *= gain
    filtered = fft.irfft(spectra, n=period)[:, :length]
    expected = np.stack([_by_lal(row, corner, rate) for row in samples])
    end = slice(length // 2, None)
    assert np.abs(filtered - expected)[:, end].max() > 1e-2  # a gain alone is not the filter
    high_pass.ends([corner], rate)[corner].correct(filtered, samples)
    assert np.abs(filtered - expected)[:, end].max() < 1e-4


def _by_lal(samples: FloatArray, corner: float, rate: float) -> FloatArray:
    series = lal.CreateREAL8TimeSeries("", lal.LIGOTimeGPS(0), 0, 1 / rate, lal.StrainUnit, len(samples))
    series.data.data = samples
    lal.HighPassREAL8TimeSeries(series, corner, 0.99, 8)
    filtered: FloatArray = series.data.data
    return filtered


def test_a_series_is_exact_for_polynomials_up_to_its_degree() -> None:
    points = np.linspace(-1, 1, 50)
    cubic: Callable[[FloatArray], FloatArray] = lambda x: 1 - 2 * x + 0.5 * x**3  # noqa: E731
    series = cubic(nodes(8)).astype(np.float32) @ to_series(8)
    np.testing.assert_allclose(series @ polynomials(points, 8), cubic(points), atol=1e-5)
    assert np.abs(series[4:]).max() < 1e-6
