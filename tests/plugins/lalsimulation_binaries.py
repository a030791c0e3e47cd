"""Binaries, over the range of the built-in priors or always the same, and LALSimulation's models of them."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from aframe_data.plugin.binary import signal_frequencies
from aframe_data.types import FloatArray, WaveformRequest
from aframe_data_plugins.lalsimulation import AUTO, LALSimulationOptions
from aframe_data_plugins.lalsimulation.generator import LALSimulation

REQUEST = WaveformRequest(sample_rate=2048, duration=8, right_pad=2)
FOUR_SECONDS = WaveformRequest(sample_rate=2048, duration=4, right_pad=1)

Parameters = dict[str, FloatArray]


def model(approximant: str, *, whole: bool = False, interpolation: str = AUTO) -> LALSimulation:
    return LALSimulation(LALSimulationOptions(approximant, interpolation), whole_signals=whole)


def population(n: int, seed: int, *, spins: str = "precessing", tides: bool = False) -> Parameters:
    """Draw binaries over the range of the built-in priors, ready for a generator."""
    rng = np.random.default_rng(seed)
    low, high = (1.0, 2.5) if tides else (5.0, 150.0)
    mass_2, mass_1 = np.sort(rng.uniform(low, high, (2, n)), axis=0)
    tilts = np.arccos(rng.uniform(-1, 1, (2, n)))
    if spins != "precessing":
        tilts = np.where(tilts > np.pi / 2, np.pi, 0.0)
    a = rng.uniform(0, 0.9, (2, n)) if spins != "none" else np.zeros((2, n))
    parameters = {
        "mass_1": mass_1,
        "mass_2": mass_2,
        "a_1": a[0],
        "a_2": a[1],
        "tilt_1": tilts[0],
        "tilt_2": tilts[1],
        "phi_12": rng.uniform(0, 2 * np.pi, n),
        "phi_jl": rng.uniform(0, 2 * np.pi, n),
        "theta_jn": np.arccos(rng.uniform(-1, 1, n)),
        "phase": rng.uniform(0, 2 * np.pi, n),
        "luminosity_distance": rng.uniform(100, 5000, n),
    }
    if tides:
        parameters["lambda_1"], parameters["lambda_2"] = rng.uniform(0, 1000, (2, n))
    minimum_frequency = 60.0 if tides else 20.0
    f_low, f_ref = signal_frequencies(mass_1 + mass_2, minimum_frequency, 70.0 if tides else 50.0)
    return {**parameters, "minimum_frequency": f_low, "reference_frequency": f_ref}


def only(parameters: Parameters, index: int, **changed: float) -> Parameters:
    """One signal of a population, with some of its parameters replaced."""
    values = {name: column[index : index + 1] for name, column in parameters.items()}
    return {**values, **{name: np.array([float(value)]) for name, value in changed.items()}}


def binaries(n: int = 3, **changed: float | list[float]) -> Parameters:
    """Black holes of 30 and 25 solar masses and equal aligned spins, with some parameters replaced."""
    values: dict[str, float | list[float]] = {
        "mass_1": 30.0,
        "mass_2": 25.0,
        "a_1": 0.4,
        "a_2": 0.4,
        "tilt_1": 0.0,
        "tilt_2": 0.0,
        "phi_12": 0.3,
        "phi_jl": 0.2,
        "theta_jn": 0.7,
        "phase": 1.0,
        "luminosity_distance": 1000.0,
        "minimum_frequency": 20.0,
        "reference_frequency": 50.0,
    }
    return {name: np.full(n, 1.0) * value for name, value in (values | changed).items()}


def run_with_binaries(code: str, **environment: str) -> str:
    """Run code that finds `parameters` and `request` in a process of its own, and return what it prints."""
    prelude = (
        "import numpy as np\n"
        "from aframe_data.types import WaveformRequest\n"
        "from aframe_data_plugins.lalsimulation import LALSimulationOptions\n"
        "from aframe_data_plugins.lalsimulation.generator import LALSimulation\n"
        f"parameters = {{k: np.array(v) for k, v in { ({k: v.tolist() for k, v in binaries().items()})!r}.items()}}\n"
        f"request = {FOUR_SECONDS!r}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", prelude + code],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout
