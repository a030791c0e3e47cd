"""The conformance kit, run on the built-in kinds of sources, and on the generator of those that are no binaries."""

from __future__ import annotations

import numpy as np

from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.testing import SourceKindTests, WaveformGeneratorTests

RINGDOWNS = {
    "frequency": (150.0, 250.0, 400.0),
    "quality": (4.0, 12.0, 20.0),
    "distance": (100.0, 400.0, 900.0),
    "theta_jn": (0.4, 1.2, 2.5),
    "phase": (0.0, 1.0, 4.0),
    "ra": (1.0, 2.0, 3.0),
    "dec": (0.1, -0.4, 0.9),
    "psi": (0.3, 1.0, 2.0),
}


class TestBinaries(SourceKindTests):
    name = "binary"
    parameters = dict.fromkeys(BASE_PARAMETERS, (0.1, 0.2, 0.3)) | {
        "mass_1": (36.0, 20.0, 200.0),
        "mass_2": (29.0, 12.0, 20.0),
        "tilt_1": (0.3, 2.0, 1.0),
    }
    impossible = {"mass_2": 300.0}  # noqa: RUF012


class TestRingdowns(SourceKindTests):
    name = "ringdown"
    parameters = RINGDOWNS


class TestDampedSinusoid(WaveformGeneratorTests):
    name = "damped-sinusoid"
    parameters = RINGDOWNS
    quiet_after = 0.4
    impossible = {"quality": 1.5}  # noqa: RUF012
    spectrum_tolerance = 0.1  # that of signals without samples: the jump at t = 0 counts more at a low rate


class TestDampedSinusoidOfADrawnPartOfTheMass(TestDampedSinusoid):
    parameters = {**RINGDOWNS, "epsilon": (0.01, 0.02, 0.03)}  # noqa: RUF012
    impossible = {"epsilon": np.nan}  # noqa: RUF012
