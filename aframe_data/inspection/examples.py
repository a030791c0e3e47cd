"""Which signals of a ledger to show: from light ones to heavy ones, and how loud all are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.figures.examples import Example, Loudness
from aframe_data.formats.ledger_samples import read_row, sample_parameters
from aframe_data.inspection.ledger import MOST, sampled_snrs
from aframe_data.types import WaveformRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.formats.ledger import LedgerSummary

#: Where the examples stand among all, ordered by their total mass.
_QUANTILES = (0.05, 0.35, 0.65, 0.95)
_NEEDED = ("sample_rate", "duration", "right_pad")


def chosen_examples(path: Path, found: LedgerSummary) -> tuple[list[Example], WaveformRequest]:
    """Read some signals, and what grid they are on.

    Raises
    ------
    DataQualityError
        The file does not say its grid, or cannot be read.
    """
    missing = [name for name in _NEEDED if name not in found.attributes]
    if missing:
        raise DataQualityError(f"{path} cannot be drawn: its root has no attribute {' or '.join(missing)}.")
    request = WaveformRequest(*(float(found.attributes[name]) for name in _NEEDED))
    size = request.sample_rate * request.duration
    if any(shape[1:] != (size,) for shape in found.waveforms.values()):
        shapes = ", ".join(f"{name} {shape}" for name, shape in found.waveforms.items())
        raise DataQualityError(f"{path} cannot be drawn: its waveforms are {shapes}, not {size:g} samples.")
    signals = (read_row(path, row) for row in _rows(path, int(found.attributes["length"])))
    return [Example(_title(parameters), waveforms) for parameters, waveforms in signals], request


def _rows(path: Path, number: int) -> list[int]:
    """Numbers of the rows, by total mass; without masses at even steps."""
    masses = sample_parameters(path, MOST, ("mass_1", "mass_2"))
    if len(masses) == 2:
        step = -(-number // MOST) or 1
        order = np.argsort(masses["mass_1"] + masses["mass_2"], kind="stable") * step
    else:
        order = np.arange(number)
    places = np.round(np.array(_QUANTILES) * (len(order) - 1)).astype(int)
    return [int(row) for row in order[np.unique(places)]]


def _title(parameters: Mapping[str, Any]) -> str:
    """Masses, redshift and SNR, of those that are there."""
    parts = []
    if {"mass_1", "mass_2"} <= {*parameters}:
        masses = " + ".join(f"{float(parameters[name]):.3g}" for name in ("mass_1", "mass_2"))
        parts.append(rf"{masses} $M_\odot$")
    if "redshift" in parameters:
        parts.append(f"$z$ = {float(parameters['redshift']):.2g}")
    if "snr" in parameters:
        parts.append(rf"$\rho$ = {float(parameters['snr']):.3g}")
    return ", ".join(parts)


def loudness(path: Path, found: LedgerSummary, threshold: float | None) -> Loudness | None:
    """The SNRs of all signals, of a file that has them."""
    ifos = sampled_snrs(path, found)
    snr = ifos.pop("network", None)
    if snr is None or not np.isfinite(snr).all() or not (snr > 0).all():
        return None
    return Loudness(snr, ifos, float(snr.min()) if threshold is None else threshold)
