"""aframe-data: from "I want to train and test Aframe" to files on disk.

The functions here are what the command line calls; they are loaded on first use, so that importing the
package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own takes a while to import, in which Ctrl-C could not be answered
if TYPE_CHECKING:
    from typing import Any

    from aframe_data.plugin.hooks import hookimpl
    from aframe_data.requests.functions import (
        build_dataset,
        estimate_psd,
        export,
        fetch,
        inspect,
        merge,
        query,
        report,
        reweight,
        show_prior,
        timeslide_waveforms,
        training_waveforms,
        validation_waveforms,
        verify,
        write_configuration,
    )
    from aframe_data.types import Segment

__version__ = "0.1.0"

__all__ = [
    "Segment",
    "__version__",
    "build_dataset",
    "estimate_psd",
    "export",
    "fetch",
    "hookimpl",
    "inspect",
    "merge",
    "query",
    "report",
    "reweight",
    "show_prior",
    "timeslide_waveforms",
    "training_waveforms",
    "validation_waveforms",
    "verify",
    "write_configuration",
]

_HOMES = {"Segment": "aframe_data.segment", "hookimpl": "aframe_data.plugin.hooks"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "aframe_data.requests.functions")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
