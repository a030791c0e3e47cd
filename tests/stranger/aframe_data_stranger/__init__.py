"""A stranger's plugin, installed as pip would install it: models that are quick, and that fail when asked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data import hookimpl
from aframe_data.options import option
from aframe_data.providers import PriorProvider, StrainFetcherProvider, WaveformGeneratorProvider

if TYPE_CHECKING:
    from collections.abc import Iterable

PARAMETERS = (
    *("mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"),
    *("ra", "dec", "redshift", "psi", "theta_jn", "phase"),
)


@dataclass(frozen=True)
class ChirpOptions:
    """Total masses (detector frame) from which on the model misbehaves."""

    fail_above: float = option(default=1e9, help="Signals above this mass fail", minimum=0)
    nan_above: float = option(default=1e9, help="Signals above this mass are not finite", minimum=0)
    abort_above: float = option(default=1e9, help="Signals above this mass abort the process", minimum=0)
    returns: str = option(default="", help="What is wrong with the answer: complex, huge, nothing, strangers")
    die_once: str = option(default="", help="Path: the process kills itself once, and leaves a mark there")


@dataclass(frozen=True)
class FlatOptions:
    """Of the flat prior."""

    heaviest: float = option(default=80.0, help="Largest component mass", minimum=6)


@hookimpl
def register_waveform_generators() -> Iterable[WaveformGeneratorProvider]:
    yield WaveformGeneratorProvider(
        name="lone-chirp",
        summary="The same, a signal at a time",
        load="aframe_data_stranger.chirp:LoneChirp",
        options=ChirpOptions,
        batch=1,
        automatic=False,
    )
    yield WaveformGeneratorProvider(
        name="chirp",
        summary="A Newtonian chirp in closed form",
        load="aframe_data_stranger.chirp:Chirp",
        options=ChirpOptions,
        parameters=("mass_1", "mass_2", "luminosity_distance", "theta_jn", "phase"),
        automatic=False,
    )


@dataclass(frozen=True)
class StepsOptions:
    """Of the fetcher of steps."""

    host: str = option(default="http://localhost", help="Not used; another plugin has an option of this name")


@hookimpl
def register_strain_fetchers() -> Iterable[StrainFetcherProvider]:
    yield StrainFetcherProvider(
        name="steps",
        summary="The GPS time, in strain",
        load="aframe_data_stranger.steps:Steps",
        options=StepsOptions,
        channels=("[A-Z]1",),
        alignment=64,
        automatic=False,
    )


@hookimpl
def register_priors() -> Iterable[PriorProvider]:
    yield PriorProvider(
        name="flat",
        summary="Masses uniform in the detector frame",
        load="aframe_data_stranger.flat:Flat",
        options=FlatOptions,
        parameters=PARAMETERS,
        frame="detector",
        automatic=False,
    )
    yield PriorProvider(
        name="no-spins",
        summary="A prior without spins",
        load="aframe_data_stranger.flat:WithoutSpins",
        parameters=PARAMETERS[:2],
        frame="detector",
        automatic=False,
    )
