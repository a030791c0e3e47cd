"""What was found of populations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Report

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class ParameterFacts:
    """One parameter of a population.

    Attributes
    ----------
    name
        Of the parameter.
    unit
        Its unit; empty for a number.
    distribution
        What is drawn, in words; empty where the prior does not say it, or draws something else in its place.
    minimum, low, median, high, maximum
        Of the draws: the smallest, the fifth percentile, the middle, the ninety-fifth, the largest.
    """

    name: str
    unit: str
    distribution: str
    minimum: float
    low: float
    median: float
    high: float
    maximum: float


@dataclass(frozen=True)
class PriorReport(Report):
    """A population.

    Attributes
    ----------
    prior, summary, distribution, version
        The prior's name, what its record says, and the package that brings it.
    options
        Of the prior, as resolved.
    frame, cosmology
        The frame of the masses, and the cosmology by which redshift becomes distance.
    parameters
        Of each draw.
    drawn_instead
        What is drawn in place of a parameter, such as a chirp mass, and how.
    looked_at
        Draws of which the percentiles are.
    in_order
        How many signals there are, where they have an order; of these, the first ones are looked at.
    path, num_samples, seed
        The file of draws, how many it has, and their seed; None where none was asked for.
    present
        True if that file was there already.
    """

    prior: str
    summary: str
    distribution: str
    version: str
    options: dict[str, Any]
    frame: str
    cosmology: str
    parameters: tuple[ParameterFacts, ...]
    drawn_instead: dict[str, str]
    looked_at: int
    in_order: int | None = None
    path: Path | None = None
    num_samples: int | None = None
    seed: int | None = None
    present: bool = False

    @property
    def looked_at_in_words(self) -> str:
        """``20000 draws``, or which ones of signals that have an order."""
        if self.in_order is None:
            return f"{self.looked_at} draws"
        if self.looked_at < self.in_order:
            return f"the first {self.looked_at} of {self.in_order} signals"
        return "the only signal" if self.in_order == 1 else f"all {self.in_order} signals"

    @property
    def has_masses(self) -> bool:
        """Whether it draws masses, which have a frame."""
        return any("mass" in one.name for one in self.parameters)


@dataclass(frozen=True)
class ReweightReport(Report):
    """Signals of one population in the light of another.

    Attributes
    ----------
    path
        The file with the weights.
    prior, target
        The population that the signals were drawn from, and the other.
    num_signals, num_injections
        Signals in the file, and draws that were made for it; None where it does not say.
    effective_size
        As many signals of the target as the weighted ones are worth: (sum of weights)² / sum of squares.
    mean_weight, largest_weight
        Of the weights.
    outside
        Signals that the target never draws, of weight 0.
    efficiency
        Sum of the weights over the draws: the fraction of the target's draws that would be in the file; None where the
        number of draws is not known.
    present
        True if the file was there already.
    """

    path: Path
    prior: str
    target: str
    num_signals: int
    num_injections: int | None
    effective_size: float
    mean_weight: float
    largest_weight: float
    outside: int
    efficiency: float | None
    present: bool = False
