"""The regions in each of which estimates of the SNR are trusted or not: those of a kind of sources, or one of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.plugin.kinds import Regions
from aframe_data.waveforms.draws import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aframe_data.plugin.kinds import SourceKind
    from aframe_data.types import FloatArray


def of_kind(kind: SourceKind) -> Regions:
    """The regions of a kind of sources; one that holds all signals where the kind has none."""
    return kind.regions or ONE_REGION


def _one(parameters: Mapping[str, FloatArray]) -> NDArray[np.intp]:
    return np.zeros(count_of(parameters), dtype=np.intp)


def _all_signals(_region: int) -> str:
    return "all signals"


ONE_REGION = Regions(count=1, of=_one, describe=_all_signals)
