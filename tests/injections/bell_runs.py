"""A stranger's bells: what its package registers, their populations, and the rule by which they are accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.detection.acceptance import Acceptance
from aframe_data.psd.band import Band
from aframe_data.requests.signals import Signals
from aframe_data.seeds import Stream
from aframe_data.waveforms.request import recipe_of
from plugin_factory import hook

if TYPE_CHECKING:
    from aframe_data.waveforms.recipe import Recipe

GENERATORS = hook(
    "waveform_generators",
    """
    yield WaveformGeneratorProvider(
        name="bell", summary="Bells", load="bells:Bell", signals="bell", parameters=("frequency", "strain", "loud")
    )
    """,
)
PRIORS = hook(
    "priors",
    """
    for name in ("tower", "quiet-tower"):
        yield PriorProvider(name=name, summary="Bells", load=f"bells:{'Tower' if name == 'tower' else 'QuietTower'}")
    """,
)
KINDS = hook("source_kinds", 'yield SourceKindProvider(name="bell", summary="Bells", load="bells:Bells")')
ACCEPTANCE = Acceptance(("H1", "L1"), Band(32, None), 8.0)


def bells(prior: str = "tower") -> Recipe:
    return recipe_of(
        Signals(prior=prior, generator="bell", sample_rate=512, waveform_duration=1, right_pad=0.5, seed=5),
        Stream.VALIDATION,
    )
