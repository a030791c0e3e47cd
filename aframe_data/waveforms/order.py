"""Signals that are taken in the order in which a prior has them, each at its own place in the output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.errors import UsageError, WaveformError
from aframe_data.plugin.protocols import OrderedPrior
from aframe_data.waveforms.recipe import prior_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.waveforms.recipe import Recipe


def has_order(recipe: Recipe) -> bool:
    """Whether the prior's signals are taken in their order, each at its own place in the output."""
    prior = prior_of(recipe)
    return isinstance(prior, OrderedPrior) and bool(prior.has_order)


def require_order(recipe: Recipe, wanted: int, *, all_kept: bool) -> None:
    """Refuse what signals in order cannot give.

    Parameters
    ----------
    wanted
        How many signals the whole output has, of all parts.
    all_kept
        Whether every draw is in the output, whatever its SNR.

    Raises
    ------
    UsageError
        There are not so many, or some would be left out.
    """
    prior = prior_of(recipe)
    if not isinstance(prior, OrderedPrior) or not prior.has_order:
        return
    if not all_kept:
        raise UsageError(
            f"prior {recipe.prior.key!r} gives its signals in order, one for each place, and an SNR threshold would "
            "leave some of them out: use --snr-threshold 0, or have the prior draw at random."
        )
    prior.take(wanted - 1, wanted)


def require_all_made(recipe: Recipe, first: int, failures: Mapping[int, str]) -> None:
    """Stop where a signal that has a place of its own gave no waveform: no other one can take it.

    Parameters
    ----------
    first
        Number of the first of some signals among all of the output.
    failures
        Which of them failed, by their numbers among these, and why.

    Raises
    ------
    WaveformError
        Naming the first one.
    """
    if failures and has_order(recipe):
        index = min(failures)
        raise WaveformError(
            f"signal {first + index} (counted from 0) of prior {recipe.prior.key!r} failed: {failures[index]}. In "
            "order, no other signal can take its place: leave it out of the file, or have the prior draw at random."
        )
