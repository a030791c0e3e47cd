"""All that an author of a plugin imports: hooks, records, protocols, options, errors, and the data that passes.

::

    from aframe_data.plugin import PriorProvider, hookimpl, option

`aframe_data.plugin.placement` (putting a model's samples on the grid) and `aframe_data.plugin.binary` (the parameters
of binaries) work with arrays and are imported by name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aframe_data.errors import (
        AuthenticationError,
        NoDataError,
        SourceError,
        TransientError,
        UsageError,
        WaveformError,
        unknown_name,
    )
    from aframe_data.plugin.code import Code
    from aframe_data.plugin.exported import Export, ExportedSignals, ExportedStrain, ExportSource
    from aframe_data.plugin.files import FileStore
    from aframe_data.plugin.hooks import hookimpl
    from aframe_data.plugin.kinds import AsDrawn, Regions, SourceKind
    from aframe_data.plugin.options import option
    from aframe_data.plugin.protocols import (
        EventCatalog,
        FileFetcher,
        OrderedPrior,
        Pinged,
        Prior,
        PriorDensity,
        PriorFactors,
        SegmentSource,
        SpectrumGenerator,
        StrainFetcher,
        WaveformGenerator,
    )
    from aframe_data.plugin.records import (
        API_VERSION,
        ExportProvider,
        PriorProvider,
        Provider,
        SegmentSourceProvider,
        SourceKindProvider,
        StrainFetcherProvider,
        WaveformGeneratorProvider,
    )
    from aframe_data.types import (
        BitMask,
        CatalogEvent,
        FloatArray,
        Piece,
        Polarizations,
        Segment,
        SegmentQuery,
        SegmentResult,
        StrainRequest,
        StrainSeries,
        WaveformRequest,
    )

__all__ = [
    "API_VERSION",
    "AsDrawn",
    "AuthenticationError",
    "BitMask",
    "CatalogEvent",
    "Code",
    "EventCatalog",
    "Export",
    "ExportProvider",
    "ExportSource",
    "ExportedSignals",
    "ExportedStrain",
    "FileFetcher",
    "FileStore",
    "FloatArray",
    "NoDataError",
    "OrderedPrior",
    "Piece",
    "Pinged",
    "Polarizations",
    "Prior",
    "PriorDensity",
    "PriorFactors",
    "PriorProvider",
    "Provider",
    "Regions",
    "Segment",
    "SegmentQuery",
    "SegmentResult",
    "SegmentSource",
    "SegmentSourceProvider",
    "SourceError",
    "SourceKind",
    "SourceKindProvider",
    "SpectrumGenerator",
    "StrainFetcher",
    "StrainFetcherProvider",
    "StrainRequest",
    "StrainSeries",
    "TransientError",
    "UsageError",
    "WaveformError",
    "WaveformGenerator",
    "WaveformGeneratorProvider",
    "WaveformRequest",
    "hookimpl",
    "option",
    "unknown_name",
]

#: Where the names are, the light ones first.
_HOMES = (
    "plugin.options",
    "plugin.code",
    "errors",
    "types",
    "plugin.records",
    "plugin.protocols",
    "plugin.exported",
    "plugin.hooks",
    "plugin.kinds",
)


def __getattr__(name: str) -> Any:
    # On first use: a command that only has options does without the rest, and without pluggy.
    for home in _HOMES if name in __all__ else ():
        module = import_module(f"aframe_data.{home}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
