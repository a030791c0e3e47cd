"""Segments on a line of time: where they are, how they add up, and how long they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from aframe_data.figures.canvas import ACCEPTED, DRAWN, drawing
from aframe_data.figures.timeline import TimeAxis, in_words
from aframe_data.segments import arithmetic
from aframe_data.sizes import counted
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.types import FloatArray

#: Durations (s) in the units in which people say them.
_DURATIONS = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 36000: "10 h", 360000: "100 h"}
_MOST_BINS = 30
_FLAG = "#4ba6ff"


def draw_segments(
    path: Path,
    segments: Sequence[Segment],
    *,
    span: Segment | None = None,
    flags: Mapping[str, tuple[float, float | None]] | None = None,
    events: Sequence[float] = (),
    title: str = "",
) -> None:
    """Draw a timeline, the livetime that has added up, and a histogram of durations.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    segments
        At least one; what overlaps counts once in the livetime.
    span
        GPS seconds that were asked for; else those from the first segment to the last.
    flags
        Of each flag that was asked for, the seconds in the span for which it was active, and those for which that
        is known, or None.
    events
        GPS seconds around which time was taken out.
    title
        Above the picture, as it is, with the livetime.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    union = arithmetic.coalesce(segments)
    span = span or Segment(union[0].start, union[-1].stop)
    livetime = arithmetic.livetime(segments)
    flags = flags or {}
    with drawing(path, 9.0, 3.9, layout="constrained") as figure:
        grid = figure.add_gridspec(2, 2, width_ratios=(5, 3), height_ratios=(2, 5))
        strip = figure.add_subplot(grid[0, 0])
        growth = figure.add_subplot(grid[1, 0], sharex=strip)
        _draw_strip(strip, TimeAxis(span), union, events)
        _draw_growth(growth, TimeAxis(span), union)
        if flags:
            right = grid[:, 1].subgridspec(2, 1, height_ratios=(5, 1 + len(flags)))
            _draw_durations(figure.add_subplot(right[0]), segments)
            _draw_flags(figure.add_subplot(right[1]), flags, livetime, span.duration)
        else:
            _draw_durations(figure.add_subplot(grid[:, 1]), segments)
        share = f"{100 * livetime / span.duration:.1f} % of {in_words(span.duration)}"
        number = counted(len(segments), "segment")
        figure.suptitle(
            f"{title}{': ' * bool(title)}{number}, livetime {in_words(livetime)} ({share})", parse_math=False
        )


def _draw_strip(axes: Any, time: TimeAxis, union: Sequence[Segment], events: Sequence[float]) -> None:
    # Without an edge: that would close the gaps between segments.
    axes.broken_barh(time.bars(union), (0, 1), color=ACCEPTED, linewidth=0)
    if len(events):
        axes.plot(time.of(np.asarray(events)), np.full(len(events), 1.22), "v", color="#d95f02", ms=4, clip_on=False)
        axes.set_title("events taken out", loc="right", fontsize=9, color="#d95f02")
    axes.set(ylim=(-0.12, 1.35 if len(events) else 1.12), yticks=[])
    axes.tick_params(labelbottom=False)


def _draw_growth(axes: Any, time: TimeAxis, union: Sequence[Segment]) -> None:
    """The livetime up to each moment, against what it would be without a gap."""
    name, unit = time.unit
    edges = np.array([[one.start, one.stop] for one in union])
    seconds = np.concatenate([[0], np.cumsum(edges[:, 1] - edges[:, 0])])
    times = np.concatenate([[time.span.start], edges.ravel(), [time.span.stop]])
    whole = [0, time.of(time.span.stop)], [0, time.span.duration / unit]
    axes.plot(*whole, "--", color=DRAWN, linewidth=1.2, label="all the time")
    axes.plot(time.of(times), np.repeat(seconds, 2) / unit, color=ACCEPTED, linewidth=1.6, label="segments")
    axes.legend(loc="upper left", handlelength=1.6)
    axes.set(ylabel=f"Livetime [{name}]")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, color="0.92", linewidth=0.6)
    time.label(axes)


def _draw_durations(axes: Any, segments: Sequence[Segment]) -> None:
    durations: FloatArray = np.array([one.duration for one in segments], dtype=float)
    low, high = durations.min() / 1.2, durations.max() * 1.2
    bins = np.geomspace(low, high, int(np.clip(2 * np.cbrt(len(durations)), 6, _MOST_BINS)) + 1)
    counts, _ = np.histogram(durations, bins)
    axes.stairs(counts, bins, fill=True, facecolor="0.88", edgecolor=ACCEPTED, linewidth=1.3)
    axes.set(xscale="log", xlim=(low, high), ylim=(0, 1.12 * counts.max()))
    axes.set(xlabel="Duration of a segment", ylabel="Segments")
    ticks = [number for number in _DURATIONS if low <= number <= high]
    if len(ticks) > 2:
        axes.set_xticks(ticks, labels=[_DURATIONS[number] for number in ticks])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4) if high < 5 * low else LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} s"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.get_major_locator().set_params(integer=True)


def _draw_flags(axes: Any, flags: Mapping[str, tuple[float, float | None]], livetime: float, duration: float) -> None:
    """A bar for each flag: known, and in it active; and one for what became of all of them."""
    percent = 100 / duration
    for row, (active, known) in enumerate(flags.values()):
        axes.barh(row, percent * (duration if known is None else known), height=0.7, color="0.9")
        axes.barh(row, percent * active, height=0.7, color=_FLAG)
    axes.barh(len(flags), percent * livetime, height=0.7, color=ACCEPTED)
    axes.set(xlim=(0, 100), ylim=(len(flags) + 0.5, -0.5), xlabel="Active (grey: known) [% of the span]")
    axes.set_yticks(np.arange(len(flags) + 1), labels=[*flags, "segments"], fontsize=9, parse_math=False)
    axes.tick_params(axis="y", length=0)
