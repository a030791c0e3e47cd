"""aframe-data: from "I want to train and test Aframe" to files on disk.

The functions here are what the command line calls; they are loaded on first use, so that importing the
package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aframe_data.hookspecs import hookimpl

__version__ = "0.1.0"

_EXPORTS = {
    "hookimpl": "aframe_data.hookspecs",
}

__all__ = ["__version__", "hookimpl"]


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_EXPORTS[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
