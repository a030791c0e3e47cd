"""Draws of priors, and a stranger's prior that only draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data import show_prior
from plugin_factory import hook

if TYPE_CHECKING:
    from pathlib import Path

GAUSSIAN = {"m1": 35, "m2": 20}
COUNT = 4000

STRANGER = {
    "mute": hook("priors", 'yield PriorProvider(name="mute", summary="Only draws", load="mute_code:Mute")'),
    "mute_code": """
        import numpy as np
        from aframe_data.plugin.binary import BASE_PARAMETERS

        class Mute:
            parameters = BASE_PARAMETERS
            frame = "detector"
            def sample(self, n, rng):
                return {name: rng.uniform(0.1, 0.5, n) for name in BASE_PARAMETERS} | {"mass_1": np.full(n, 9.0)}
        """,
}


def draws(folder: Path, prior: str = "gaussian_masses", count: int = COUNT, **options: Any) -> Path:
    path = folder / f"{prior}.hdf5"
    options = options or (GAUSSIAN if prior == "gaussian_masses" else {})
    show_prior(prior, prior_options=options, samples=count, output_file=path)
    return path
