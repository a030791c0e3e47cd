"""Texts of bilby ``.prior`` files for the tests, and a checked draw from such a file. No test."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data_priors.user_priors import BilbyFile

EXTRINSIC = """
# everything but masses, distance and spins
dec = Cosine(name='dec')
ra = Uniform(minimum=0, maximum=2 * np.pi, boundary='periodic')
theta_jn = Sine(name='theta_jn')
psi = Uniform(minimum=0, maximum=np.pi)
phase = Uniform(minimum=0, maximum=2 * np.pi)
"""
SPINS = """
a_1 = Uniform(minimum=0, maximum=0.99)
a_2 = 0.5
tilt_1 = Sine(name='tilt_1')
cos_tilt_2 = Uniform(minimum=-1, maximum=1)
phi_12 = 0
phi_jl = Uniform(minimum=0, maximum=2 * np.pi)
"""
MASSES = """
mass_1 = Uniform(minimum=20, maximum=60)
mass_2 = Uniform(minimum=5, maximum=20)
"""
REDSHIFT = "redshift = bilby.gw.prior.UniformComovingVolume(minimum=0, maximum=1, name='redshift')\n"
COMPLETE = EXTRINSIC + SPINS + MASSES + REDSHIFT

Prior: TypeAlias = "Callable[..., BilbyFile]"


def sample(prior: BilbyFile, n: int = 500) -> dict[str, np.ndarray]:
    samples = dict(prior.sample(n, np.random.default_rng(11)))
    assert tuple(samples) == prior.parameters
    for name, values in samples.items():
        assert (values.shape, values.dtype) == ((n,), np.float64), name
        assert np.all(np.isfinite(values)), name
    return samples
