from __future__ import annotations

import numpy as np

from aframe_data.testing import PriorTests


class TestPopulation(PriorTests):
    name = "sound"
    source_masses = (20, 80)
    ranges = {"redshift": (0.02, 0.82), "a_1": (0, 0.99), "psi": (0, np.pi)}  # noqa: RUF012
    isotropic = ("ra", "dec", "theta_jn", "psi", "phase", "tilt_1", "tilt_2", "phi_12", "phi_jl")
    seconds = 5
