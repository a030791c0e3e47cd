"""What stands above a picture of signals: the file, how many there are, of which population, and what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.formats.record_parts import mapping_in, records_of
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from collections.abc import Collection


def signals_title(name: str, number: int, record: Any, parameters: Collection[str]) -> str:
    """The title of a picture of a ledger's signals.

    Parameters
    ----------
    name
        Of the file.
    number
        Of its signals.
    record
        Its provenance, or None; of a joined file, that of its first piece counts. Of a file of another program nothing
        is taken for granted.
    parameters
        Names of the signals' parameters: where masses are among them, a second line says their frame.
    """
    parts = [f"{name}: {counted(number, 'signal')}"]
    prior = mapping_in(next(records_of(record), None), "prior")
    if prior.get("name"):
        parts.append(f"prior {prior['name']}")
    threshold = snr_threshold(record)
    if threshold is not None:
        parts.append(f"network SNR threshold {threshold:g}")
    return ", ".join(parts) + "\nmasses in the detector frame" * ("mass_1" in parameters)


def snr_threshold(record: Any) -> float | None:
    """The network SNR that a file's signals were accepted or rejected by, where its provenance says so."""
    found = mapping_in(next(records_of(record), None), "arguments").get("snr_threshold")
    return found if isinstance(found, (int, float)) else None
