"""A prior that needs nothing but numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data_stranger import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import FloatArray
    from aframe_data_stranger import FlatOptions


class Flat:
    parameters = PARAMETERS
    frame = "detector"

    def __init__(self, options: FlatOptions) -> None:
        self.options = options

    def sample(self, n: int, rng: np.random.Generator) -> Mapping[str, FloatArray]:
        masses = np.sort(rng.uniform(5, self.options.heaviest, (n, 2)), axis=1)
        draw = {name: rng.uniform(0, 1, n) for name in self.parameters}
        return {**draw, "mass_1": masses[:, 1], "mass_2": masses[:, 0]}


class WithoutSpins:
    """Only the masses, with which no binary is complete."""

    parameters = PARAMETERS[:2]
    frame = "detector"

    def sample(self, n: int, rng: np.random.Generator) -> Mapping[str, FloatArray]:
        masses = np.sort(rng.uniform(5, 50, (n, 2)), axis=1)
        return {"mass_1": masses[:, 1], "mass_2": masses[:, 0]}
