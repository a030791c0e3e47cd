"""Amplitude spectral densities of the interferometers, with reference curves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import LogFormatterSciNotation, LogLocator

from aframe_data.figures.canvas import drawing, ifo_colours, write_names
from aframe_data.psd.curves import design_curves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    from aframe_data.psd.curves import Curve
    from aframe_data.reports.psd import PsdReport
    from aframe_data.requests.psd import EstimatePsd
    from aframe_data.types import FloatArray, PowerSpectra

    IndexArray: TypeAlias = NDArray[np.integer[Any]]

#: Hz: below it, ground motion is all that there is.
_FIRST_FREQUENCY = 10.0
#: Of the Nyquist frequency: above it, the filter of whoever resampled the strain has eaten the noise, by many
#: orders of magnitude, and the lowest value says nothing about the detector.
_ROLL_OFF = 0.85
#: Decades above the lowest value that are shown; strain that nobody high-passed rises much further at 10 Hz.
_SHOWN = 10**4.5
#: Columns, even in log f, in which a line keeps its extremes: about one for each dot of a printed page.
_COLUMNS = 1500
#: Columns of the median, which tells one detector's noise from another's where the estimate scatters.
_MEDIAN_COLUMNS = 300
#: An axis of fewer than these has labels at 2 and 5 times the powers of ten too.
_MANY_DECADES = 10**2.5
#: Fractions of the axes: where a legend begins and ends, and the height of its lines and its edge.
_LEGEND_WIDTH, _LEGEND_LINE, _LEGEND_EDGE = (0.27, 0.75), 0.07, 0.06
#: Points: the line of the last interferometer, and by how much each before it is wider, to be seen on both sides.
_LINE, _WIDER = 1.1, 1.3
_GREYS = ("0.45", "0.62", "0.72")
_DASHES = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 1.5, 1.5, 1.5)))


def draw_report(request: EstimatePsd, report: PsdReport, path: Path) -> None:
    """Draw what `aframe-data psd` estimated, with the design sensitivities behind; errors as `draw_asds`."""
    del request
    draw_asds(path, report.spectra, references=design_curves(report.spectra.ifos))


def draw_asds(path: Path, spectra: PowerSpectra, references: Sequence[Curve] = (), *, title: str = "") -> None:
    """Draw the amplitude spectral density of each interferometer, from 10 Hz to the Nyquist frequency.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    spectra
        What to draw. Values that are zero or not finite are left out.
    references
        Curves to draw behind, in grey.
    title
        Above the picture, as it is.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    with drawing(path, 7.0, 4.4, layout="constrained") as figure:
        axes = figure.add_subplot()
        draw_lines(axes, spectra, references)
        axes.set_title(title, parse_math=False)


def draw_lines(axes: Any, spectra: PowerSpectra, references: Sequence[Curve] = ()) -> None:
    """Draw the lines, their legend and the labels of `draw_asds` on axes of another picture."""
    lines = [(spectra.frequencies, np.sqrt(np.maximum(values, 0))) for values in spectra.values]
    curves = [(curve.frequencies, curve.asd) for curve in references]
    nyquist = float(spectra.frequencies[-1])
    first = first_frequency(nyquist, float(spectra.frequencies[1]))
    colours = ifo_colours(spectra.ifos)
    handles = []
    for after, ifo, line in zip(reversed(range(len(lines))), spectra.ifos, lines, strict=True):
        axes.plot(*_thinned(*line, first, nyquist), color=colours[ifo], linewidth=0.6, alpha=0.5, zorder=3)
        width = _LINE + _WIDER * after
        handles += axes.plot(*_median(*line, first, nyquist), color=colours[ifo], linewidth=width, zorder=4)
    for number, curve in enumerate(curves):
        grey, dashes = _GREYS[number % len(_GREYS)], _DASHES[number % len(_DASHES)]
        handles += axes.plot(*_thinned(*curve, first, nyquist), color=grey, linestyle=dashes, linewidth=1.2, zorder=2)
    bottom, top = _limits(lines, curves, first, nyquist)
    top = max(top, _top_below_legend(lines, first, nyquist, bottom, len(lines) + len(curves)))
    axes.set(xscale="log", yscale="log", xlim=(first, nyquist), ylim=(bottom, top))
    axes.set(xlabel="Frequency [Hz]", ylabel=r"Amplitude spectral density [1/$\sqrt{\mathrm{Hz}}$]")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(visible=True, which="major", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    names = [*spectra.ifos, *(curve.name for curve in references)]
    legend = axes.legend(handles, [str(number) for number in range(len(names))], loc="upper center")
    write_names(legend, names)
    for sample in legend.get_lines():
        sample.set_linewidth(1.6)
    if top < _MANY_DECADES * bottom:
        axes.yaxis.set_minor_formatter(LogFormatterSciNotation(labelOnlyBase=False, minor_thresholds=(np.inf, np.inf)))
        axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5) if top > 10 * bottom else range(2, 10)))


