"""What the core has to know of ringdowns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.kinds import AsDrawn

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ringdowns(AsDrawn):
    """Detector-frame frequency (Hz), quality, luminosity distance (Mpc), orientation and place in the sky (rad)."""

    parameters = ("frequency", "quality", "distance", "theta_jn", "phase", "ra", "dec", "psi")
    described_by = ("frequency", "quality", "distance")
    example: Mapping[str, float] = {
        "frequency": 250.0,
        "quality": 12.0,
        "distance": 400.0,
        "theta_jn": 0.7,
        "phase": 1.0,
        **AsDrawn.example,
    }
