"""What any of the project's files holds: kind, span or number, soundness and provenance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.io.ledger import LedgerSummary

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class Inspection:
    """What was found in a file.

    Attributes
    ----------
    kind
        ``"segments"``, ``"background strain"``, ``"PSD"``, ``"waveforms"`` or ``"parameters"``.
    facts
        Name and value, for a table.
    problems
        What is wrong with it; empty for a sound file.
    record
        The provenance, or None.
    """

    kind: str
    facts: Mapping[str, Any]
    problems: tuple[str, ...]
    record: Mapping[str, Any] | None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def inspect(path: str | Path) -> Inspection:
    """Read a file of any of the project's formats.

    Raises
    ------
    UsageError
        It is not there, or is of no format known here.
    DataQualityError
        It is of a known format and cannot be read.
    """
    path = Path(path)
    from aframe_data.io.kinds import kind_of

    readers = {"text": _segments, "psd": _psd, "ledger": _ledger}
    return readers.get(kind_of(path), _background)(path)


def _segments(path: Path) -> Inspection:
    from aframe_data.io import segwizard
    from aframe_data.segments import arithmetic

    segments = segwizard.read_segments(path)
    record = segwizard.read_record(path)
    if not segments and not path.read_text(encoding="utf-8").startswith("#"):
        raise UsageError(f"{str(path)!r} is empty: no file of aframe-data.")
    facts: dict[str, Any] = {"number": len(segments)}
    if segments:
        facts["span"] = f"{min(segments).start:.10g} to {max(segment.stop for segment in segments):.10g}"
        facts["livetime (s)"] = arithmetic.livetime(segments)
        facts["shortest (s)"] = min(segment.duration for segment in segments)
        facts["longest (s)"] = max(segment.duration for segment in segments)
    total = sum(segment.duration for segment in segments)
    intact = segwizard.is_intact(path)
    if intact is not None:
        facts["content"] = _content(intact=intact)
    problems = ["segments overlap"] if total > arithmetic.livetime(segments) + 1e-6 else []
    if intact is False:
        problems.append("the segments changed since they were written")
    return Inspection("segments", facts, tuple(problems), record)


def _background(path: Path) -> Inspection:
    from aframe_data.io import background

    found = background.summarize(path)
    named = background.parse_file_name(path)
    problems = [f"{count} samples of {ifo} are not finite" for ifo, count in found.not_finite.items() if count]
    if found.intact is False:
        problems.append("the samples changed since they were written")
    if named is None:
        problems.append("the name is not PREFIX-START-DURATION.hdf5, which Aframe reads")
    elif named != found.segment:
        problems.append(f"the name says {named}, the content is {found.segment}")
    facts = {
        "interferometers": ", ".join(found.ifos),
        "span": f"{found.segment.start:.10g} to {found.segment.stop:.10g}",
        "duration (s)": found.segment.duration,
        "sample rate (Hz)": found.sample_rate,
        "type": found.dtype,
        "content": _content(intact=found.intact),
    }
    return Inspection("background strain", facts, tuple(problems), found.record)


def _psd(path: Path) -> Inspection:
    import numpy as np

    from aframe_data.io import psd
    from aframe_data.psd.spectra import quietest

    found = psd.summarize(path)
    facts: dict[str, Any] = {"interferometers": ", ".join(found.series)}
    problems = []
    for name, series in found.series.items():
        frequencies, values = series.frequencies, series.values
        facts[f"{name}, frequencies (Hz)"] = f"{frequencies[0]:g} to {frequencies[-1]:g} in steps of {series.spacing:g}"
        # At zero frequency there is no noise where the mean of the strain was taken away.
        for what, bad in (("not finite", ~np.isfinite(values)), ("not above zero", values <= 0)):
            count = int(np.count_nonzero(bad & (frequencies > 0)))
            if count:
                problems.append(f"{count} values of {name} are {what}")
        best = quietest(frequencies, values)
        if best:
            facts[f"{name}, smallest ASD"] = f"{best[1]:.3g} /sqrt(Hz) at {best[0]:g} Hz"
    if found.intact is False:
        problems.append("the densities changed since they were written")
    facts["content"] = _content(intact=found.intact)
    return Inspection("PSD", facts, tuple(problems), found.record)


def _ledger(path: Path) -> Inspection:
    from aframe_data.io import ledger

    found = ledger.summarize(path)
    facts: dict[str, Any] = {name: _plain(value) for name, value in found.attributes.items()}
    facts |= {f"waveforms {name}": " x ".join(map(str, shape)) for name, shape in found.waveforms.items()}
    facts |= {name: f"{low:.6g} to {high:.6g}" for name, (low, high) in found.parameters.items()}
    facts["content"] = _content(intact=found.intact)
    return Inspection("waveforms" if found.waveforms else "parameters", facts, _ledger_problems(found), found.record)


def _ledger_problems(found: LedgerSummary) -> tuple[str, ...]:
    """What Aframe's readers would stumble over, or should not learn from."""
    problems = [f"{count} values of {name} are not finite" for name, count in found.not_finite.items()]
    if found.intact is False:
        problems.append("the content changed since it was written")
    attributes = found.attributes
    length, injections = attributes.get("length"), attributes.get("num_injections")
    if any(shape[0] != length for shape in found.waveforms.values()):
        problems.append(f"the attribute length says {length}, and the waveforms have another number of rows")
    if {"sample_rate", "duration"} <= set(attributes):
        size = attributes["sample_rate"] * attributes["duration"]
        if any(shape[-1] != size for shape in found.waveforms.values()):
            problems.append(f"sample_rate times duration is {size:g}, and the waveforms have another number of samples")
    if length is not None and injections is not None and injections < length:
        problems.append(f"num_injections = {injections} is below length = {length}")
    return tuple(problems)


def _content(*, intact: bool | None) -> str:
    return {True: "as written", False: "changed", None: "not known: no hash"}[intact]


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if getattr(value, "ndim", 0) else getattr(value, "item", lambda: value)()