def first_frequency(nyquist: float, least: float) -> float:
    """Return where axes of frequency begin (Hz): at 10 Hz, or at `least` for strain that has little more."""
    return _FIRST_FREQUENCY if nyquist > 2 * _FIRST_FREQUENCY else least


def _thinned(frequencies: FloatArray, asd: FloatArray, first: float, last: float) -> tuple[FloatArray, FloatArray]:
    """What a picture can show of a line: the lowest and the highest point of each column, in their order.

    A spectral line one bin wide keeps its height, and a million bins are drawn as fast as a thousand.
    """
    frequencies, asd = _shown(frequencies, asd, first, last)
    order, starts, stops = _columns(frequencies, asd, first, last, _COLUMNS)
    chosen = np.union1d(order[starts], order[stops - 1])
    return frequencies[chosen], asd[chosen]


def _median(frequencies: FloatArray, asd: FloatArray, first: float, last: float) -> tuple[FloatArray, FloatArray]:
    """One point a column, its median; where the bins are wider than the columns, every bin."""
    frequencies, asd = _shown(frequencies, asd, first, last)
    order, starts, stops = _columns(frequencies, asd, first, last, _MEDIAN_COLUMNS)
    # Columns hold successive bins, and a sort by value within them leaves their ends in place.
    middles = np.sqrt(frequencies[starts] * frequencies[stops - 1])
    return middles, np.sqrt(asd[order[(starts + stops - 1) // 2]] * asd[order[(starts + stops) // 2]])


def _shown(frequencies: FloatArray, asd: FloatArray, first: float, last: float) -> tuple[FloatArray, FloatArray]:
    kept = (frequencies >= first) & (frequencies <= last) & np.isfinite(asd) & (asd > 0)
    return frequencies[kept], asd[kept]


def _columns(
    frequencies: FloatArray, asd: FloatArray, first: float, last: float, number: int
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Cut ascending frequencies into columns even in log f, and sort each by value.

    Of the order that is returned, ``order[starts[k]:stops[k]]`` is the k-th column that is not empty.
    """
    columns = np.floor(np.log(frequencies / first) / np.log(last / first) * number)
    order = np.lexsort((asd, columns))
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    return order, starts, np.append(starts[1:], len(order))[: len(starts)]


def _limits(
    lines: list[tuple[FloatArray, FloatArray]],
    curves: list[tuple[FloatArray, FloatArray]],
    first: float,
    nyquist: float,
) -> tuple[float, float]:
    """Lowest and highest density to show: all the noise of the detectors, and the best of each curve."""
    measured = np.concatenate([_thinned(*line, first, _ROLL_OFF * nyquist)[1] for line in lines])
    best = [asd.min() for curve in curves if len(asd := _thinned(*curve, first, nyquist)[1])]
    if not len(measured):
        measured = np.array(best or [1e-23])
    # A curve far below, of a detector to come, would press the lines together.
    bottom = min(measured.min(), max(min(best, default=np.inf), measured.min() / 100))
    return 0.6 * bottom, 2 * min(measured.max(), _SHOWN * bottom)


def _top_below_legend(
    lines: list[tuple[FloatArray, FloatArray]], first: float, nyquist: float, bottom: float, names: int
) -> float:
    """The highest density to show, if a legend above the middle of the picture shall hide no spectral line."""
    ends = [first * (nyquist / first) ** part for part in _LEGEND_WIDTH]
    peak = max((asd.max() for line in lines if len(asd := _shown(*line, *ends)[1])), default=bottom)
    free = 1 - min(names * _LEGEND_LINE + _LEGEND_EDGE, 0.6)
    return float(bottom * max(peak / bottom, 1) ** (1 / free))
