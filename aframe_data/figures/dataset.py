"""Pictures of the page about a data set: narrow ones, which a page puts beside or below each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from aframe_data.figures import corner
from aframe_data.figures.canvas import ACCEPTED, DRAWN, drawing, ifo_colours
from aframe_data.figures.signals import corner_page
from aframe_data.figures.snr_law import draw_density
from aframe_data.figures.strain import draw_spectrogram
from aframe_data.figures.timeline import TimeAxis
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.figures.canvas import PagePicture
    from aframe_data.figures.quantities import Quantity
    from aframe_data.psd.spectrogram import Spectrogram
    from aframe_data.types import FloatArray, Segment

#: Inches: what a telephone shows without making it much smaller.
_WIDTH = 4.4
_ROW, _AXIS = 0.27, 0.75
#: Quantities of a corner, of which a narrow one has not many.
_MOST_AXES = 4
#: Of an amplitude over its median: what has the last colour.
_LOUDEST = 2.0
#: Hz and fraction of the Nyquist frequency between which the limits of an axis of densities are looked for.
_LOWEST, _ROLL_OFF = 15.0, 0.85
#: Legend and line are drawn of these, in this order.
ROWS = {
    "segments": ACCEPTED,
    "background files": "#4ba6ff",
    "missing": "#d95f02",
    "cut": "#d95f02",
    "filled": "#9b59b6",
}


def draw_coverage(
    path: PagePicture, span: Segment, rows: Mapping[str, Sequence[Segment]], events: Sequence[float]
) -> None:
    """Draw lines of time: what was to be covered, what is, and what went wrong.

    Parameters
    ----------
    path
        The place in a page.
    span
        GPS seconds that are shown.
    rows
        Of `ROWS`, those that there are.
    events
        GPS seconds around which time was taken out.
    """
    time = TimeAxis(span)
    names = [name for name in ROWS if rows.get(name)]
    number = len(names) + bool(events)
    with drawing(path, _WIDTH, number * _ROW + _AXIS, layout="constrained") as figure:
        axes = figure.add_subplot()
        for row, name in enumerate(names):
            # Without an edge: that would close the gaps between segments.
            axes.broken_barh(time.bars(rows[name]), (row + 0.15, 0.7), color=ROWS[name], linewidth=0)
        if events:
            axes.plot(time.of(np.asarray(events)), np.full(len(events), len(names) + 0.5), "v", color="#d95f02", ms=4)
            names.append("events")
        axes.set(ylim=(number, 0))
        axes.set_yticks(np.arange(number) + 0.5, labels=names)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        _label(axes, time)


def _label(axes: Any, time: TimeAxis) -> None:
    """The label of the axis of time, which is as wide as a narrow picture: it ends where the axis does."""
    time.label(axes)
    axes.set_xlabel(axes.get_xlabel(), loc="right", fontsize=8.5)


def draw_band(path: PagePicture, frequencies: FloatArray, bands: Mapping[str, FloatArray]) -> None:
    """Draw the amplitude spectral density of each interferometer, with the band of its changes in time.

    Parameters
    ----------
    path
        The place in a page.
    frequencies
        (k,) Hz, ascending from above zero.
    bands
        Of each interferometer (3, k): low, median and high amplitude spectral density, 1/sqrt(Hz).
    """
    colours = ifo_colours(tuple(bands))
    inside = (frequencies >= _LOWEST) & (frequencies <= _ROLL_OFF * frequencies[-1])
    shown = inside if inside.any() else np.ones(len(frequencies), dtype=bool)
    with drawing(path, _WIDTH, 3.2, layout="constrained") as figure:
        axes = figure.add_subplot()
        for ifo, (low, median, high) in bands.items():
            axes.fill_between(frequencies, low, high, color=colours[ifo], alpha=0.3, linewidth=0)
            axes.plot(frequencies, median, color=colours[ifo], linewidth=1.1, label=ifo)
        values = np.concatenate([band[:, shown].ravel() for band in bands.values()])
        values = values[np.isfinite(values) & (values > 0)]
        if len(values):
            axes.set_ylim(0.6 * values.min(), min(1.6 * values.max(), 1e4 * values.min()))
        axes.set(xscale="log", yscale="log", xlim=(max(frequencies[0], 10.0), frequencies[-1]))
        axes.set(xlabel="Frequency [Hz]", ylabel=r"Amplitude spectral density [1/$\sqrt{\mathrm{Hz}}$]")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.grid(visible=True, which="major", color="0.9", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.legend(loc="upper right")


def draw_changes(path: PagePicture, span: Segment, spectrogram: Spectrogram) -> None:
    """Draw the amplitude in time and frequency over its median in time; where no strain was looked at, nothing.

    Parameters
    ----------
    path
        The place in a page.
    span
        GPS seconds that are shown.
    spectrogram
        Its times count from the span's start.
    """
    time = TimeAxis(span)
    with drawing(path, _WIDTH, 2.5, layout="constrained") as figure:
        axes = figure.add_subplot()
        image = draw_spectrogram(axes, time, spectrogram, Normalize(0, _LOUDEST))
        axes.set_ylabel("Frequency [Hz]")
        axes.xaxis.set_major_locator(MaxNLocator(5))
        _label(axes, time)
        scale = figure.colorbar(image, ax=axes, extend="max", pad=0.02)
        scale.set_label("Amplitude / its median")
        scale.ax.tick_params(direction="out")


def draw_corner(
    path: PagePicture,
    accepted: Mapping[str, FloatArray],
    drawn: Mapping[str, FloatArray],
    quantities: Sequence[Quantity],
) -> None:
    """Draw a corner plot of a few quantities, if two of them vary.

    Parameters
    ----------
    path
        The place in a page.
    accepted, drawn
        Parameters (n,) of the signals, and of all draws or, where those are not known, of the signals again.
    quantities
        The axes; where many of them vary, the first ones are drawn.
    """
    varying = corner.axes_of(accepted, drawn, quantities)[:_MOST_AXES]
    if len(varying) > 1:
        with corner_page(path, varying, "", beside=False):
            pass


def draw_snrs(path: PagePicture, accepted: FloatArray, threshold: float, rejected: FloatArray | None) -> None:
    """Draw the density of network SNRs with the law of sources spread evenly, and of rejected draws in grey."""
    with drawing(path, _WIDTH, 3.0, layout="constrained") as figure:
        axes = figure.add_subplot()
        handles = draw_density(axes, accepted, threshold, rejected)
        axes.legend(
            handles, [counted(len(accepted), "signal"), r"$\propto\rho^{-4}$"], loc="upper right", handlelength=1.6
        )


def draw_counts(path: PagePicture, injections: FloatArray) -> None:
    """Draw how many injections each slide has, (slides,)."""
    slides = np.arange(1, len(injections) + 1)
    with drawing(path, _WIDTH, 2.2, layout="constrained") as figure:
        axes: Any = figure.add_subplot()
        axes.bar(
            slides, injections, width=1.0, color=ACCEPTED, edgecolor=DRAWN, linewidth=0.3 if len(slides) < 60 else 0
        )
        axes.set(xlabel="Slide", ylabel="Injections", ylim=(0, 1.08 * max(float(injections.max()), 1)))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
