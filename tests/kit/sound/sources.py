"""Bells: they ring at a frequency, and are the louder the heavier and the nearer they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.plugin import AsDrawn, Regions, WaveformError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin import FloatArray

HIGH = 500.0


def registers_of(parameters: Mapping[str, FloatArray]) -> Any:
    return (parameters["frequency"] > HIGH).astype(int)


def describe(number: int) -> str:
    return ("low bells", "high bells")[number]


class Bells(AsDrawn):
    parameters = ("frequency", "weight", "distance", "ra", "dec", "psi")
    added = ("loudness",)
    described_by = ("frequency", "weight")
    regions = Regions(2, registers_of, describe)
    example: Mapping[str, float] = {
        "frequency": 400.0,
        "weight": 5.0,
        "distance": 2.0,
        "ra": 1.0,
        "dec": 0.1,
        "psi": 0.3,
    }

    def complete(self, samples: Mapping[str, FloatArray], **asked: Any) -> dict[str, FloatArray]:
        bell = super().complete(samples, **asked)
        if (bell["weight"] <= 0).any():
            raise WaveformError("a bell weighs something.")
        bell["loudness"] = np.sqrt(bell["weight"]) / bell["distance"]
        return bell
