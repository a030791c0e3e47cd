"""The noise of some interferometers, as power spectral densities on one grid of frequencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import FloatArray


@dataclass(frozen=True, eq=False)
class PowerSpectra:
    """One-sided power spectral densities.

    Attributes
    ----------
    ifos
        The interferometers, sorted.
    frequencies
        (k,) Hz, evenly spaced; from zero where it is the grid of a window's FFT.
    values
        (n_ifo, k) 1/Hz, in the order of `ifos`.
    record
        What they came from, for the provenance.
    """

    ifos: tuple[str, ...]
    frequencies: FloatArray
    values: FloatArray
    record: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.ifos), len(self.frequencies)):
            raise ValueError(
                f"values of shape {self.values.shape} are none of {len(self.ifos)} interferometers at "
                f"{len(self.frequencies)} frequencies"
            )

    def of(self, ifo: str) -> FloatArray:
        """The density of one interferometer, (k,)."""
        values: FloatArray = self.values[self.ifos.index(ifo)]
        return values
