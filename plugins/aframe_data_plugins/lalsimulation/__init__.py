"""The waveform models of LALSimulation, as a plugin. Light: LAL itself is imported on first use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.options import option
from aframe_data.plugin.records import WaveformGeneratorProvider

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Whether models are interpolated: where that is accurate, or not at all.
AUTO, OFF = "auto", "off"


@dataclass(frozen=True)
class LALSimulationOptions:
    """What the user can set."""

    approximant: str = option(
        default="IMRPhenomXPHM",
        help="Name of the waveform model, as LALSimulation spells it",
        aliases=("waveform_approximant",),
        names="aframe_data_plugins.lalsimulation.approximants:names",
    )
    interpolation: str = option(
        default=AUTO,
        choices=(AUTO, OFF),
        help="'auto' evaluates the model at some frequencies and interpolates, where that is accurate; 'off' evaluates "
        "it at all frequencies",
    )

    def __post_init__(self) -> None:
        """Refuse a name that LALSimulation does not know before a worker starts: importing it takes 0.2 s."""
        from aframe_data_plugins.lalsimulation import approximants

        approximants.find(self.approximant)


@hookimpl
def register_waveform_generators() -> Iterator[WaveformGeneratorProvider]:
    """Give the models of LALSimulation."""
    yield WaveformGeneratorProvider(
        name="lalsimulation",
        summary="Compact binaries by any approximant that LALSimulation implements in either domain",
        load="aframe_data_plugins.lalsimulation.generator:LALSimulation",
        options=LALSimulationOptions,
        parameters=(
            "mass_1",
            "mass_2",
            "a_1",
            "a_2",
            "tilt_1",
            "tilt_2",
            "phi_12",
            "phi_jl",
            "theta_jn",
            "phase",
            "luminosity_distance",
            "minimum_frequency",
            "reference_frequency",
        ),
    )
