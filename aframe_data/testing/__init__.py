"""The conformance kit: tests that every plugin can run on its own providers, with pytest.

A plugin's test module subclasses the class of its kind and says what to ask for::

    from aframe_data.testing import StrainFetcherTests

    class TestObservatory(StrainFetcherTests):
        name = "observatory"
        channel, other_channel = "O1:STRAIN", "O2:STRAIN"
        start, stop = 1_000_000_000, 1_000_000_064
        sample_rate = 4096
        value_at = (1_000_000_012.5, 3.25e-21)

pytest then checks that the provider is registered, that its class keeps the contract of its hook, and what
the core relies on. The more an author tells of an answer (a value, a mask, segments), the more faults are seen.
The built-in plugins are tested with it too.
"""

from __future__ import annotations

import pkgutil

import pytest

# Before they are imported, so that a failed assertion prints the values that it is about.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))

from aframe_data.testing.exports import ExportTests  # noqa: E402
from aframe_data.testing.priors import PriorTests  # noqa: E402
from aframe_data.testing.segments import SegmentSourceTests  # noqa: E402
from aframe_data.testing.sources import SourceKindTests  # noqa: E402
from aframe_data.testing.strain import StrainFetcherTests  # noqa: E402
from aframe_data.testing.waveforms import WaveformGeneratorTests  # noqa: E402

__all__ = [
    "ExportTests",
    "PriorTests",
    "SegmentSourceTests",
    "SourceKindTests",
    "StrainFetcherTests",
    "WaveformGeneratorTests",
]
