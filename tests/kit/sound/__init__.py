"""A sound plugin of all five kinds that make data: what the mutants are made of, one deliberate fault in each."""

from __future__ import annotations

from collections.abc import Iterable  # noqa: TC003 - as an author writes it
from dataclasses import dataclass
from pathlib import Path

from aframe_data.plugin import (
    PriorProvider,
    SegmentSourceProvider,
    SourceKindProvider,
    StrainFetcherProvider,
    WaveformGeneratorProvider,
    hookimpl,
    option,
)


@dataclass(frozen=True)
class PopulationOptions:
    lightest: float = option(default=20.0, help="Smallest mass (solar masses, source frame)", minimum=5, maximum=60)
    spins: str = option(default="isotropic", help="Directions of spins", choices=("isotropic", "aligned"))


@dataclass(frozen=True)
class ArchiveOptions:
    folder: Path = option(default=Path(), help="Folder of the archive", env="SOUND_FOLDER")  # noqa: RUF009


@hookimpl
def register_priors() -> Iterable[PriorProvider]:
    yield PriorProvider(
        name="sound",
        summary="Heavy binaries with spins in all directions",
        load="sound.prior:Population",
        options=PopulationOptions,
        aliases=("sound-population",),
        frame="source",
    )


@hookimpl
def register_segment_sources() -> Iterable[SegmentSourceProvider]:
    yield SegmentSourceProvider(
        name="sound",
        summary="Segments in files of two columns",
        load="sound.segments:Journal",
        options=ArchiveOptions,
        flags=("O[12]_.+",),
        catalog=True,
    )


@hookimpl
def register_strain_fetchers() -> Iterable[StrainFetcherProvider]:
    yield StrainFetcherProvider(
        name="sound",
        summary="Strain in files of 16 seconds",
        load="sound.strain:Archive",
        options=ArchiveOptions,
        channels=("O[1-9](:.+)?",),
        alignment=16,
        files=True,
    )


@hookimpl
def register_waveform_generators() -> Iterable[WaveformGeneratorProvider]:
    yield WaveformGeneratorProvider(
        name="sound",
        summary="Newtonian chirps in closed form",
        load="sound.waveforms:Chirps",
        parameters=("mass_1", "mass_2", "luminosity_distance", "theta_jn", "phase", "minimum_frequency"),
    )


@hookimpl
def register_source_kinds() -> Iterable[SourceKindProvider]:
    yield SourceKindProvider(name="sound-bell", summary="Bells", load="sound.sources:Bells")
