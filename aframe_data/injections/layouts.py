"""The shape of the file of rejected draws, and what it has in common with that of accepted signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.formats.ledger import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence


def rejected_layout(ifos: tuple[str, ...], parameters: Sequence[str], *, length: int, estimated: bool) -> Layout:
    """The shape of the file of rejected parameters; it says whether its SNRs may be estimates, and which are."""
    attributes = {"ifos": ifos, "snr_estimated": estimated}
    return Layout(length, attributes, stored_fields(ifos, parameters) | {"snr_is_estimate": ()})


def stored_fields(ifos: tuple[str, ...], parameters: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """What the files have of each signal, accepted or rejected, and the shape of it."""
    return dict.fromkeys(parameters, ()) | {"snr": (), "ifo_snrs": (len(ifos),)}
