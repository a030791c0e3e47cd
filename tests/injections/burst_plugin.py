"""A stranger's population and models for tests of rejection, installed on the fly: `burst_runs.bursts`.

Sine-Gaussians, whose spectrum is known in closed form, so that estimates are good and a run takes no time.
They fail, lie and die where their options say so.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aframe_data import hookimpl
from aframe_data.plugin.options import option
from aframe_data.plugin.records import PriorProvider, WaveformGeneratorProvider
from aframe_data.types import Polarizations, Sketch

PARAMETERS = (
    *("mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"),
    *("ra", "dec", "redshift", "psi", "theta_jn", "phase"),
)

#: What a prior of this plugin draws besides.
FURTHER = ("eccentricity", "chirp_mass")

#: Seconds, of the Gaussian.
WIDTH = 0.01
#: Strain at 1 Mpc.
STRAIN = 6e-19
#: More draws than a share of a calibration has, and fewer than a block estimates at once.
MORE_THAN_CALIBRATION = 30


@dataclass(frozen=True)
class SkyOptions:
    """Of the prior."""

    equal: bool = option(default=False, help="Whether both masses are the same")
    nearest: float = option(default=0.1, help="Smallest redshift", minimum=0)


class Sky:
    """Every mass ratio and direction of spin, all over the sky."""

    parameters = PARAMETERS
    frame = "detector"

    def __init__(self, options: SkyOptions) -> None:
        self.options = options

    def sample(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        draw = {name: rng.uniform(0, 2 * np.pi, n) for name in PARAMETERS}
        draw |= {name: np.arccos(rng.uniform(-1, 1, n)) for name in ("tilt_1", "tilt_2", "theta_jn")}
        draw |= {name: rng.uniform(0, 0.9, n) for name in ("a_1", "a_2")}
        draw["dec"] = np.arcsin(rng.uniform(-1, 1, n))
        draw["psi"] = rng.uniform(0, np.pi, n)
        draw["redshift"] = rng.uniform(self.options.nearest, 0.8, n)
        draw["mass_1"] = rng.uniform(10, 50, n)
        ratio = rng.uniform(1 / 25, 1, n)
        draw["mass_2"] = draw["mass_1"] * (1.0 if self.options.equal else ratio)
        return draw


class SourceSky(Sky):
    """The same in the source frame, with parameters that nobody knows and with one that is a mass."""

    parameters = PARAMETERS + FURTHER
    frame = "source"

    def sample(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        draw = super().sample(n, rng)
        mass_1, mass_2 = draw["mass_1"], draw["mass_2"]
        chirp_mass = (mass_1 * mass_2) ** 0.6 / (mass_1 + mass_2) ** 0.2
        return {**draw, "eccentricity": draw["redshift"] / 2, "chirp_mass": chirp_mass, "not_declared": draw["phase"]}


class SnrSky(Sky):
    """It draws what files have another meaning for."""

    parameters = (*PARAMETERS, "snr")

    def sample(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {**super().sample(n, rng), "snr": np.ones(n)}


@dataclass(frozen=True)
class BurstOptions:
    """What is wrong with a model, and where."""

    fail_above: float = option(default=1e9, help="Signals of a mass_1 above this fail", minimum=0)
    nan_above: float = option(default=1e9, help="Signals of a mass_1 above this are not finite", minimum=0)
    huge_above: float = option(default=1e9, help="Signals of a mass_1 above this are absurd", minimum=0)
    silent_above: float = option(default=1e9, help="Signals of a mass_1 above this are zero", minimum=0)
    loud_ratio: float = option(
        default=1e9, help="From this mass ratio on, with a primary spin against the orbit, waveforms are 3 times louder"
    )
    loud_blocks: bool = option(default=False, help="In blocks, waveforms are 3 times louder")
    no_spectrum_above: float = option(default=1e9, help="Spectra of a mass_1 above this are NaN", minimum=0)
    spectrum: str = option(default="right", help="What spectra are: right, nan, short")
    sketch: str = option(default="right", help="What sketches are: right, nan, short")
    die_at: float = option(default=0.0, help="The process kills itself on the draw of this right ascension")
    kill: str = option(default="itself", help="Who is killed on that draw: itself or parent")
    mark: str = option(default="", help="Path: it does so once, and leaves a mark there", affects_data=False)
    log: str = option(default="", help="Path: how many signals each call is given goes there", affects_data=False)


class PlainBurst:
    """The model without spectra."""

    def __init__(self, options: BurstOptions) -> None:
        self.options = options

    def check(self, parameters: object, request: object) -> None:
        """Accept everything."""

    def generate(self, parameters: dict[str, np.ndarray], request: object) -> Polarizations:
        self._note("generate", parameters)
        self._die(parameters)
        time = (np.arange(request.size) - request.reference_index) / request.sample_rate
        plus, cross, frequency = self._shape(parameters)
        argument = 2 * np.pi * frequency * time + parameters["phase"][:, np.newaxis]
        envelope = np.where(np.abs(time) < 0.2, np.exp(-0.5 * (time / WIDTH) ** 2), 0.0)
        waves = Polarizations(plus * envelope * np.cos(argument), cross * envelope * np.sin(argument))
        mass = parameters["mass_1"]
        for values in (waves.plus, waves.cross):
            values[mass > self.options.nan_above] = np.nan
            values[mass > self.options.huge_above] *= 1e100
            values[mass > self.options.silent_above] = 0
        failed = np.flatnonzero(mass > self.options.fail_above)
        return Polarizations(waves.plus, waves.cross, {int(index): "too heavy for this model" for index in failed})

    def _shape(self, parameters: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        """Amplitude of plus and cross, and the frequency in Hz: (n, 1) each."""
        strain = STRAIN / parameters["luminosity_distance"]
        inclination = np.cos(parameters["theta_jn"])
        frequency = 140 - 2 * parameters["mass_1"]
        columns = (strain * (1 + inclination**2) / 2, strain * inclination, frequency)
        return tuple(values[:, np.newaxis] for values in columns)

    def _note(self, call: str, parameters: dict[str, np.ndarray]) -> None:
        if self.options.log:
            with Path(self.options.log).open("a") as log:
                log.write(f"{call} {len(parameters['ra'])}\n")

    def _die(self, parameters: dict[str, np.ndarray]) -> None:
        if not (parameters["ra"] == self.options.die_at).any():
            return
        if self.options.mark:
            mark = Path(self.options.mark)
            if mark.exists():
                return
            mark.touch()
        parent = multiprocessing.parent_process()
        os.kill(parent.pid if self.options.kill == "parent" else os.getpid(), signal.SIGKILL)
        while self.options.kill == "parent":  # nothing is finished once the parent is gone
            signal.pause()


class Burst(PlainBurst):
    """The model with spectra."""

    has_spectrum = True

    def spectrum(self, parameters: dict[str, np.ndarray], frequencies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self._note("spectrum", parameters)
        plus, cross, frequency = self._shape(parameters)
        phase = np.exp(1j * parameters["phase"])[:, np.newaxis]
        half = 0.5 * WIDTH * np.sqrt(2 * np.pi)
        up = half * phase * np.exp(-2 * (np.pi * WIDTH * (frequencies - frequency)) ** 2)
        down = half / phase * np.exp(-2 * (np.pi * WIDTH * (frequencies + frequency)) ** 2)
        spectra = np.stack([plus * (up + down), cross * (up - down) / 1j])
        if self.options.spectrum == "nan":
            spectra[:] = np.nan
        spectra[:, parameters["mass_1"] > self.options.no_spectrum_above] = np.nan
        unequal = parameters["mass_1"] > self.options.loud_ratio * parameters["mass_2"]
        spectra[:, unequal & (parameters["tilt_1"] > np.pi / 2)] /= 3
        if self.options.loud_blocks and len(phase) > MORE_THAN_CALIBRATION:
            spectra /= 3
        return tuple(spectra[:, :, :-1] if self.options.spectrum == "short" else spectra)


class SketchedBurst(Burst):
    """The model with spectra and sketches."""

    def sketch(self, parameters: dict[str, np.ndarray], frequencies: np.ndarray) -> Sketch:
        self._note("sketch", parameters)
        strain, inclination = STRAIN / parameters["luminosity_distance"], np.cos(parameters["theta_jn"])
        frequency = self._shape(parameters)[2]
        line = 0.5 * WIDTH * np.sqrt(2 * np.pi) * np.exp(-2 * (np.pi * WIDTH * (frequencies - frequency)) ** 2)
        amplitude = strain[:, np.newaxis] * line
        if self.options.sketch == "nan":
            amplitude[:] = np.nan
        if self.options.loud_blocks and len(amplitude) > MORE_THAN_CALIBRATION:
            amplitude /= 3
        share = (1 + inclination**2) / 2 + 0j
        return Sketch(amplitude, share[:-1] if self.options.sketch == "short" else share, -1j * inclination)


@hookimpl
def register_waveform_generators() -> list[WaveformGeneratorProvider]:
    return [
        WaveformGeneratorProvider(
            name=name,
            summary="A sine-Gaussian",
            load=f"{__name__}:{load}",
            options=BurstOptions,
            parameters=("luminosity_distance",),
            signals=signals,
            batch=batch,
            automatic=False,
        )
        for name, load, signals, batch in (
            ("burst", "Burst", "binary", None),
            ("sketched-burst", "SketchedBurst", "binary", None),
            ("plain-burst", "PlainBurst", "binary", None),
            ("burst-by-5", "Burst", "binary", 5),
            ("burst-by-100", "Burst", "binary", 100),
            ("foreign-burst", "Burst", "binaries", None),
        )
    ]


@hookimpl
def register_priors() -> list[PriorProvider]:
    return [
        PriorProvider(
            name=name,
            summary="Everything everywhere",
            load=f"{__name__}:{load}",
            options=SkyOptions,
            parameters=parameters,
            frame=frame,
            automatic=False,
        )
        for name, load, parameters, frame in (
            ("sky", "Sky", PARAMETERS, "detector"),
            ("source-sky", "SourceSky", PARAMETERS + FURTHER, "source"),
            ("snr-sky", "SnrSky", None, None),
        )
    ]
