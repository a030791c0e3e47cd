"""aframe-data: from "I want to train and test Aframe" to files on disk.

The functions here are what the command line calls; they are loaded on first use, so that importing the
package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aframe_data.hookspecs import hookimpl
    from aframe_data.inspection import inspect
    from aframe_data.segments.query import query
    from aframe_data.strain.fetch import fetch
    from aframe_data.types import Segment
    from aframe_data.waveforms.training import training_waveforms

__version__ = "0.1.0"

__all__ = ["Segment", "__version__", "fetch", "hookimpl", "inspect", "query", "training_waveforms"]

_HOMES = {
    "Segment": "aframe_data.types",
    "fetch": "aframe_data.strain.fetch",
    "hookimpl": "aframe_data.hookspecs",
    "inspect": "aframe_data.inspection",
    "query": "aframe_data.segments.query",
    "training_waveforms": "aframe_data.waveforms.training",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
