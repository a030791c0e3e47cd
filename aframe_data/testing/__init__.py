"""The conformance kit: tests that every plugin can run on its own providers, with pytest.

A plugin's test module subclasses the class of its kind and says what to ask for::

    from aframe_data.testing import StrainFetcherTests

    class TestObservatory(StrainFetcherTests):
        name = "observatory"
        channel = "O1:STRAIN"
        start, stop = 1_000_000_000, 1_000_000_064
        sample_rate = 4096

pytest then checks that the provider is registered, that its class keeps the contract of its hook, and what
the core relies on. The built-in plugins are tested with it too.
"""

from __future__ import annotations

from aframe_data.testing.exports import ExportTests
from aframe_data.testing.priors import PriorTests
from aframe_data.testing.segments import SegmentSourceTests
from aframe_data.testing.strain import StrainFetcherTests
from aframe_data.testing.waveforms import WaveformGeneratorTests

__all__ = ["ExportTests", "PriorTests", "SegmentSourceTests", "StrainFetcherTests", "WaveformGeneratorTests"]
