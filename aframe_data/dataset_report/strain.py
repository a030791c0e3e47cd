"""What folders of background hold: where the strain came from, what was cut or filled, masks, and the noise."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from aframe_data.formats.edits import edits
from aframe_data.formats.record_parts import mapping_in, mappings_in
from aframe_data.inspection.strain import CHANGED
from aframe_data.outside import outside_text
from aframe_data.redaction import redacted
from aframe_data.reports.dataset import DetectorFacts, StrainFacts
from aframe_data.segments import arithmetic
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.dataset_report.examination import Examination
    from aframe_data.dataset_report.noise import Noise

#: Origins of one interferometer's strain that are told, of which there is one for each file of an archive.
_MOST_ORIGINS = 40


def spans_of(found: Sequence[Examination]) -> list[Segment]:
    """The spans of background files, joined."""
    spans = [one.facts["span"] for one in found]
    return list(arithmetic.coalesce(Segment(span["start"], span["stop"]) for span in spans))


def read_strain(
    folder: str,
    found: Sequence[Examination],
    noises: Mapping[str, Noise | None],
    segments: str | None,
    missing: Sequence[Segment],
) -> StrainFacts:
    """What a folder of background files holds.

    Parameters
    ----------
    found
        Its files.
    noises
        Of each interferometer.
    segments
        Name of the file of segments that they were compared with, or None.
    missing
        What they lack of those.
    """
    spans = spans_of(found)
    return StrainFacts(
        folder=folder,
        number=len(found),
        nbytes=sum(one.file.nbytes for one in found),
        livetime=arithmetic.livetime(spans),
        span=(spans[0].start, spans[-1].stop) if spans else None,
        sample_rates=tuple(sorted({one.facts["sample_rate"] for one in found})),
        dtypes=tuple(sorted({one.facts["dtype"] for one in found})),
        segments=segments,
        missing=tuple((span.start, span.stop) for span in missing),
        detectors=tuple(_detector(ifo, found, noise) for ifo, noise in noises.items()),
    )


def _detector(ifo: str, found: Sequence[Examination], noise: Noise | None) -> DetectorFacts:
    channels: set[str] = set()
    rates: set[float] = set()
    for one in found:
        told = one.facts["strain"].get(ifo, {})
        if told.get("channel"):
            channels.add(outside_text(told["channel"]))
        if isinstance(told.get("native_sample_rate"), (int, float)):
            rates.add(told["native_sample_rate"])
    estimate: dict[str, Any] = {}
    if noise is not None:
        low, median, high = (tuple(row) for row in noise.band.tolist())
        estimate = {
            "stretches": noise.stretches,
            "stretch_seconds": noise.stretch_seconds,
            "fft_seconds": noise.fft_seconds,
            "frequencies": tuple(noise.frequencies.tolist()),
            "low": low,
            "median": median,
            "high": high,
            "quietest": noise.quietest,
        }
    return DetectorFacts(
        ifo=ifo,
        channels=tuple(sorted(channels)),
        native_sample_rates=tuple(sorted(rates)),
        sources=_sources(ifo, found),
        masks=_masks(ifo, found),
        edits={name: _edits(ifo, found, name) for name in CHANGED},
        **estimate,
    )


def _sources(ifo: str, found: Sequence[Examination]) -> tuple[tuple[str, str, int], ...]:
    """Source and origin of the pieces, and how many there are of each."""
    pieces: Counter[tuple[str, str]] = Counter()
    for one in found:
        for piece in mappings_in(mapping_in(mapping_in(one.record, "strain"), ifo), "pieces"):
            origin = redacted(outside_text(piece.get("origin") or ""))
            pieces[outside_text(piece.get("source") or ""), origin] += 1
    told = sorted((source, origin, count) for (source, origin), count in pieces.items())
    if len(told) <= _MOST_ORIGINS:
        return tuple(told)
    sources: Counter[str] = Counter()
    for source, _, count in told:
        sources[source] += count
    return tuple((source, f"{sum(one[0] == source for one in told)} files", n) for source, n in sorted(sources.items()))


def _masks(ifo: str, found: Sequence[Examination]) -> dict[str, dict[str, int]]:
    """Seconds that each mask has, and for which each of its bits is set."""
    total: dict[str, Counter[str]] = {}
    for one in found:
        for name in ("quality", "injections"):
            mask = one.facts.get(name, {}).get(ifo)
            if mask is not None:
                seconds = total.setdefault(name, Counter())
                seconds["seconds"] += mask["seconds"]
                for bit, number in mask["set"].items():
                    seconds[f"bit {outside_text(bit)}"] += number
    return {name: dict(seconds) for name, seconds in total.items()}


def _edits(ifo: str, found: Sequence[Examination], name: str) -> dict[str, float]:
    """Seconds of an interferometer, each counted once, by the reason for which they were cut or filled."""
    spans: dict[str, list[Segment]] = {}
    for one in found:
        for edit in edits(one.record, name):
            if edit.ifo in ("", ifo):
                spans.setdefault(outside_text(edit.reason) or "no reason given", []).append(edit.span)
    return {reason: arithmetic.livetime(each) for reason, each in sorted(spans.items())}
