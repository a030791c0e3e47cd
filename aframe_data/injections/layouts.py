"""The shapes of the files of accepted signals and of rejected draws."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aframe_data.formats.ledger import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.waveforms.recipe import Recipe


def accepted_layout(
    recipe: Recipe, ifos: tuple[str, ...], parameters: Sequence[str], *, length: int, num_injections: int, timed: bool
) -> Layout:
    """The shape of a file of accepted signals; those of a campaign are `timed`."""
    times: dict[str, tuple[int, ...]] = {"injection_time": (), "shift": (len(ifos),)}
    return Layout(
        length=length,
        attributes={**asdict(recipe.request), "num_injections": num_injections, "ifos": ifos},
        parameters=_fields(ifos, parameters) | (times if timed else {}),
        waveforms=dict.fromkeys((ifo.lower() for ifo in ifos), recipe.request.size),
        dtype=recipe.dtype,
    )


def rejected_layout(ifos: tuple[str, ...], parameters: Sequence[str], *, length: int, estimated: bool) -> Layout:
    """The shape of the file of rejected parameters; it says whether its SNRs may be estimates, and which are."""
    attributes = {"ifos": ifos, "snr_estimated": estimated}
    return Layout(length, attributes, _fields(ifos, parameters) | {"snr_is_estimate": ()})


def _fields(ifos: tuple[str, ...], parameters: Sequence[str]) -> dict[str, tuple[int, ...]]:
    return dict.fromkeys(parameters, ()) | {"snr": (), "ifo_snrs": (len(ifos),)}
