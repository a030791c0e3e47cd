"""What the core has to know of ringdowns."""

from __future__ import annotations

from aframe_data.plugin.kinds import AsDrawn


class Ringdowns(AsDrawn):
    """Detector-frame frequency (Hz), quality, luminosity distance (Mpc), orientation and place in the sky (rad)."""

    parameters = ("frequency", "quality", "distance", "theta_jn", "phase", "ra", "dec", "psi")
    described_by = ("frequency", "quality", "distance")
