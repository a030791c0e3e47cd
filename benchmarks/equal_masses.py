"""A population of exactly equal masses, for ``benchmarks/exhaustive.py``: where spectra and series disagree most."""

from __future__ import annotations

from typing import Any

import numpy as np
from bilby.core.prior import (
    ConditionalDeltaFunction,
    ConditionalPriorDict,
    Cosine,
    PowerLaw,
    PriorDict,
    Sine,
    Uniform,
)


def same_as_mass_1(_reference: dict[str, Any], mass_1: Any) -> dict[str, Any]:
    """The condition of mass_2."""
    return {"peak": mass_1}


def equal_masses() -> tuple[PriorDict, bool]:
    """The prior, in the source's frame."""
    circle = {"minimum": 0, "maximum": 2 * np.pi}
    return ConditionalPriorDict(
        {
            "mass_1": Uniform(5, 80),
            "mass_2": ConditionalDeltaFunction(condition_func=same_as_mass_1, peak=0),
            "redshift": PowerLaw(alpha=2, minimum=0.01, maximum=1),
            **{f"a_{body}": Uniform(0, 0.99) for body in (1, 2)},
            **{f"tilt_{body}": Sine() for body in (1, 2)},
            **{name: Uniform(**circle) for name in ("phi_12", "phi_jl", "ra", "phase")},
            "psi": Uniform(0, np.pi),
            "theta_jn": Sine(),
            "dec": Cosine(),
        }
    ), False
