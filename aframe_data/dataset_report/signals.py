"""What ledgers hold: which each is, how many draws it took, why draws failed, and the slides of a campaign."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import AframeDataError
from aframe_data.figures.quantities import are_binaries, quantities_of
from aframe_data.figures.titles import snr_threshold
from aframe_data.formats.ledger_source import open_source
from aframe_data.formats.record_parts import list_in, mapping_in, records_of
from aframe_data.outside import outside_text
from aframe_data.reports.dataset import CAMPAIGN, REJECTED, TRAINING, VALIDATION, SignalsFacts, Slide

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from aframe_data.dataset_report.examination import Examination

_ROLES = {"waveforms": TRAINING, "validation-waveforms": VALIDATION, "timeslide-waveforms": CAMPAIGN}
#: Parameters that say which binaries there are.
_OF_BINARIES = ("mass_1", "mass_2", "redshift")
#: ``draw 17: reason (mass_1=30, …)``, of which the reason is the same for many.
_FAILURE = re.compile(r"(?:draw \d+: )?(?P<reason>.*?)(?: \([^()]*=[^()]*\))?")
#: Slides and segments of a campaign that are counted; more are no campaign that was planned here.
_MOST_PIECES = 1_000_000


def role_of(found: Examination) -> str:
    """One of `aframe_data.reports.dataset.ROLES`: by the command that made the file, or else by what it holds."""
    if "waveforms" not in found.facts:
        return REJECTED
    made = next(records_of(found.record), {}).get("command")
    if made in _ROLES:
        return _ROLES[made]
    if "plus" in found.facts["waveforms"]:
        return TRAINING
    return CAMPAIGN if {"injection_time", "shift"} <= {*found.facts.get("parameters", {})} else VALIDATION


def telling_parameters(found: Examination) -> tuple[str, ...]:
    """The parameters of a ledger that say which sources there are: of binaries the masses, of others all."""
    names = tuple(found.facts.get("parameters", ()))
    if are_binaries(names):
        return tuple(name for name in _OF_BINARIES if name in names)
    return tuple(name for quantity in quantities_of(names) for name in quantity.needs)


def read_signals(found: Examination, rejected: Examination | None) -> SignalsFacts:
    """What a ledger holds.

    Parameters
    ----------
    rejected
        The file of the parameters that were rejected for it, if there is one.
    """
    facts, role = found.facts, role_of(found)
    number = _count(facts.get("length")) or 0
    drawn = _drawn(found) if role in (TRAINING, VALIDATION, CAMPAIGN) else None
    by_time = facts.get("num_injections_by_time")
    slides = slides_of(found.path, found.record) if role == CAMPAIGN else ()
    return SignalsFacts(
        name=found.name,
        role=role,
        number=number,
        drawn=drawn,
        acceptance=number / drawn if drawn else None,
        acceptance_over_time=number / by_time if by_time else None,
        failures=_failures(found.record),
        rejected=None if rejected is None else _count(rejected.facts.get("length")),
        threshold=snr_threshold(found.record),
        snr=facts.get("snr", {}),
        ranges={name: facts["parameters"][name] for name in telling_parameters(found)},
        made=_made(found),
        slides=slides,
        livetime=total_livetime(slide.livetime for slide in slides),
    )


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and np.isfinite(value) else None


def _drawn(found: Examination) -> int | None:
    """Draws of all pieces; the signals' own number where each was accepted that did not fail."""
    told = _count(found.facts.get("num_injections"))
    if told is not None:
        return told
    counts = [_count(record.get("drawn")) for record in records_of(found.record)]
    return sum(filter(None, counts)) if counts and None not in counts else None


def total_livetime(seconds: Iterable[float | None]) -> float | None:
    """The sum of livetimes; None where one of them is not known, or there is none."""
    each = [*seconds]
    return float(sum(filter(None, each))) if each and None not in each else None


