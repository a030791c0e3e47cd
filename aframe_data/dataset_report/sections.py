"""The sections of the page; one of which there is nothing to tell is empty."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from aframe_data.dataset_report.html import Html, details, element, facts, figures, join, lines, table, text
from aframe_data.dataset_report.pictures import slides_of
from aframe_data.redaction import redacted
from aframe_data.reports.dataset import CAMPAIGN, REJECTED, TRAINING, VALIDATION
from aframe_data.segments.cost import EVENT, EXCLUDED, PAD, REQUIRED, SHORT
from aframe_data.sizes import format_bytes
from aframe_data.times import utc
from aframe_data.verification.findings import NOTES, PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aframe_data.dataset_report.pictures import Album
    from aframe_data.reports.dataset import DatasetReport, DetectorFacts, SegmentsFacts, SignalsFacts, StrainFacts, Told

#: What a page shows of lists that may be long; JSON has all.
_MOST_FINDINGS, _MOST_STEPS, _MOST_SLIDES, _MOST_FILES = 300, 60, 60, 400
#: Bytes of all provenance together.
_MOST_PROVENANCE = 1_000_000
#: Hz at which the noise is told in numbers.
_FREQUENCIES = (30, 60, 100, 300, 1000)
_ROLES = {
    TRAINING: "training waveforms",
    VALIDATION: "validation signals",
    CAMPAIGN: "injections of a campaign",
    REJECTED: "parameters of rejected draws",
}
_STEPS = {
    REQUIRED: "{name} is not active",
    EXCLUDED: "{name} is active, and excluded",
    EVENT: "around the event {name}",
    PAD: "near the ends of segments",
    SHORT: "too short for a segment",
}


# --- words and numbers --------------------------------------------------------------------------------


def seconds(value: float | None) -> str:
    """``12345 s (3.43 h)``."""
    if value is None:
        return "not known"
    for least, unit, name in ((2 * 86400, 86400, "d"), (2 * 3600, 3600, "h"), (120, 60, "min")):
        if value >= least:
            return f"{value:,.10g} s ({value / unit:.3g} {name})"
    return f"{value:,.10g} s"


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _ends(span: tuple[float, float] | None) -> list[tuple[str, str]]:
    """Start and end as GPS seconds and dates."""
    return [
        (name, f"{gps:.10g}" + (f" ({date})" if (date := utc(gps)) else ""))
        for name, gps in zip(("from", "to"), span or (), strict=False)
    ]


def _per_cent(share: float | None) -> str:
    return "not known" if share is None else f"{100 * share:.3g} %"


def _clock(value: float | None) -> str:
    if value is None:
        return ""
    if value < 120:
        return f"{value:.3g} s"
    return f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.3g} h"


# --- sections -----------------------------------------------------------------------------------------


def verdict(report: DatasetReport) -> Html:
    """Whether anything is wrong, and how much there is."""
    totals = report.totals
    unread = " Samples were not read to compare them with their hashes." if report.quick else ""
    if report.sound:
        said = "Nothing is wrong." if totals.files else "There is no data here."
        told = element("p", said, class_="verdict good" if totals.files else "verdict bad")
    else:
        number = len(report.problems)
        told = element("p", f"{counted(number, 'problem')}.", class_="verdict bad")
    rows = [
        ("background", seconds(totals.background) if totals.background else None),
        ("training waveforms", f"{totals.training:,}" if totals.training else None),
        ("validation signals", f"{totals.validation:,}" if totals.validation else None),
        ("injections", f"{totals.injections:,}" if totals.injections else None),
        ("livetime of the campaign", seconds(totals.livetime) if totals.livetime else None),
        ("files", counted(totals.files + report.pieces, "file")),
        ("size", format_bytes(totals.nbytes)),
    ]
    worst = _findings_table(report.problems[:20]) if report.problems else ""
    totals_shown = Html(facts(rows).replace("<dl>", '<dl class="totals">', 1))
    return join([told, element("p", unread, class_="faint") if unread else "", totals_shown, worst])


def remake(report: DatasetReport) -> Html:
    """The commands, and the configuration where there is one."""
    told = report.remake
    if not told.commands:
        return Html("")
    if told.configuration:
        return join(
            [
                element("pre", lines("\n".join(told.commands))),
                details(told.configuration_name or "the configuration", element("pre", lines(told.configuration))),
            ]
        )
    said = (
        "In an empty folder, these make it again: they come from the provenance of the files. Inputs from elsewhere are "
        "named as far as the provenance has them."
    )
    return join([element("p", said), element("pre", lines("\n".join(told.commands)))])


def segments(report: DatasetReport, album: Album) -> Html:
    """Where they are, and what each flag, veto and event took."""
    return join(_segments(one, album) for one in report.segments)


def _segments(one: SegmentsFacts, album: Album) -> Html:
    asked = None if one.span is None else one.span[1] - one.span[0]
    rows = [
        *_ends(one.span),
        ("segments", f"{one.number:,}"),
        ("livetime", seconds(one.livetime)),
        ("of the span", _per_cent(one.livetime / asked) if asked else None),
        ("shortest", None if one.shortest is None else seconds(one.shortest)),
        ("longest", None if one.longest is None else seconds(one.longest)),
    ]
    return join([element("h3", one.name), facts(rows), figures(album.of(one.name)), _costs(one, asked), _flags(one)])


def _costs(one: SegmentsFacts, asked: float | None) -> Html:
    """From the span to the livetime: what each step took from what the steps before it had left."""
    if not one.costs or asked is None:
        return Html("")
    rows: list[tuple[str, str, str]] = [("asked for", "", seconds(asked))]
    left = asked
    told = [cost for cost in one.costs if cost["seconds"] or cost["kind"] in (REQUIRED, EXCLUDED, EVENT)]
    shown, rest = told[:_MOST_STEPS], told[_MOST_STEPS:]
    for cost in shown:
        left -= cost["seconds"]
        form = _STEPS.get(cost["kind"], "{name}")
        rows.append((form.format(name=cost["name"]), seconds(cost["seconds"]), seconds(left)))
    if rest:
        taken = sum(cost["seconds"] for cost in rest)
        rows.append((f"{counted(len(rest), 'further step')}", seconds(taken), seconds(left - taken)))
    return table(("what", "takes", "leaves"), rows, numbers=(1, 2))


def _flags(one: SegmentsFacts) -> Html:
    if not one.flags:
        return Html("")
    rows = [
        (flag["flag"], flag.get("source") or "", seconds(flag["active"]), seconds(flag.get("known")))
        for flag in one.flags[:_MOST_STEPS]
    ]
    more = len(one.flags) - len(rows)
    left_out = element("p", f"{more} more flags are in the JSON.", class_="faint") if more else ""
    return join([table(("flag", "source", "active in the span", "known"), rows, numbers=(2, 3)), left_out])


def strain(report: DatasetReport, album: Album) -> Html:
    """Noise, sources, gaps and masks of each folder of background."""
    return join(_strain(one, album) for one in report.strain)


def _strain(one: StrainFacts, album: Album) -> Html:
    lost = sum(stop - start for start, stop in one.missing)
    rows = [
        *_ends(one.span),
        ("files", f"{one.number:,}, {format_bytes(one.nbytes)}"),
        ("seconds covered", seconds(one.livetime)),
        ("sample rate", ", ".join(f"{rate:.10g} Hz" for rate in one.sample_rates)),
        ("samples", ", ".join(one.dtypes)),
        ("compared with", one.segments or "no segments"),
        ("missing", seconds(lost) if one.missing else ("nothing" if one.segments else None)),
    ]
    looked = [detector for detector in one.detectors if detector.stretches]
    how = ""
    if looked:
        first = looked[0]
        how = element(
            "p",
            f"Looked at: {max(detector.stretches for detector in looked)} × {first.stretch_seconds:g} s at even steps, "
            "which bounds the work for any length of background; what is between was not looked at here. Each is the "
            f"median of FFTs of {first.fft_seconds:g} s that overlap by half, averaged over columns even in log "
            "frequency.",
            class_="faint",
        )
    title = one.folder or "background"
    pictures = figures(album.of(one.folder))
    return join([element("h3", title), facts(rows), pictures, how, _noise(looked), _origins(one), _masks(one)])


def _noise(detectors: Sequence[DetectorFacts]) -> Html:
    """The amplitude spectral density in numbers."""
    if not detectors:
        return Html("")
    rows = []
    for frequency in _FREQUENCIES:
        told = [_density(detector, frequency) for detector in detectors]
        if any(told):
            rows.append((f"near {frequency} Hz", *told))
    best = [detector.quietest for detector in detectors]
    rows.append(("quietest", *(f"{one[1]:.3g} at {one[0]:.4g} Hz" if one else "" for one in best)))
    said = element("p", "Amplitude spectral density in 1/√Hz: median, and in brackets from 5 to 95 %.")
    return join([said, table(("", *(detector.ifo for detector in detectors)), rows)])


def _density(detector: DetectorFacts, frequency: float) -> str:
    """The amplitude spectral density in the column of a frequency; empty where there is none."""
    index = min(range(len(detector.frequencies)), key=lambda k: abs(detector.frequencies[k] - frequency))
    if abs(detector.frequencies[index] / frequency - 1) > 0.1:
        return ""
    return f"{detector.median[index]:.3g} ({detector.low[index]:.3g} to {detector.high[index]:.3g})"


def _origins(one: StrainFacts) -> Html:
    rows = [
        (
            detector.ifo,
            ", ".join(detector.channels),
            ", ".join(f"{rate:g} Hz" for rate in detector.native_sample_rates),
            source,
            origin,
            counted(number, "piece"),
        )
        for detector in one.detectors
        for source, origin, number in detector.sources
    ]
    columns = ("detector", "channel", "archive's rate", "source", "origin", "pieces")
    return join([element("h4", "Sources"), table(columns, rows)]) if rows else Html("")


def _masks(one: StrainFacts) -> Html:
    edited = [
        (detector.ifo, kind, reason, seconds(length))
        for detector in one.detectors
        for kind, reasons in detector.edits.items()
        for reason, length in reasons.items()
    ]
    masks = [
        (detector.ifo, name, ", ".join(bits), seconds(number), seconds(has - number))
        for detector in one.detectors
        for name, (has, groups) in _by_seconds(detector).items()
        for number, bits in groups.items()
    ]
    parts = []
    if edited:
        parts += [element("h4", "Gaps"), table(("detector", "what", "reason", "seconds"), edited, numbers=(3,))]
    if masks:
        columns = ("detector", "mask", "bits", "set", "not set")
        parts += [element("h4", "Masks"), table(columns, masks, numbers=(3, 4))]
    return join(parts)


def _by_seconds(detector: DetectorFacts) -> dict[str, tuple[int, dict[int, list[str]]]]:
    """Of each mask its seconds, and the bits by the seconds for which they are set: most are set for all."""
    told = {}
    for name, mask in detector.masks.items():
        groups: dict[int, list[str]] = {}
        for bit, number in mask.items():
            if bit != "seconds":
                groups.setdefault(number, []).append(bit.removeprefix("bit "))
        told[name] = (mask["seconds"], dict(sorted(groups.items())))
    return told


def signals(report: DatasetReport, album: Album) -> Html:
    """How many, how they were drawn, which masses and SNRs they have."""
    return join(_signals(one, album) for one in report.signals)


def _signals(one: SignalsFacts, album: Album) -> Html:
    failed = sum(one.failures.values())
    drawn = one.role != REJECTED
    rows = [
        ("what", _ROLES[one.role]),
        ("number", f"{one.number:,}"),
        ("drawn", f"{one.drawn:,}" if one.drawn is not None else None),
        ("accepted of the drawn", _per_cent(one.acceptance) if one.acceptance is not None and one.threshold else None),
        ("accepted, mean over time", _per_cent(one.acceptance_over_time) if one.acceptance_over_time else None),
        ("rejected, with parameters", f"{one.rejected:,}" if one.rejected is not None else None),
        ("failed draws", f"{failed:,}" if drawn else None),
        ("SNR threshold", None if one.threshold is None else f"{one.threshold:g}"),
        *one.made.items(),
    ]
    failures = table(("why draws failed", "draws"), one.failures.items(), numbers=(1,)) if failed else ""
    return join([element("h3", one.name), facts(rows), figures(album.of(one.name)), _ranges(one), failures])


def _ranges(one: SignalsFacts) -> Html:
    names = {"mass_1": "mass 1, detector frame [M☉]", "mass_2": "mass 2, detector frame [M☉]", "redshift": "redshift"}
    ranges: Iterable[tuple[str, Mapping[str, float | None]]] = (
        *((names[name], one.ranges[name]) for name in names if name in one.ranges),
        *((f"SNR, {name}", values) for name, values in one.snr.items()),
    )
    rows = [(name, *(_number(values.get(key)) for key in ("min", "median", "max"))) for name, values in ranges]
    return table(("", "smallest", "median", "largest"), rows, numbers=(1, 2, 3)) if rows else Html("")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def waveforms(album: Album) -> Html:
    """Four from light to heavy."""
    shown = album.of("waveforms")
    return join([element("p", "From light to heavy."), figures(shown)]) if shown else Html("")


def campaign(report: DatasetReport, album: Album) -> Html:
    """Slides, livetime, and the injections of each slide."""
    return join(_campaign(one, album) for one in report.signals if one.slides)


def _campaign(one: SignalsFacts, album: Album) -> Html:
    numbers = [slide.injections for slide in one.slides]
    rows = [
        ("slides", f"{len(one.slides):,}"),
        ("livetime", seconds(one.livetime)),
        ("injections", f"{sum(numbers):,}"),
        ("injections of a slide", f"{min(numbers):,} to {max(numbers):,}"),
        ("seconds for each injection", f"{one.livetime / sum(numbers):.4g} s" if one.livetime else None),
    ]
    table_rows = [
        (
            f"{number:,}",
            ", ".join(f"{shift:g}" for shift in slide.shifts),
            f"{slide.segments:,}",
            f"{slide.injections:,}",
            seconds(slide.livetime),
        )
        for number, slide in enumerate(one.slides[:_MOST_SLIDES], start=1)
    ]
    more = len(one.slides) - len(table_rows)
    left_out = element("p", f"{counted(more, 'further slide')} are in the JSON.", class_="faint") if more > 0 else ""
    columns = ("slide", "shifts [s]", "segments", "injections", "livetime")
    shown = table(columns, table_rows, numbers=(0, 2, 3, 4))
    return join([element("h3", one.name), facts(rows), figures(album.of(slides_of(one.name))), shown, left_out])


def cost(report: DatasetReport) -> Html:
    """Time, bytes, CPU and memory of the stages of the build."""
    if not report.stages:
        return Html("")
    rows = [
        (
            stage.name,
            stage.command,
            _clock(stage.seconds),
            _clock(stage.cpu_seconds),
            "" if stage.workers is None else f"{stage.workers:g}",
            "" if stage.peak_memory is None else format_bytes(stage.peak_memory),
            "" if stage.nbytes is None else format_bytes(stage.nbytes),
        )
        for stage in report.stages
    ]
    times, cpus, sizes = (
        [getattr(stage, name) or 0 for stage in report.stages] for name in ("seconds", "cpu_seconds", "nbytes")
    )
    peaks = [stage.peak_memory for stage in report.stages if stage.peak_memory is not None]
    peak = format_bytes(max(peaks)) if peaks else ""
    rows.append(("all", "", _clock(sum(times)), _clock(sum(cpus)), "", peak, format_bytes(sum(sizes))))
    columns = ("stage", "command", "time", "CPU", "workers", "peak memory", "size")
    return table(columns, rows, numbers=(2, 3, 4, 5, 6))


def findings(report: DatasetReport) -> Html:
    """All that is wrong, and what is told besides."""
    parts = []
    for title, told in (("Problems", report.problems), ("Notes", report.notes)):
        if told:
            parts += [element("h3", f"{title} ({len(told):,})"), _findings_table(told[:_MOST_FINDINGS])]
            more = len(told) - _MOST_FINDINGS
            if more > 0:
                parts.append(element("p", f"{more:,} more are in the JSON.", class_="faint"))
    if not parts:
        parts.append(element("p", "Nothing is wrong, and there is nothing to remark."))
    return join(parts)


def _findings_table(told: Sequence[Told]) -> Html:
    meanings = {**PROBLEMS, **NOTES}
    rows = [
        (one.where, Html(f'<span title="{text(meanings.get(one.kind, one.kind))}">{text(one.kind)}</span>'), one.text)
        for one in told
    ]
    return table(("file or span", "what", "more"), rows)


def provenance(report: DatasetReport) -> Html:
    """The files by their folders, with what made each."""
    parts: list[Any] = []
    left, shown = _MOST_PROVENANCE, 0
    for folder, group in groupby(report.files, key=lambda file: file.name.rpartition("/")[0]):
        parts.append(element("h3", folder or "in the folder itself"))
        for file in group:
            shown += 1
            if shown > _MOST_FILES:
                continue
            said = f"{file.name.rpartition('/')[2]}: {file.kind}, {format_bytes(file.nbytes)}"
            told = "" if file.record is None else _json(file.record)
            left -= len(told)
            if file.record is None:
                parts.append(element("p", f"{said}; no provenance"))
            elif left < 0:
                parts.append(element("p", f"{said}; its provenance: aframe-data inspect {file.name} --provenance"))
            else:
                hashed = [element("p", f"SHA-256 of the file: {file.sha256}", class_="faint")] if file.sha256 else []
                parts.append(details(said, *hashed, element("pre", lines(told))))
    if shown > _MOST_FILES:
        kinds = Counter(file.kind for file in report.files)
        numbers = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
        parts.append(element("p", f"The first {_MOST_FILES} of {shown:,} files are shown ({numbers}); JSON has all."))
    if report.pieces:
        parts.append(
            element("p", f"{counted(report.pieces, 'file')} of branches hold the same injections, and were not opened.")
        )
    said = "Croissant 1.1 metadata of all files is in the head of this page; --croissant FILE writes it to a file."
    parts.append(element("p", said, class_="faint"))
    return join(parts)


def _json(record: Mapping[str, Any]) -> str:
    return redacted(json.dumps(record, indent=1, sort_keys=True, default=str))
