"""What a ledger holds: how many signals, in which ranges, and how loud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.formats import ledger
from aframe_data.formats.hdf5 import plain
from aframe_data.formats.ledger_samples import sample_parameters
from aframe_data.formats.ledger_source import SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS
from aframe_data.inspection.facts import number
from aframe_data.reports.inspect import Inspection

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.formats.ledger import LedgerSummary
    from aframe_data.formats.ledger_arrays import Array

#: Of more signals than these, as many are looked at, at even steps.
MOST = 1_000_000


def read(path: Path, *, check: bool = True) -> Inspection:
    """Read all arrays, in blocks, to compare them with their hash; without `check`, only those that are told of."""
    found = ledger.summarize(path, check=check)
    facts: dict[str, Any] = {name: plain(value) for name, value in found.attributes.items()}
    facts["waveforms"] = {
        name: {"shape": list(shape), "dtype": found.dtypes[name]} for name, shape in found.waveforms.items()
    }
    by_time = _injections_by_time(path, found)
    if by_time is not None:
        facts["num_injections_by_time"] = number(by_time)
    facts["snr"] = {name: _summary(snr) for name, snr in sampled_snrs(path, found).items() if len(snr)}
    facts["parameters"] = {
        name: {"min": number(low), "max": number(high)} for name, (low, high) in found.parameters.items()
    }
    facts = {name: value for name, value in facts.items() if value != {}}
    facts["intact"] = found.intact
    return Inspection(path, "waveforms" if found.waveforms else "parameters", facts, _problems(found), found.record)


def sampled_snrs(path: Path, found: LedgerSummary) -> dict[str, Array]:
    """The SNRs of the ``network``, and of each interferometer, of a file that has them."""
    values = sample_parameters(path, MOST, ("snr", "ifo_snrs"))
    columns = {"network": values["snr"]} if "snr" in values else {}
    each, ifos = values.get("ifo_snrs"), plain(found.attributes.get("ifos", []))
    if each is not None and each.ndim == 2 and each.shape[1] == len(ifos):
        columns |= dict(zip(ifos, each.T, strict=True))
    return columns


def _injections_by_time(path: Path, found: LedgerSummary) -> float | None:
    """What num_injections would be if its quotient were the share of signals accepted on average over time.

    The share of a segment in which n signals took d draws is (n - 1) / (d - 1), without bias (inverse sampling, Haldane
    1945), and signals stand for time. None where the file does not say them, or nothing can be said.
    """
    values = sample_parameters(path, MOST, (SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS))
    length = found.attributes.get("length")
    if len(values) < 2 or not length:
        return None
    signals, drawn = values[SEGMENT_LENGTH], values[SEGMENT_NUM_INJECTIONS]
    shares = np.divide(signals - 1, drawn - 1, out=np.ones_like(drawn), where=drawn > 1)
    return float(length / shares.mean()) if shares.any() else None


def _summary(values: np.ndarray[Any, Any]) -> dict[str, float | None]:
    return {name: number(of(values)) for name, of in (("min", np.min), ("median", np.median), ("max", np.max))}


def _problems(found: LedgerSummary) -> tuple[str, ...]:
    """What Aframe's readers would stumble over, or should not learn from."""
    problems = [f"{count} values of {name} are not finite" for name, count in found.not_finite.items()]
    if found.intact is False:
        problems.append("the content changed since it was written")
    attributes = found.attributes
    length, injections = attributes.get("length"), attributes.get("num_injections")
    if any(shape[0] != length for shape in found.waveforms.values()):
        problems.append(f"the attribute length says {length}, but the waveforms have a different number of rows")
    if {"sample_rate", "duration"} <= set(attributes):
        size = attributes["sample_rate"] * attributes["duration"]
        if any(shape[-1] != size for shape in found.waveforms.values()):
            problems.append(f"sample_rate times duration is {size:g}, but waveforms have a different number of samples")
    if length is not None and injections is not None and injections < length:
        problems.append(f"num_injections = {injections} is below length = {length}")
    return tuple(problems)
