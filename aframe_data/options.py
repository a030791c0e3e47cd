"""For authors of plugins: options of a provider, from `aframe_data.plugin`."""

from __future__ import annotations

from aframe_data.plugin.options import (
    OptionSpec,
    option,
    option_specs,
)
from aframe_data.plugin.values import resolve

__all__ = [
    "OptionSpec",
    "option",
    "option_specs",
    "resolve",
]
