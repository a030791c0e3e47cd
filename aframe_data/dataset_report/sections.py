"""The sections about the whole, segments, cost, findings and files.

Here as in its neighbours, a section of which there is nothing to tell is empty.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from aframe_data.dataset_report.html import Html, details, element, facts, figures, join, lines, table, text
from aframe_data.dataset_report.words import clock, counted, ends, per_cent, seconds
from aframe_data.redaction import redacted
from aframe_data.segments.cost import EVENT, EXCLUDED, PAD, REQUIRED, SHORT
from aframe_data.sizes import format_bytes
from aframe_data.verification.findings import NOTES, PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.dataset_report.album import Album
    from aframe_data.reports.dataset import DatasetReport, Remark, SegmentsFacts

#: What a page shows of lists that may be long; JSON has all.
_MOST_FINDINGS, _MOST_STEPS, _MOST_FILES = 300, 60, 400
#: Bytes of all provenance together.
_MOST_PROVENANCE = 1_000_000
_STEPS = {
    REQUIRED: "{name} is not active",
    EXCLUDED: "{name} is active, and excluded",
    EVENT: "around the event {name}",
    PAD: "near the ends of segments",
    SHORT: "too short for a segment",
}


def verdict(report: DatasetReport) -> Html:
    """Whether anything is wrong, and how much there is."""
    totals = report.totals
    unread = " Samples were not read to compare them with their hashes." if report.quick else ""
    if report.sound:
        found = "No problem was found." if report.quick else "Nothing is wrong."
        said = found if totals.files else "There is no data here."
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
        ("files", f"{totals.files + report.pieces:,}"),
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
        "These commands make the data again, in an empty folder. They come from the provenance of the files, which may "
        "not name all inputs from elsewhere."
    )
    return join([element("p", said), element("pre", lines("\n".join(told.commands)))])


def segments(report: DatasetReport, album: Album) -> Html:
    """Where they are, and what each flag, veto and event took."""
    return join(_segments(one, album) for one in report.segments)


def _segments(one: SegmentsFacts, album: Album) -> Html:
    asked = None if one.span is None else one.span[1] - one.span[0]
    rows = [
        *ends(one.span),
        ("segments", f"{one.number:,}"),
        ("livetime", seconds(one.livetime)),
        ("of the span", per_cent(one.livetime / asked) if asked else None),
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


def cost(report: DatasetReport) -> Html:
    """Time, CPU, memory, bytes and rate of the stages of the build."""
    if not report.stages:
        return Html("")
    rows = [
        (
            stage.name,
            stage.command,
            clock(stage.seconds),
            clock(stage.cpu_seconds),
            "" if stage.workers is None else f"{stage.workers:g}",
            "" if stage.peak_memory is None else format_bytes(stage.peak_memory),
            "" if stage.nbytes is None else format_bytes(stage.nbytes),
            "" if stage.bytes_per_second is None else f"{format_bytes(stage.bytes_per_second)}/s",
        )
        for stage in report.stages
    ]
    times, cpus, sizes = (
        [getattr(stage, name) or 0 for stage in report.stages] for name in ("seconds", "cpu_seconds", "nbytes")
    )
    peaks = [stage.peak_memory for stage in report.stages if stage.peak_memory is not None]
    peak = format_bytes(max(peaks)) if peaks else ""
    rows.append(("all", "", clock(sum(times)), clock(sum(cpus)), "", peak, format_bytes(sum(sizes)), ""))
    columns = ("stage", "command", "time", "CPU", "workers", "peak memory", "size", "rate")
    return table(columns, rows, numbers=(2, 3, 4, 5, 6, 7))


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
        parts.append(element("p", "There are none."))
    return join(parts)


def _findings_table(told: Sequence[Remark]) -> Html:
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
