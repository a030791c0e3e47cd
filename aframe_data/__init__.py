"""aframe-data: from "I want to train and test Aframe" to files on disk.

The functions here are what the command line calls; they are loaded on first use, so that importing the
package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aframe_data.injections.campaign import timeslide_waveforms
    from aframe_data.injections.validation import validation_waveforms
    from aframe_data.inspection import inspect
    from aframe_data.plugin.hooks import hookimpl
    from aframe_data.psd.estimate import estimate_psd
    from aframe_data.segments.query import query
    from aframe_data.strain.fetch import fetch
    from aframe_data.types import Segment
    from aframe_data.verification.verify import verify
    from aframe_data.waveforms.merging import merge
    from aframe_data.waveforms.training import training_waveforms

__version__ = "0.1.0"

__all__ = [
    "Segment",
    "__version__",
    "estimate_psd",
    "fetch",
    "hookimpl",
    "inspect",
    "merge",
    "query",
    "timeslide_waveforms",
    "training_waveforms",
    "validation_waveforms",
    "verify",
]

_HOMES = {
    "Segment": "aframe_data.types",
    "estimate_psd": "aframe_data.psd.estimate",
    "fetch": "aframe_data.strain.fetch",
    "hookimpl": "aframe_data.plugin.hooks",
    "inspect": "aframe_data.inspection",
    "merge": "aframe_data.waveforms.merging",
    "query": "aframe_data.segments.query",
    "timeslide_waveforms": "aframe_data.injections.campaign",
    "training_waveforms": "aframe_data.waveforms.training",
    "validation_waveforms": "aframe_data.injections.validation",
    "verify": "aframe_data.verification.verify",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
