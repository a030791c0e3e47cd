"""Ringdowns of black holes: a kind of sources that are no binaries, and their waveforms, damped sinusoids.

The prior of them, `ringdown`, is with the other priors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.options import option
from aframe_data.plugin.records import SourceKindProvider, WaveformGeneratorProvider

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class DampedSinusoidOptions:
    """Options of damped sinusoids."""

    epsilon: float = option(
        default=0.01,
        minimum=0,
        maximum=1,
        exclusive=True,
        help="Fraction of the black hole's mass that is radiated, for priors that do not draw epsilon.",
    )


@hookimpl
def register_source_kinds() -> Iterable[SourceKindProvider]:
    """Give ringdowns."""
    yield SourceKindProvider(
        name="ringdown",
        summary="Ringing black holes: frequency, quality, distance",
        load="aframe_data_plugins.ringdown.kind:Ringdowns",
    )


@hookimpl
def register_waveform_generators() -> Iterable[WaveformGeneratorProvider]:
    """Give damped sinusoids."""
    yield WaveformGeneratorProvider(
        name="damped-sinusoid",
        summary="Ringdowns: the fundamental l = m = 2 mode of a Kerr black hole, from t = 0 on",
        load="aframe_data_plugins.ringdown.damped_sinusoid:DampedSinusoid",
        options=DampedSinusoidOptions,
        automatic=False,
        parameters=("frequency", "quality", "distance", "theta_jn", "phase"),
        signals="ringdown",
    )
