"""For authors: the parameters of binaries, from `aframe_data.plugin`."""

from __future__ import annotations

from aframe_data.plugin.binary import (
    BASE_PARAMETERS,
    MASS_PARAMETERS,
    START_FREQUENCY_TIMES_MASS,
    complete,
    luminosity_distance,
    missing_parameters,
    require_base_parameters,
    signal_frequencies,
    to_detector_frame,
)

__all__ = [
    "BASE_PARAMETERS",
    "MASS_PARAMETERS",
    "START_FREQUENCY_TIMES_MASS",
    "complete",
    "luminosity_distance",
    "missing_parameters",
    "require_base_parameters",
    "signal_frequencies",
    "to_detector_frame",
]