def _failures(record: Mapping[str, Any]) -> dict[str, int]:
    reasons: Counter[str] = Counter()
    for made in records_of(record):
        for text in list_in(mapping_in(made, "report") or made, "failures"):
            match = _FAILURE.fullmatch(outside_text(text, 1000))
            reasons[match["reason"] if match else outside_text(text)] += 1
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def _made(found: Examination) -> dict[str, str]:
    """What a person wants to know of how signals were made, as far as the record says it plainly."""
    record = next(records_of(found.record), {})
    told: dict[str, str] = {}
    for name in ("prior", "generator"):
        provider = mapping_in(record, name)
        if provider.get("name"):
            given = [f"{key} = {value}" for key, value in mapping_in(provider, "options").items()]
            told[name] = outside_text(", ".join([str(provider["name"]), *given]))
    if record.get("prior_frame") and "mass_1" in found.facts.get("parameters", {}):
        told["frame of the prior's masses"] = outside_text(record["prior_frame"])
    for name in ("sample_rate", "duration", "right_pad"):
        if isinstance(found.facts.get(name), (int, float)):
            told[name.replace("_", " ")] = f"{found.facts[name]:g} {'Hz' if name == 'sample_rate' else 's'}"
    seed = mapping_in(record, "arguments").get("seed")
    if isinstance(seed, int):
        told["seed"] = str(seed)
    audited = mapping_in(record, "report")
    if isinstance(audited.get("audited"), int):
        told["rejected draws with a full waveform, to check the estimates"] = str(audited["audited"])
        if isinstance(audited.get("largest_ratio"), (int, float)):
            told["largest ratio of SNR to estimate among them"] = f"{audited['largest_ratio']:.4g}"
    return told


# --- campaigns ----------------------------------------------------------------------------------------


def slides_of(path: Path, record: Mapping[str, Any] | None) -> tuple[Slide, ...]:
    """Injections of each slide of a campaign's file, and its seconds.

    Those are of each segment that has an injection in it, less what the first PSD and the shift take.
    """
    segments, psd_length = _segments(record)
    starts = np.array([start for start, _ in segments])
    pieces: Counter[tuple[tuple[float, ...], int]] = Counter()
    try:
        for block in open_source(path).iterate_parameters(("injection_time", "shift")):
            numbers = np.searchsorted(starts, block["injection_time"], side="right") - 1
            rows, counts = np.unique(np.column_stack([block["shift"], numbers]), axis=0, return_counts=True)
            for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
                pieces[(tuple(row[:-1]), int(row[-1]))] += count
            if len(pieces) > _MOST_PIECES:
                return ()
    except (AframeDataError, LookupError, ValueError):
        return ()
    slides = []
    for shifts in sorted({shifts for shifts, _ in pieces}, key=lambda shifts: (max(shifts), shifts)):
        own = [(number, count) for (other, number), count in pieces.items() if other == shifts]
        livetime = total_livetime(_livetime(segments, number, psd_length, max(shifts)) for number, _ in own)
        slides.append(Slide(shifts, len(own), sum(count for _, count in own), livetime))
    return tuple(slides)


def _livetime(
    segments: Sequence[tuple[float, float]], number: int, psd_length: float | None, shift: float
) -> float | None:
    if psd_length is None or not 0 <= number < len(segments):
        return None
    start, stop = segments[number]
    return stop - start - psd_length - shift


def _segments(record: Mapping[str, Any] | None) -> tuple[list[tuple[float, float]], float | None]:
    """The segments of a campaign, in order, and what is left of each for the first PSD; as its records say them."""
    segments: set[tuple[float, float]] = set()
    lengths: set[float] = set()
    for made in records_of(record):
        times = mapping_in(mapping_in(made, "identity"), "times")
        if not isinstance(times.get("segments"), list):
            return [], None
        for span in times["segments"]:
            if not (isinstance(span, list) and len(span) == 2 and all(isinstance(end, (int, float)) for end in span)):
                return [], None
            segments.add((float(span[0]), float(span[1])))
        if isinstance(times.get("psd_length"), (int, float)):
            lengths.add(float(times["psd_length"]))
    return sorted(segments), lengths.pop() if len(lengths) == 1 else None
