"""Ringdowns, and the example's sine-Gaussians, from training waveforms to a campaign; SNRs are those of PyCBC's own.

PyCBC makes the waveforms anew from the files' parameters, projects them and computes their SNRs.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from burst_runs import contents

from aframe_data import timeslide_waveforms, training_waveforms, validation_waveforms

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sine_gaussian"
RATE, DURATION, HIGHPASS = 4096, 4, 32.0
START = 1240579783
GRID: dict[str, Any] = {
    "sample_rate": RATE,
    "waveform_duration": DURATION,
    "right_pad": 2,
    "seed": 11,
    "dtype": "float64",
    "workers": 0,
}
SEARCH: dict[str, Any] = {"ifos": ["H1", "L1", "V1"], "snr_threshold": 6, "highpass": HIGHPASS}


class Sources(NamedTuple):
    """A kind of sources: prior and generator, what PyCBC makes of one signal, and what its files have to say."""

    prior: str
    generator: str
    by_pycbc: Callable[[dict[str, float]], tuple[np.ndarray, np.ndarray]]
    parameters: frozenset[str]


def ringdown(signal: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    from pycbc.waveform.ringdown import get_td_from_freqtau

    frequency, quality = signal["frequency"], signal["quality"]
    # A black hole that radiates a hundredth of its mass, given in seconds, at a distance in light-seconds; PyCBC's
    # amplitude is that of the mode's spherical harmonic.
    factor = 1 - 0.63 * (2 / quality) ** (2 / 3)
    mass, distance = factor / (2 * np.pi * frequency), signal["distance"] * 1.029271250e14
    amplitude = np.sqrt(2.5 * 0.01 / quality / (1 + 7 / 24 / quality**2) / factor) * mass / distance
    plus, cross = get_td_from_freqtau(
        lmns=["221"],
        f_220=frequency,
        tau_220=quality / np.pi / frequency,
        amp220=amplitude / np.sqrt(5 / 16 / np.pi),
        phi220=signal["phase"],
        inclination=signal["theta_jn"],
        delta_t=1 / RATE,
        t_final=1.0,
    )
    return plus.numpy(), cross.numpy()


def sine_gaussian(signal: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    from pycbc.waveform import get_sgburst_waveform

    names = {"q": "quality", "frequency": "frequency", "hrss": "hrss", "eccentricity": "eccentricity"}
    given = {theirs: signal[ours] for theirs, ours in names.items()}
    plus, cross = get_sgburst_waveform(
        **given, polarization=signal["phase"], approximant="SineGaussian", delta_t=1 / RATE
    )
    return plus.numpy(), cross.numpy()


KINDS = {
    "ringdown": Sources(
        "ringdown",
        "damped-sinusoid",
        ringdown,
        frozenset(("frequency", "quality", "distance", "theta_jn", "phase", "ra", "dec", "psi")),
    ),
    "sine-gaussian": Sources(
        "sine-gaussian",
        "sine-gaussian",
        sine_gaussian,
        frozenset(("frequency", "quality", "eccentricity", "phase", "energy", "distance", "hrss", "ra", "dec", "psi")),
    ),
}


@pytest.fixture
def installed(strangers: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's package, as pip would install it."""
    monkeypatch.syspath_prepend(EXAMPLE)
    strangers(distribution="aframe-sine-gaussian", entry_points={"sine-gaussian": "aframe_sine_gaussian"}, source={})


@pytest.fixture
def noise(tmp_path: Path) -> tuple[Path, Any]:
    """The design sensitivity, as a file of ours and as PyCBC has it."""
    from pycbc.psd import aLIGOZeroDetHighPower

    design = aLIGOZeroDetHighPower(DURATION * RATE // 2 + 1, 1 / DURATION, 15)
    path = tmp_path / "design.txt"
    np.savetxt(path, np.column_stack([design.sample_frequencies, design.numpy() ** 0.5])[60:-1])
    return path, design


def snrs_by_pycbc(sources: Sources, found: dict[str, np.ndarray], noise: Any) -> np.ndarray:
    """(n, 3) of a file's signals; its `ra` is the longitude that right ascension is at no sidereal time."""
    from pycbc.detector import Detector
    from pycbc.filter import sigma
    from pycbc.types import TimeSeries

    snrs = np.empty_like(found["parameters/ifo_snrs"])
    names = [name.removeprefix("parameters/") for name in found if name.startswith("parameters/")]
    for row, ifos in enumerate(snrs):
        signal = {name: found[f"parameters/{name}"][row] for name in names if name not in ("ifo_snrs", "shift")}
        plus, cross = sources.by_pycbc(signal)
        for column, ifo in enumerate(SEARCH["ifos"]):
            detector = Detector(ifo)
            longitude = signal["ra"] + detector.gmst_estimate(START)
            factors = detector.antenna_pattern(longitude, signal["dec"], signal["psi"], START)
            strain = np.zeros(DURATION * RATE)
            strain[: len(plus)] = factors[0] * plus + factors[1] * cross
            series = TimeSeries(strain, delta_t=1 / RATE)
            ifos[column] = sigma(series, noise, HIGHPASS, RATE / 2)
    return snrs


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", KINDS)
def test_signals_that_are_no_binaries_go_from_waveforms_to_a_campaign(
    kind: str, noise: tuple[Path, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sources = KINDS[kind]
    recipe = {"prior": sources.prior, "generator": sources.generator, **GRID}
    training_waveforms(**recipe, num_signals=20, output_file=tmp_path / "training.hdf5")
    training = contents(tmp_path / "training.hdf5")
    assert {name.removeprefix("parameters/") for name in training} - {"waveforms/plus", "waveforms/cross"} == (
        sources.parameters
    )
    with caplog.at_level(logging.WARNING, "aframe_data"):
        validation_waveforms(**recipe, **SEARCH, num_signals=12, psd=noise[0], output_file=tmp_path / "val.hdf5")
    assert "Aframe's own readers" in caplog.text
    assert "mass_1" in caplog.text
    timeslide_waveforms(
        **recipe,
        **SEARCH,
        num_signals=12,
        psd=noise[0],
        start=START,
        end=START + 600,
        shifts=[0, 1, 2],
        output_dir=tmp_path / "campaign",
    )
    for path in (tmp_path / "val.hdf5", tmp_path / "campaign" / "waveforms.hdf5"):
        found = contents(path)
        assert {f"parameters/{name}" for name in sources.parameters} <= found.keys()
        np.testing.assert_allclose(
            found["parameters/ifo_snrs"], snrs_by_pycbc(sources, found, noise[1]), rtol=1e-3, err_msg=path.name
        )
    rejected = contents(tmp_path / "campaign" / "rejected-parameters.hdf5")
    assert {f"parameters/{name}" for name in sources.parameters} <= rejected.keys()
    assert (rejected["parameters/snr"] < SEARCH["snr_threshold"]).all()
