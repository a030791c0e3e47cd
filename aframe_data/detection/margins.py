"""How far estimates of the SNR may be off, and what they can rule out within that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.types import FloatArray

#: Frequencies of a sketch, of the first estimate, and of the one that draws near the threshold get.
SKETCH_NODES, COARSE_NODES, FINE_NODES = 32, 128, 512


@dataclass(frozen=True)
class RatioRange:
    """Ratios between which a region's draws must lie to be trusted."""

    low: float
    high: float

    def holds(self, ratios: FloatArray) -> NDArray[np.bool_]:
        """Tell which ratios lie inside; NaN does not."""
        return (ratios >= self.low) & (ratios <= self.high)


@dataclass(frozen=True)
class SketchMargins:
    """How far sketches may be off.

    Attributes
    ----------
    reach
        The largest SNR that a draw may have, over that of its sketch from the loudest side.
    typical
        The SNR of the full waveform over that of its sketch as we see it: the median.
    """

    reach: float
    typical: float


@dataclass(frozen=True)
class Margins:
    """How far estimates may be off.

    Attributes
    ----------
    coarse
        Of the fine estimate over the coarse one.
    fine
        Of the SNR of the full waveform over the fine estimate.
    untrusted
        Regions whose draws are made in full, sorted.
    draws
        Number of draws that showed it.
    made_in_full
        Words for the signals of the untrusted regions.
    sketch
        Of sketches, for generators that have them.
    """

    coarse: RatioRange
    fine: RatioRange
    untrusted: tuple[int, ...]
    draws: int
    made_in_full: tuple[str, ...] = ()
    sketch: SketchMargins | None = None

    @property
    def coarse_reach(self) -> float:
        """The largest SNR that a draw may have, over its coarse estimate."""
        return self.coarse.high * self.fine.high

    @property
    def coarse_floor(self) -> float:
        """The smallest SNR that a draw may have, over its coarse estimate."""
        return self.coarse.low * self.fine.low

    def trust(self, region: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Tell which regions are trusted."""
        return ~np.isin(region, self.untrusted)

    def rules_out(self, coarse: FloatArray, fine: FloatArray, threshold: float) -> NDArray[np.bool_]:
        """Tell which draws cannot reach the threshold, by both estimates, and by their agreement."""
        return (fine * self.fine.high < threshold) & self.coarse.holds(fine / coarse)

    def describe(self) -> dict[str, Any]:
        """What the provenance keeps."""
        return {
            "nodes": [COARSE_NODES, FINE_NODES],
            "sketch": None if self.sketch is None else {"nodes": SKETCH_NODES, **asdict(self.sketch)},
            "fine_over_coarse": [self.coarse.low, self.coarse.high],
            "full_over_fine": [self.fine.low, self.fine.high],
            "draws": self.draws,
            "made_in_full": [*self.made_in_full],
        }
