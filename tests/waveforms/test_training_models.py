"""Training waveforms with the built-in model and the user's own priors: what the file says is what was made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import training_waveforms
from aframe_data.errors import WorkerDiedError
from aframe_data.formats import ledger
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe
from aframe_data.waveforms.request import recipe_of

if TYPE_CHECKING:
    from pathlib import Path

RATE, DURATION, RIGHT_PAD = 2048, 8, 2
ANGLES = """
dec = Cosine(name='dec')
ra = Uniform(name='ra', minimum=0, maximum=6.28)
theta_jn = Sine(name='theta_jn')
psi = Uniform(name='psi', minimum=0, maximum=3.14)
phase = Uniform(name='phase', minimum=0, maximum=6.28)
"""
PLANAR = "a_1 = 0\na_2 = 0\ntilt_1 = 0\ntilt_2 = 0\nphi_12 = 0\nphi_jl = 0\n"
DISTANCE = (
    "bilby.gw.prior.UniformSourceFrame(name='luminosity_distance', minimum=100, maximum=5000, cosmology='Planck18')"
)


def arguments(folder: Path, prior: str, **changes: Any) -> dict[str, Any]:
    path = folder / "mine.prior"
    path.write_text(prior + ANGLES)
    grid = {"sample_rate": RATE, "waveform_duration": DURATION, "right_pad": RIGHT_PAD}
    return {**grid, "prior": str(path), "seed": 3, "output_file": folder / "out.hdf5", "num_signals": 4, **changes}


def read(path: Path) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, Any]]:
    with h5py.File(path) as file:
        parameters = {name: item[:] for name, item in file["parameters"].items()}
        waveforms = np.stack([file["waveforms/plus"][:], file["waveforms/cross"][:]], axis=1)
        return parameters, waveforms, json.loads(file.attrs["provenance"])


def of_bilby(signal: dict[str, float], approximant: str) -> np.ndarray:
    """Plus and cross by bilby's own generator, in the frequency domain: (2, k) with t = 0 as origin."""
    from bilby.gw.source import lal_binary_black_hole, lal_binary_neutron_star
    from bilby.gw.waveform_generator import WaveformGenerator

    tidal = "NRTidal" in approximant
    signal = {"lambda_1": 0.0, "lambda_2": 0.0, **signal} if tidal else signal
    generator = WaveformGenerator(
        duration=32,
        sampling_frequency=RATE,
        frequency_domain_source_model=lal_binary_neutron_star if tidal else lal_binary_black_hole,
        waveform_arguments={
            "waveform_approximant": approximant,
            "reference_frequency": signal.pop("reference_frequency"),
            "minimum_frequency": signal.pop("minimum_frequency"),
        },
    )
    made = generator.frequency_domain_strain(signal)
    return np.stack([made["plus"], made["cross"]])


def assert_is_of_bilby(waveforms: np.ndarray, signal: dict[str, float], approximant: str) -> None:
    """Amplitude and phase at 60 to 400 Hz, without any freedom of time or phase."""
    padded = np.zeros((2, 32 * RATE))
    padded[:, : waveforms.shape[1]] = waveforms
    transform = np.fft.rfft(padded) / RATE
    frequencies = np.fft.rfftfreq(32 * RATE, 1 / RATE)
    transform *= np.exp(2j * np.pi * frequencies * (DURATION - RIGHT_PAD))
    band = (frequencies > 60) & (frequencies < 400)
    expected = of_bilby(signal, approximant)[:, band]
    for ours, theirs in zip(transform[:, band], expected, strict=True):
        assert np.linalg.norm(ours - theirs) < 0.03 * np.linalg.norm(expected)


@pytest.mark.slow
@pytest.mark.parametrize("frame", [pytest.param("detector", marks=pytest.mark.slow), "source"])
def test_signals_of_a_prior_file_are_those_of_bilby(tmp_path: Path, frame: str) -> None:
    """Chirp mass, mass ratio and distance are drawn; the file alone makes them again, in either frame."""
    from bilby.gw.conversion import luminosity_distance_to_redshift

    masses = "chirp_mass = Uniform(name='chirp_mass', minimum=12, maximum=40)\nmass_ratio = 0.5\n"
    spins = "".join(f"a_{n} = 0.6\ntilt_{n} = Sine(name='tilt_{n}')\n" for n in (1, 2)) + "phi_12 = 1\nphi_jl = 2\n"
    settings = arguments(tmp_path, f"{masses}{spins}luminosity_distance = {DISTANCE}\n")
    training_waveforms(**settings, prior_options={"prior_frame": frame}, workers=1)
    parameters, waveforms, record = read(tmp_path / "out.hdf5")
    assert (record["cosmology"], record["prior_frame"]) == ("Planck18", frame)
    redshift = luminosity_distance_to_redshift(parameters["luminosity_distance"], cosmology="Planck18")
    np.testing.assert_allclose(parameters["redshift"], redshift, rtol=1e-6)
    chirp_mass = (parameters["mass_1"] * parameters["mass_2"]) ** 0.6 / (
        parameters["mass_1"] + parameters["mass_2"]
    ) ** 0.2
    drawn = chirp_mass / (1 + redshift) if frame == "source" else chirp_mass
    assert ((drawn > 12) & (drawn < 40)).all()
    for index in range(4):
        assert_is_of_bilby(waveforms[index], {name: v[index] for name, v in parameters.items()}, "IMRPhenomXPHM")


