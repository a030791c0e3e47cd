"""What this plugin gives to aframe-data."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aframe_data.plugin import (
    PriorProvider,
    SegmentSourceProvider,
    StrainFetcherProvider,
    WaveformGeneratorProvider,
    hookimpl,
    option,
)


@dataclass(frozen=True)
class ArchiveOptions:
    folder: Path = option(help="Folder of the archive", env="OBSERVATORY_FOLDER")


@dataclass(frozen=True)
class PopulationOptions:
    lightest: float = option(default=50.0, help="Smallest component mass (solar masses)", minimum=5, maximum=90)


@hookimpl
def register_segment_sources() -> Iterable[SegmentSourceProvider]:
    yield SegmentSourceProvider(
        name="observatory",
        summary="Segments of our observatory, a file of two columns a flag",
        load="aframe_observatory.journal:Journal",
        options=ArchiveOptions,
        flags=("O1_.+",),
    )


@hookimpl
def register_strain_fetchers() -> Iterable[StrainFetcherProvider]:
    yield StrainFetcherProvider(
        name="observatory",
        summary="Strain of our observatory, a file of numpy's a minute",
        load="aframe_observatory.archive:Archive",
        options=ArchiveOptions,
        channels=("O1:.+",),
        alignment=60,
    )


@hookimpl
def register_priors() -> Iterable[PriorProvider]:
    yield PriorProvider(
        name="heavy-bbh",
        summary="Heavy black holes without spins, in the detector frame",
        load="aframe_observatory.population:HeavyBBH",
        options=PopulationOptions,
        frame="detector",
    )


@hookimpl
def register_waveform_generators() -> Iterable[WaveformGeneratorProvider]:
    yield WaveformGeneratorProvider(
        name="remnant",
        summary="The ringing of the remnant black hole, without inspiral and merger",
        load="aframe_observatory.remnant:Remnant",
        parameters=("mass_1", "mass_2", "luminosity_distance", "theta_jn", "phase"),
        automatic=False,
    )
