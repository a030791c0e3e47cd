"""The sections about signals: how many and which, four waveforms, and the slides of campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.dataset_report.html import Html, element, facts, figures, join, table
from aframe_data.dataset_report.pictures import slides_of
from aframe_data.dataset_report.words import counted, per_cent, seconds
from aframe_data.figures.quantities import with_unit
from aframe_data.reports.dataset import CAMPAIGN, REJECTED, TRAINING, VALIDATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.dataset_report.album import Album
    from aframe_data.reports.dataset import DatasetReport, SignalsFacts

#: Slides that a page shows; JSON has all.
_MOST_SLIDES = 60
_ROLES = {
    TRAINING: "training waveforms",
    VALIDATION: "validation signals",
    CAMPAIGN: "injections of a campaign",
    REJECTED: "parameters of rejected draws",
}


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
        (
            "accepted fraction of the draws",
            per_cent(one.acceptance) if one.acceptance is not None and one.threshold else None,
        ),
        ("accepted fraction, mean over time", per_cent(one.acceptance_over_time) if one.acceptance_over_time else None),
        ("rejected, with parameters", f"{one.rejected:,}" if one.rejected is not None else None),
        ("failed draws", f"{failed:,}" if drawn else None),
        ("SNR threshold", None if one.threshold is None else f"{one.threshold:g}"),
        *one.made.items(),
    ]
    failures = table(("why draws failed", "draws"), one.failures.items(), numbers=(1,)) if failed else ""
    return join([element("h3", one.name), facts(rows), figures(album.of(one.name)), _ranges(one), failures])


def _ranges(one: SignalsFacts) -> Html:
    names = {"mass_1": "mass 1, detector frame [M☉]", "mass_2": "mass 2, detector frame [M☉]"}
    ranges: Sequence[tuple[str, Mapping[str, float | None]]] = (
        *((names.get(name) or with_unit(name), values) for name, values in one.ranges.items()),
        *((f"SNR, {name}", values) for name, values in one.snr.items()),
    )
    columns = {"smallest": "min", "median": "median", "largest": "max"}
    if not one.snr:  # of parameters, no median is known
        del columns["median"]
    rows = [(name, *(_number(values.get(key)) for key in columns.values())) for name, values in ranges]
    return table(("", *columns), rows, numbers=(1, 2, 3)[: len(columns)]) if rows else Html("")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def waveforms(report: DatasetReport, album: Album) -> Html:
    """Four of one file, which are in the order of their masses if they are binaries."""
    shown = album.of("waveforms")
    binaries = any("mass_1" in signals.ranges for signals in report.signals)
    order = [element("p", "From light to heavy.")] if binaries else []
    return join([*order, figures(shown)]) if shown else Html("")


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
