from __future__ import annotations

from aframe_data.testing import SourceKindTests


class TestBells(SourceKindTests):
    name = "sound-bell"
    parameters = {  # noqa: RUF012
        "frequency": (100.0, 400.0, 800.0),
        "weight": (1.0, 5.0, 20.0),
        "distance": (1.0, 2.0, 4.0),
        "ra": (1.0, 2.0, 3.0),
        "dec": (0.1, -0.4, 0.9),
        "psi": (0.3, 1.0, 2.0),
    }
    impossible = {"weight": -1.0}  # noqa: RUF012