@pytest.mark.slow
def test_tides_that_the_prior_draws_are_in_the_file(tmp_path: Path) -> None:
    tides = "".join(f"lambda_{n} = Uniform(name='lambda_{n}', minimum=300, maximum=900)\n" for n in (1, 2))
    settings = arguments(tmp_path, f"mass_1 = 1.5\nmass_2 = 1.3\nredshift = 0.02\n{PLANAR}{tides}", num_signals=2)
    training_waveforms(**settings, generator_options={"approximant": "IMRPhenomPv2_NRTidal"}, workers=1)
    parameters, _, record = read(tmp_path / "out.hdf5")
    assert record["cosmology"] == "Planck15"
    for name in ("lambda_1", "lambda_2"):
        assert ((parameters[name] > 300) & (parameters[name] < 900)).all()
    assert ledger.summarize(tmp_path / "out.hdf5").intact


# --- LAL's own deaths ---------------------------------------------------------------------------------

#: IMRPhenomA of 20 and 15 solar masses corrupts the heap, and glibc ends the process; of 35 and 15 it does not.
RARE = f"""
mass_1 = Interped(name='mass_1', xx={[20 + k / 4 for k in range(65)]}, yy={[0.004] * 2 + [0.0] * 60 + [1.0] * 3},\
 minimum=20, maximum=36)
mass_2 = Uniform(name='mass_2', minimum=14.5, maximum=15.5)
redshift = 0.2
{PLANAR}""".replace("\\\n", "")


def lightest(folder: Path, seed: int, stream: Stream, *units: tuple[int, ...]) -> list[float]:
    made_of = recipe_of(TrainingWaveforms(**{**abort_arguments(folder), "seed": seed}), Stream.TRAINING)
    drawn = [recipe.draw(made_of, stream, unit, made_of.unit_size) for unit in units]
    first = 6 if stream is Stream.PREFLIGHT else None
    return [float(np.min(parameters["mass_1"][:first])) for parameters in drawn]


def abort_arguments(folder: Path, **changes: Any) -> dict[str, Any]:
    grid = {"waveform_duration": 4, "right_pad": 1, "num_signals": 130}
    return arguments(folder, RARE, **{**grid, "generator_options": {"approximant": "IMRPhenomA"}, **changes})


@pytest.mark.slow
def test_a_real_abort_of_LAL_costs_one_unit_and_is_named(tmp_path: Path) -> None:  # noqa: N802
    """One draw in several hundred ends the process; the file is the same on one and on two workers."""
    units = Stream.TRAINING, (0,), (1,), (2,), (1, 1, 0)  # the last are the draws of the second attempt at unit 1
    seed = next(n for n in range(200) if [m < 30 for m in lightest(tmp_path, n, *units)] == [0, 1, 0, 0])
    found = []
    for workers in (1, 2):
        settings = abort_arguments(tmp_path, seed=seed, output_file=tmp_path / f"{workers}.hdf5", workers=workers)
        report = training_waveforms(**settings)
        (lost,) = report.failures
        assert f"lost is an attempt at unit 1 of seed {seed}" in lost
        assert (report.num_signals, report.drawn) == (130, 130 + 64)
        found.append(read(tmp_path / f"{workers}.hdf5"))
    (one, signals, record), (two, same, record_2) = found
    assert record == record_2
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])
    # the last bit of this model depends on what the memory held
    np.testing.assert_allclose(signals, same, rtol=0, atol=2e-7 * abs(signals).max())
    assert (one["mass_1"] > 30).all()


@pytest.mark.slow
def test_a_preflight_that_dies_of_a_rare_draw_does_not_end_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seed = next(n for n in range(2000) if lightest(tmp_path, n, Stream.PREFLIGHT, (0,))[0] < 30)
    settings = abort_arguments(tmp_path, seed=seed, num_signals=3, workers=1)
    assert training_waveforms(**settings).num_signals == 3
    assert "Trying other draws" in caplog.text


@pytest.mark.slow
def test_a_model_that_dies_of_every_draw_is_told_before_the_work(tmp_path: Path) -> None:
    settings = abort_arguments(tmp_path, generator_options={"approximant": "SpinTaylorT4Fourier"}, workers=1)
    with pytest.raises(WorkerDiedError, match=r"'SpinTaylorT4Fourier'.* on each of 2 sets of draws.*another model"):
        training_waveforms(**settings)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.prior"]
