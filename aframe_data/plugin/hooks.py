"""The hooks: what a plugin may provide. They are the only way in which a plugin connects to the core.

A plugin is a module (or a package) with some of these functions, marked with ``hookimpl``, and an entry
point that names the module::

    # pyproject.toml
    [project.entry-points.aframe_data]
    my-archive = "my_package.aframe_plugin"

Hooks may get further arguments, but existing ones never change: an implementation takes only those that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aframe_data.plugin.records import (
        ExportProvider,
        PriorProvider,
        SegmentSourceProvider,
        SourceKindProvider,
        StrainFetcherProvider,
        WaveformGeneratorProvider,
    )

PROJECT = "aframe_data"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_segment_sources() -> Iterable[SegmentSourceProvider]:
    """Give sources of science-mode and data-quality segments.

    Example::

        from aframe_data import hookimpl
        from aframe_data.plugin.records import SegmentSourceProvider

        @hookimpl
        def register_segment_sources():
            yield SegmentSourceProvider(
                name="observatory",
                summary="Segments from our observatory's database",
                load="my_package.segments:ObservatorySegments",
                flags=(r"O1_[A-Z]+",),
            )
    """
    yield from ()


@hookspec
def register_strain_fetchers() -> Iterable[StrainFetcherProvider]:
    """Give sources of strain.

    Example::

        from aframe_data import hookimpl
        from aframe_data.plugin.records import StrainFetcherProvider

        @hookimpl
        def register_strain_fetchers():
            yield StrainFetcherProvider(
                name="observatory",
                summary="Strain from our observatory's disks",
                load="my_package.strain:ObservatoryStrain",
                channels=(r"O1:.+",),
                alignment=64,
            )
    """
    yield from ()


@hookspec
def register_priors() -> Iterable[PriorProvider]:
    """Give populations of signals.

    Example::

        from aframe_data import hookimpl
        from aframe_data.plugin.records import PriorProvider

        @hookimpl
        def register_priors():
            yield PriorProvider(
                name="heavy-bbh",
                summary="Black holes above the pair-instability gap",
                load="my_package.priors:HeavyBBH",
                frame="source",
            )
    """
    yield from ()


@hookspec
def register_waveform_generators() -> Iterable[WaveformGeneratorProvider]:
    """Give waveform models.

    Example::

        from aframe_data import hookimpl
        from aframe_data.plugin.records import WaveformGeneratorProvider

        @hookimpl
        def register_waveform_generators():
            yield WaveformGeneratorProvider(
                name="surrogate",
                summary="Our surrogate of numerical relativity",
                load="my_package.surrogate:Surrogate",
                parameters=("mass_1", "mass_2", "luminosity_distance", "theta_jn", "phase"),
            )
    """
    yield from ()


@hookspec
def register_source_kinds() -> Iterable[SourceKindProvider]:
    """Give source kinds: what the core has to know about signals that are not binaries.

    Example::

        from aframe_data import hookimpl
        from aframe_data.plugin.records import SourceKindProvider

        @hookimpl
        def register_source_kinds():
            yield SourceKindProvider(
                name="cusp",
                summary="Cusps of cosmic strings",
                load="my_package.strings:Cusps",
            )
    """
    yield from ()


@hookspec
def register_exports() -> Iterable[ExportProvider]:
    """Give converters of finished files for other tools.

    Example::

        from aframe_data import hookimpl
        from aframe_data.plugin.records import ExportProvider

        @hookimpl
        def register_exports():
            yield ExportProvider(
                name="table",
                summary="A CSV table of the signals",
                load="my_package.table:Table",
                takes=("signals",),
            )
    """
    yield from ()
