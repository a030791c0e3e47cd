"""The shapes of the files of accepted signals and of rejected draws."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aframe_data.formats.ledger import Layout
from aframe_data.injections.weights import SEGMENT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.waveforms.recipe import Recipe


def accepted_layout(
    recipe: Recipe,
    ifos: tuple[str, ...],
    parameters: Sequence[str],
    *,
    length: int,
    num_injections: int,
    timed: bool,
    weighed: bool,
) -> Layout:
    """The shape of the file of accepted signals.

    Parameters
    ----------
    timed, weighed
        Whether they have times and shifts, and the draws of their segments.
    """
    times: dict[str, tuple[int, ...]] = {"injection_time": (), "shift": (len(ifos),)} if timed else {}
    weights: dict[str, tuple[int, ...]] = dict.fromkeys(SEGMENT_COLUMNS, ()) if weighed else {}
    return Layout(
        length=length,
        attributes={**asdict(recipe.request), "num_injections": num_injections, "ifos": ifos},
        parameters=stored_fields(ifos, parameters) | times | weights,
        waveforms=dict.fromkeys((ifo.lower() for ifo in ifos), recipe.request.size),
        dtype=recipe.dtype,
    )


def rejected_layout(ifos: tuple[str, ...], parameters: Sequence[str], *, length: int, estimated: bool) -> Layout:
    """The shape of the file of rejected parameters; it says whether its SNRs may be estimates, and which are."""
    attributes = {"ifos": ifos, "snr_estimated": estimated}
    return Layout(length, attributes, stored_fields(ifos, parameters) | {"snr_is_estimate": ()})


def stored_fields(ifos: tuple[str, ...], parameters: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """What the files have of each signal, accepted or rejected, and the shape of it."""
    return dict.fromkeys(parameters, ()) | {"snr": (), "ifo_snrs": (len(ifos),)}
